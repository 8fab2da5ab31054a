"""Signals: one interruption for each, whenever it comes, and none where nobody listens."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from entities import registry


def test_an_interruption_that_python_drops_comes_again() -> None:
    program = """
import signal, time
from sim.cli.stops import Stops

class Freed:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)

Stops().install().working = True
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


STARTS = """
import signal, sys
from sim.__main__ import main

moment, seen = sys.argv.pop(1), []

def called(frame, event, _):
    if event == "call" and f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}" == moment and not seen:
        seen.append(1)
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)

sys.setprofile(called)
sys.argv[0] = "paceline"
main()
"""
LINE = (1, "error: interrupted\n")


@pytest.mark.parametrize(
    "moment",
    [
        "sim.cli.app.<module>",
        "sim.cli.options.<module>",
        "typer.main.get_command",
        "sim.cli.errors.main",
        "sim.cli.options.database_name",
        "sim.cli.errors.invoke",
        "sim.cli.stops.at_work",
        "entities.dialects.sqlite._begin",
        "logging.shutdown",
    ],
)
def test_ctrl_c_is_one_line_and_one_code_whenever_it_comes(moment: str, tmp_path: Path) -> None:
    command = [sys.executable, "-c", STARTS, moment, "status", "--db", str(tmp_path / "ads.db")]
    registry.init_db(registry.make_engine(tmp_path / "ads.db"))
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    over = (0, "") if moment == "logging.shutdown" else LINE  # its result is out by then
    assert (done.returncode, done.stderr) == over


def test_a_process_that_is_told_to_ignore_ctrl_c_does_so_within_polars_too() -> None:
    program = """
import signal, threading
from sim.cli.stops import Stops
Stops().install()
import polars as pl

def press(column):
    signal.raise_signal(signal.SIGINT)
    return column

print(pl.LazyFrame({"a": [1, 2]}).select(pl.col("a").map_batches(press)).collect()["a"].sum())
"""
    command = ["/bin/sh", "-c", 'trap \'\' INT; exec "$0" -c "$1"', sys.executable, program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")


def test_ctrl_c_is_heard_while_a_lock_is_waited_for(tmp_path: Path) -> None:
    name = str(tmp_path / "ads.db")
    subprocess.run([sys.executable, "-m", "sim", "init-db", "--db", name], check=True, timeout=60)
    # It is pressed in the second wait for the lock, of many.
    program = """
import signal, sqlite3, sys
from entities.dialects import sqlite
from sim.__main__ import main

tries = []
real = sqlite._begun

def begun(*about, **more):
    tries.append(1)
    if len(tries) == 2:
        signal.raise_signal(signal.SIGINT)
    return real(*about, **more)

sqlite._begun = begun
sys.argv = ["paceline", *sys.argv[1:]]
main()
"""
    for command in (["status"], ["create-advertiser", "--name", "A", "--category", "travel"]):
        with sqlite3.connect(name, isolation_level=None) as other:
            other.execute("BEGIN EXCLUSIVE")
            done = subprocess.run(
                [sys.executable, "-c", program, *command, "--db", name],
                capture_output=True,
                text=True,
                timeout=25,  # less than it would wait
                check=False,
            )
            other.execute("ROLLBACK")
        assert (done.returncode, done.stderr) == LINE


def test_what_breaks_off_the_clean_up_of_sqlalchemy_shows_no_traceback() -> None:
    program = """
import logging
from sim.cli.stops import Stops
Stops().install()
from sqlalchemy import create_engine

class Broken(Exception):
    pass

engine = create_engine("sqlite://")
connection = engine.connect()
def rollback(_):
    raise Broken("while it is reset")
engine.dialect.do_rollback = rollback
connection.exec_driver_sql("SELECT 1")
connection._transaction = None
try:
    connection.close()
except Broken:
    pass
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stderr == ""
