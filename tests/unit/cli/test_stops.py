"""Signals: one interruption for each, whenever it comes, and none where nobody listens."""

import signal
import subprocess
import sys
import time

COMMAND = (sys.executable, "-m", "sim")


def test_an_interruption_that_python_drops_comes_again() -> None:
    program = """
import signal, time
from sim.front import Stops

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


def test_ctrl_c_during_the_first_moments_shows_no_traceback() -> None:
    for wait in (0.03, 0.08, 0.15):
        started = subprocess.Popen([*COMMAND, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        time.sleep(wait)
        started.send_signal(signal.SIGINT)
        _, told = started.communicate(timeout=60)
        assert b"Traceback" not in told
