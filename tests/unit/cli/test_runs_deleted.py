"""Runs that are kept, and runs that are deleted: chosen, previewed, and their space given back."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.cli.small import TINY, Headline, Paceline, rows, tree

_three: list[tuple[list[str], bytes]] = []
"""Their ids and their database: made once."""


@pytest.fixture
def three(paceline: Paceline, headline: Headline) -> list[str]:
    """Return the ids of three runs, the first of them kept and tagged as the second is."""
    file = Path("ads.db")
    if not _three:
        found = [headline(*TINY, "--tag", tag)["run_id"] for tag in ("old", "old", "new")]
        assert paceline("runs", "keep", found[0]).stdout == f"{found[0]}: keep old\n"
        _three.append((found, file.read_bytes()))
    file.write_bytes(_three[0][1])
    return list(_three[0][0])


def left(paceline: Paceline) -> list[str]:
    return paceline("runs", "--quiet").stdout.split()


def test_a_run_goes_with_all_its_rows_and_its_space(paceline: Paceline, three: list[str]) -> None:
    before = Path("ads.db").stat().st_size
    done = paceline("runs", "delete", three[1], three[2], "--yes", "--json")
    told = json.loads(done.stdout)
    assert told["deleted"] == [three[1], three[2]]
    assert told["freed_bytes"] == before - Path("ads.db").stat().st_size > 100_000
    assert told["rows"] == sum(one["rows"] for one in told["chosen"]) > 100
    assert left(paceline) == [three[0]]
    for table in ("performance", "inventory_hourly", "contention_daily", "delivery_events"):
        assert rows("ads.db", f"SELECT DISTINCT run_id FROM {table}") == [(three[0],)]
    assert paceline("audit").exit_code == 0


def test_space_may_stay_in_the_file(paceline: Paceline, three: list[str]) -> None:
    before = Path("ads.db").stat().st_size
    told = json.loads(paceline("runs", "delete", three[1], "--yes", "--no-vacuum", "--json").stdout)
    assert (told["deleted"], told["freed_bytes"]) == ([three[1]], None)
    assert Path("ads.db").stat().st_size == before


def test_runs_are_chosen_by_tag_and_those_that_are_kept_are_left(
    paceline: Paceline, three: list[str]
) -> None:
    done = paceline("runs", "delete", "--tag", "old", "--preview")
    lines = done.stdout.splitlines()
    assert [(line.split()[0], line.endswith("kept")) for line in lines[2:4]] == [
        (three[1], False),
        (three[0], True),
    ]
    assert lines[-1] == "Deleted    nothing"
    assert left(paceline) == three[::-1]
    assert paceline("runs", "delete", "--tag", "old", "--yes", "--quiet").stdout.split() == [three[1]]
    assert left(paceline) == [three[2], three[0]]
    assert (
        paceline("runs", "delete", "--tag", "old", "--yes").stdout.splitlines()[-1]
        == "Deleted    nothing: all are kept"
    )


def test_runs_are_chosen_by_their_age(
    paceline: Paceline, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        json.loads(paceline("runs", "delete", "--older-than", "7", "--preview", "--json").stdout)["chosen"]
        == []
    )
    later = datetime.now(UTC) + timedelta(days=8)
    monkeypatch.setattr("analysis.runs.deleting.now", lambda: later)
    told = json.loads(
        paceline("runs", "delete", "--older-than", "7", "--tag", "new", "--yes", "--json").stdout
    )
    assert told["deleted"] == [three[2]]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "say which: ids of runs, or --tag, --older-than or both"),
        ("{kept} --tag old", "say which: ids of runs, or --tag, --older-than or both"),
        ("{kept} --yes", "run {kept}: is kept; what lets it go is: paceline runs keep {kept} --remove"),
        ("nope --yes", "there is no run 'nope'; runs are {all}"),
        ("--tag new --json", "--yes: is needed where nobody can be asked; --preview says what would go"),
        ("--older-than x", '--older-than: "x" is not allowed; must be a whole number from 0 to 100000'),
        ("--tag Big", '--tag: "Big" is not allowed; must be a word of up to 40 lowercase letters, digits, `_`, `.` and `-`'),
    ],
)  # fmt: skip
def test_what_is_not_deleted(
    paceline: Paceline, three: list[str], here: Path, line: str, message: str
) -> None:
    before, names = tree(here), {"kept": three[0], "all": ", ".join(three[::-1])}
    done = paceline("runs", "delete", *line.format(**names).split())
    assert (done.exit_code, done.stderr, done.stdout) == (2, f"error: {message.format(**names)}\n", "")
    assert tree(here) == before


def test_a_run_that_is_let_go_can_be_deleted(paceline: Paceline, three: list[str]) -> None:
    assert paceline("runs", "keep", three[0], "--remove").stdout == f"{three[0]}: old\n"
    assert paceline("runs", "delete", three[0], "--yes").exit_code == 0


def test_nobody_is_asked_for_nothing(paceline: Paceline, three: list[str]) -> None:
    done = paceline("runs", "delete", "--tag", "none")
    assert (done.exit_code, done.stdout) == (0, "no run is so\nDeleted    nothing\n")


def test_a_run_is_deleted_where_somebody_says_yes(
    paceline: Paceline, three: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.cli.commands.runs.asks", lambda output: True)
    assert paceline("runs", "delete", three[1], input="n\n").exit_code == 1
    assert len(left(paceline)) == 3
    done = paceline("runs", "delete", three[1], input="y\n")
    assert (done.exit_code, len(left(paceline))) == (0, 2)
    assert "Delete 1 of them?" in done.stderr
