"""The notebook runs as a script, and says in words what it found."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine

from analysis.delivery import charts
from analysis.runs.columns import BookColumns
from tests.unit.analysis.synthetic import store_run

NOTEBOOK = Path(charts.__file__).parents[1] / "notebooks" / "delivery.py"


def run(*arguments: str, **settings: str) -> str:
    environment = {**os.environ, **settings, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-W", "error", str(NOTEBOOK), *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


def test_it_shows_the_latest_run_or_the_one_asked_for(engine: Engine, book: BookColumns) -> None:
    for run_id, hours in (("r1", 2), ("r2", 30)):
        store_run(engine, book, run_id, hours)
    path = str(engine.url.database)
    latest = run("--", "--db", path)
    assert "of 3 line items" in latest
    asked = run("--", "--db", path, "--run", "r1")
    assert "of 3 line items" in asked
    assert asked != latest
    assert run(DATABASE_URL=path) == latest
    assert run("--", "--db", path, "--run", "r3").startswith("There is no run r3 in ")


def test_it_is_friendly_when_there_is_nothing_to_show(engine: Engine, tmp_path: Path) -> None:
    assert "no finished run" in run("--", "--db", str(engine.url.database))
    assert "there is no database" in run("--", "--db", str(tmp_path / "none.db"))
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("word", ["delivery_chart", "spend_chart", "reach_chart", "outcome_chart"])
def test_it_shows_every_chart(word: str) -> None:
    assert f"charts.{word}(" in NOTEBOOK.read_text()
