"""Signals: one interruption for each, whenever it comes, and none where nobody listens."""

import signal
import subprocess
import sys


def test_an_interruption_that_python_drops_comes_again() -> None:
    program = """
import signal, time
from sim.cli.errors import Stops

class Freed:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

Stops().install()
try:
    Freed()
    time.sleep(30)
except KeyboardInterrupt as stop:
    print("stopped:", stop)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert (done.stdout, done.stderr) == ("stopped: interrupted\n", "")


def test_nobody_is_told_where_both_outputs_are_closed() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m sim list pacers >&- 2>&-', sys.executable], timeout=60, check=False
    )
    assert done.returncode == 0


def test_ctrl_c_while_the_command_is_imported_ends_it_without_a_word() -> None:
    program = """
import signal, sys
from sim.__main__ import main

class Pressed:
    def find_spec(self, name, *_):
        if name == "sim.cli.app":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Pressed())
main()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")
