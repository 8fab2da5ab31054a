"""The notebook runs as a script, and says in words what it found."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from analysis.delivery import charts
from analysis.rows.columns import BookColumns
from tests.unit.analysis.synthetic import store_run

Run = Callable[..., str]
NOTEBOOK = Path(charts.__file__).parents[1] / "notebooks" / "delivery.py"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the notebook as `python delivery.py ...` does, in this process, and return what it prints."""

    def run(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", [str(NOTEBOOK), *arguments])
        runpy.run_path(str(NOTEBOOK), run_name="__main__")
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return printed.out

    return run


def test_it_shows_the_latest_run_or_the_one_asked_for(
    run: Run, engine: Engine, book: BookColumns, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run_id, hours in (("r1", 2), ("r2", 30)):
        store_run(engine, book, run_id, hours)
    path = str(engine.url.database)
    latest = run("--", "--db", path)
    assert "of 3 line items" in latest
    asked = run("--", "--db", path, "--run", "r1")
    assert "of 3 line items" in asked
    assert asked != latest
    assert run("--", "--db", path, "--run", "r3").startswith("There is no run r3 in ")
    monkeypatch.setenv("DATABASE_URL", path)
    assert run() == latest


def test_it_is_friendly_when_there_is_nothing_to_show(run: Run, engine: Engine, tmp_path: Path) -> None:
    assert "no finished run" in run("--", "--db", str(engine.url.database))
    assert "there is no database" in run("--", "--db", str(tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("word", ["delivery_chart", "spend_chart", "reach_chart", "outcome_chart"])
def test_it_shows_every_chart(word: str) -> None:
    assert f"charts.{word}(" in NOTEBOOK.read_text()
