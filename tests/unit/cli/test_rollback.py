"""A run that fails or is interrupted leaves everything as it was."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from copy import copy
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from analysis.runs import simulate as runs
from analysis.runs.rollback import database
from sim.cli.app import app
from sim.cli.stops import Stops
from tests.unit.cli.small import TINY, Headline, Paceline, rows, standing, tree

LARGE = ("simulate", "smoke", "--set", "market.days=30", "--workers", "2")
"""Long enough to be stopped in the middle."""


class Trouble:
    """Lets a run fail when it has come so far."""

    def __init__(self, error: BaseException) -> None:
        self.error, self.calls = error, 0

    def __call__(self, *_: Any, **__: Any) -> None:
        self.calls += 1
        if self.calls % 10 == 0:
            raise self.error


def told_as_error(text: str) -> str:
    """Return what was said on stderr without the warnings before it."""
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("warning: "))


FAULTS = [
    (OSError(28, "No space left on device"), "no space left on device"),
    (PermissionError(13, "Permission denied", "spool"), "spool: permission denied"),
    (MemoryError(), "out of memory"),
    (pl.exceptions.ComputeError("bad\nworse"), "unexpected ComputeError: bad; --debug shows where"),
    (ZeroDivisionError("by 0"), "unexpected ZeroDivisionError: by 0; --debug shows where"),
    (KeyboardInterrupt("interrupted"), "interrupted; nothing was stored, the database is as it was"),
]


@pytest.mark.parametrize(("error", "message"), FAULTS, ids=[type(error).__name__ for error, _ in FAULTS])
def test_whatever_happens_in_mid_run(
    paceline: Paceline,
    headline: Headline,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    message: str,
) -> None:
    headline(*TINY, "--events", "events")
    before = tree(here.parent)
    for there in ("ads.db", "new.db"):
        # Another one each time: what a run is told to whoever is to resume it is noted on it.
        monkeypatch.setattr("sim.cli.progress.RunProgress.__call__", Trouble(copy(error)))
        done = paceline("simulate", *TINY, "--seed", "3", "--events", "events/deep", "--db", there)
        assert done.exit_code == 1
        assert [line for line in done.stderr.splitlines() if not line.startswith("warning: ")] == [
            "; ".join(
                [
                    f"error: {message}",
                    *(
                        f"go on with: paceline resume {one.name} --db {there}"
                        for one in here.glob(f"{there}.unfinished/*")
                    ),
                ]
            )
        ]
        assert standing(here.parent) == before


def test_bad_input_that_only_the_registry_knows(paceline: Paceline, here: Path) -> None:
    (here / "none.yml").write_text("name: none\nmarket: {days: 1, population: {viewers: 1000}}\n")
    before = tree(here.parent)
    done = paceline("simulate", "none.yml")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: scenario none: nobody bids, the registry has no active line item; ")
    assert tree(here.parent) == before


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("ads.db", "database ads.db: is not writable"),
        (".", "database ads.db: the folder . is not writable"),
        ("events", "events events: is not writable"),
    ],
)
def test_what_is_not_writable_is_told_before_the_run(
    paceline: Paceline,
    headline: Headline,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    message: str,
) -> None:
    headline(*TINY, "--events", "events")
    before, real = tree(here.parent), os.access
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != place and real(path, mode))
    done = paceline("simulate", *TINY, "--events", "events")
    assert (done.exit_code, done.stderr) == (2, f"error: {message}\n")
    assert tree(here.parent) == before


def test_an_empty_file_is_empty_again(
    paceline: Paceline, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("ads.db").touch()
    monkeypatch.setattr("sim.cli.progress.RunProgress.__call__", Trouble(OSError(5, "Input/output error")))
    done = paceline("simulate", "smoke")
    assert done.stderr == "error: input/output error\n"
    assert Path("ads.db").read_bytes() == b""


def test_a_new_database_that_someone_else_began_to_use_stays(here: Path) -> None:
    def fail() -> None:
        with database("ads.db", create=True):
            assert CliRunner().invoke(app, ["create-profile", "--db", "ads.db"]).exit_code == 0
            raise OSError("mine")

    with pytest.raises(OSError, match="mine"):
        fail()
    assert rows("ads.db", "SELECT count(*) FROM campaigns") == [(4,)]


@pytest.mark.parametrize(
    ("number", "there", "word"),
    [(signal.SIGINT, True, "interrupted"), (signal.SIGTERM, False, "terminated")],
    ids=["ctrl-c", "terminate"],
)
def test_a_signal_in_mid_run(
    headline: Headline, here: Path, number: signal.Signals, there: bool, word: str
) -> None:
    if there:
        headline(*TINY)
    before = tree(here.parent)
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *LARGE, "--events", "events"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(runs.__file__).parents[2])},
    )
    while not any(here.glob("events/**/*.parquet.partial")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(number)
    process.send_signal(number)
    time.sleep(0.05)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    (left,) = here.glob("ads.db.unfinished/*")
    told = f"error: {word}; nothing was stored, the database is as it was; go on with: paceline resume {left.name} --db ads.db\n"
    assert told_as_error(errors) == told
    assert standing(here.parent) == before


def test_a_signal_at_the_commit_waits_because_the_run_is_complete(here: Path) -> None:
    stops = Stops()
    done = CliRunner().invoke(app, ["simulate", "smoke"], obj=stops)
    assert done.exit_code == 0
    assert stops.held
    stops._stop(signal.SIGINT, None)  # says nothing


def test_a_second_signal_does_not_break_off_the_cleaning() -> None:
    stops = Stops()
    stops.working = True  # or the process would end
    with pytest.raises(KeyboardInterrupt, match="terminated"):
        stops._stop(signal.SIGTERM, None)
    stops._stop(signal.SIGINT, None)
    stops.CLEANING_S = 0.0
    with pytest.raises(KeyboardInterrupt, match="interrupted"):
        stops._stop(signal.SIGINT, None)


def test_a_reader_that_left_is_no_error(here: Path) -> None:
    root = str(Path(runs.__file__).parents[2])
    line = f"{sys.executable} -m sim list pacers 2> errors | true; cat errors"
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": root}
    )
    assert done.stdout == ""
