"""`paceline resume`: a run that was broken off goes on, is named, or is removed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.small import TINY, Paceline

OFTEN = ("--keep-every", "hours:5")


@pytest.fixture
def broken_off(paceline: Paceline, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the id of a run that was interrupted after twelve hours."""
    left = _broken_off(paceline, monkeypatch)
    return left[0]


def _broken_off(paceline: Paceline, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    def stop(_: Any, progress: Any) -> None:
        if progress.hour == 12:
            raise KeyboardInterrupt("interrupted")

    with monkeypatch.context() as trouble:
        trouble.setattr("sim.cli.progress.RunProgress.__call__", stop)
        assert paceline("simulate", *TINY, *OFTEN).exit_code == 1
    return sorted(path.name for path in Path("ads.db.unfinished").iterdir())


def test_it_goes_on_to_the_same(paceline: Paceline, broken_off: str) -> None:
    done = paceline("resume", "--json", "--workers", "2")
    assert done.exit_code == 0, done.stderr
    resumed = json.loads(done.stdout)
    assert resumed["run_id"] == broken_off
    assert not Path("ads.db.unfinished").exists()
    again = json.loads(paceline("simulate", *TINY, "--json").stdout)
    assert (resumed["digest"], resumed["auctions"]) == (again["digest"], again["auctions"])
    assert paceline("audit", broken_off).exit_code == 0


def test_people_see_from_where_it_goes_on_and_what_came_of_it(paceline: Paceline, broken_off: str) -> None:
    done = paceline("resume", broken_off)
    assert done.exit_code == 0, done.stderr
    assert f"{broken_off}: goes on after 10 hours" in done.stdout
    assert f"Next       paceline audit {broken_off}" in done.stdout
    assert paceline("resume").stderr == "error: no run of this database was broken off\n"


def test_status_names_it(paceline: Paceline, broken_off: str) -> None:
    # Of its first run the database has nothing yet, and is not there.
    done = paceline("status")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: there is no database ads.db; ")
    assert done.stderr.endswith(
        f"; run {broken_off} goes on after 10 hours, with: paceline resume {broken_off} --db ads.db\n"
    )
    paceline("init-db")
    done = paceline("status")
    assert f"Unfinished {broken_off} goes on after 10 hours" in " ".join(done.stdout.split())
    (left,) = json.loads(paceline("status", "--json").stdout)["unfinished"]
    assert left == {"run_id": broken_off, "hours": 10, "plays": False}


def test_it_is_removed(paceline: Paceline, broken_off: str) -> None:
    done = paceline("resume", "--discard")
    assert (done.exit_code, done.stdout) == (0, f"{broken_off}: discarded\n")
    assert not Path("ads.db.unfinished").exists()


def test_one_of_several_is_asked_for(
    paceline: Paceline, broken_off: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = _broken_off(paceline, monkeypatch)
    assert len(both) == 2
    done = paceline("resume")
    told = ", ".join(f"{one} goes on after 10 hours" for one in both)
    assert (done.exit_code, done.stderr) == (2, f"error: which run? {told}\n")
    done = paceline("resume", "nosuch")
    assert (done.exit_code, done.stderr) == (2, f"error: run nosuch: was not broken off; {told}\n")
    assert paceline("resume", broken_off, "-q").stdout == f"{broken_off}\n"


@pytest.mark.parametrize("form", ["hours:0", "5", "minutes:10001"])
def test_how_often_a_run_is_kept_has_bounds(paceline: Paceline, form: str) -> None:
    done = paceline("simulate", *TINY, "--keep-every", form)
    assert done.exit_code == 2
    assert done.stderr.startswith(f'error: --keep-every: "{form}" is not allowed; must be minutes:N of work')
