"""The verification runs, a part of it and small; and a market that is wrong fails it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from analysis.verify import run
from analysis.verify.subjects import Subject, subjects, weather
from sim.auction.first_price import FirstPrice
from sim.auction.second_price import SecondPrice
from sim.cli.app import app

SMALL = 20_000
UNIFORM = "second_price 5 bidders, uniform"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "AUCTIONS", SMALL)
    monkeypatch.setattr(weather, "DAYS", 100)


@pytest.fixture
def wrong_price(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SecondPrice, "price", FirstPrice.price)


def paceline(*args: str) -> Result:
    return CliRunner().invoke(app, ["verify", *args], prog_name="paceline")


def test_there_are_enough_checks_and_each_is_said_once() -> None:
    said = [(subject.name, check.setting) for subject in subjects() for check in subject.checks]
    assert len(set(said)) == len(said)
    for subject in subjects():
        assert subject.title
        assert subject.checks


WHOLE = {
    "conversions",
    "deals",
    "exposures",
    "identities",
    "lawbook",
    "pacers",
    "pods",
    "replays",
    "schedules",
}
"""Subjects of which every check has a test beside this one."""


@pytest.mark.parametrize(
    "subject", [one for one in subjects() if one.name not in WHOLE], ids=lambda subject: subject.name
)
def test_a_subject_passes_at_any_size(subject: Subject) -> None:
    found = list(run.verify([subject.checks[0]]))
    assert found
    assert [one.row for one in found if not one.row.passes] == []


@pytest.mark.usefixtures("wrong_price")
def test_a_wrong_price_is_found() -> None:
    found = {one.row.name: one.row for one in run.verify(run.chosen(UNIFORM.split()))}
    assert not found["revenue per auction"].passes
    assert found["revenue per auction"].simulated == pytest.approx(5 / 6, abs=0.01)
    assert found["welfare per auction"].passes


def test_the_command_prints_a_table_that_fits_and_ends_with_the_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = paceline("--only", UNIFORM)
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line.split()[-1] for line in lines if line.startswith("    revenue")] == ["pass"]
    assert lines[-1].startswith("5 of 5 rows pass, from 1 market. It took ")


@pytest.mark.usefixtures("wrong_price")
def test_the_command_fails_where_a_row_does() -> None:
    done = paceline("--only", UNIFORM)
    assert done.exit_code == 3
    assert "FAIL" in done.stdout
    quiet = paceline("--only", UNIFORM, "--quiet")
    assert quiet.exit_code == 3
    assert quiet.stdout.splitlines()[0].endswith("5 bidders, uniform values: revenue per auction")


def test_as_json() -> None:
    done = paceline("--only", UNIFORM, "--json")
    answer = json.loads(done.stdout)
    assert (done.exit_code, answer["failed"], answer["passed"]) == (0, 0, len(answer["rows"]))
    first = answer["rows"][0]
    assert first["exact"] == pytest.approx(2 / 3)
    assert abs(first["simulated"] - first["exact"]) <= first["tolerance"]


def test_words_that_nothing_has() -> None:
    done = paceline("--only", "qqqq zzzz")
    assert done.exit_code == 2
    assert done.stderr.startswith("error: --only qqqq zzzz: no check has that in its words; subjects are ")


def test_the_page_is_the_same_each_time(tmp_path: Path) -> None:
    texts = []
    for name in ("a.md", "b.md"):
        assert paceline("--only", UNIFORM, "--quiet", "--page", str(tmp_path / name)).exit_code == 0
        texts.append((tmp_path / name).read_text())
    assert texts[0] == texts[1] == run.page(list(run.verify(run.chosen(UNIFORM.split()))))
    assert "| 5 bidders, uniform values | revenue per auction | 0.666667 |" in texts[0]
    assert "5 of 5 rows pass, from 1 market." in texts[0]
