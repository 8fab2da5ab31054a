"""Every notebook runs as a script on a run, on one that delivered nothing, and where there is nothing at all.

Whoever adds a notebook adds a test: it is found by being there.
"""

from __future__ import annotations

import re
import runpy
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import marimo as mo
import pytest

import analysis
import paceline
from analysis.charts.figure import MOST_ROWS, Figure
from entities import registry

NOTEBOOKS = sorted((Path(analysis.__file__).parent / "notebooks").glob("*.py"))
DATABASES = ("played", "undelivered", "empty", "none")
SMALL = {"market.shards": 1, "market.population.viewers": 1000}

STUDY = """
name: pacing
base: smoke
set: {market.shards: 1, market.population.viewers: 1000}
arms:
  even: {"line_item[TV*].pacing": even}
  asap: {"line_item[TV*].pacing": asap}
replications: 3
"""


class Shown(NamedTuple):
    """What a notebook came to."""

    said: str
    figures: list[Figure]


Show = Callable[..., Shown]


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of one database of each kind, made once for all notebooks, and of events."""
    folder = tmp_path_factory.mktemp("notebooks")
    played = paceline.simulate("smoke", set=SMALL, workers=1)
    played.save(folder / "played.db", folder / "events")
    broke = {**SMALL, "line_item[*].max_cpm": 1}
    with warnings.catch_warnings(action="ignore"):  # of bids that never win, which is the point
        paceline.simulate("smoke", set=broke, workers=1).save(folder / "undelivered.db")
    (folder / "pacing.yml").write_text(STUDY)
    paceline.study(folder / "pacing.yml", folder / "played.db", workers=1)
    registry.init_db(registry.make_engine(folder / "empty.db"))
    return folder


@pytest.fixture
def show(databases: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Show:
    """Run a notebook as `python NOTEBOOK -- --db ...` does, in this process, and draw all that it shows."""

    def show(notebook: Path, database: str, *arguments: str) -> Shown:
        figures: list[Figure] = []

        def drawn(figure: Figure) -> mo.Html:
            figures.append(figure)
            return mo.Html("")

        db, events = str(databases / f"{database}.db"), str(databases / "events")
        monkeypatch.setattr(sys, "argv", [str(notebook), "--", "--db", db, "--events", events, *arguments])
        with monkeypatch.context() as patched:
            patched.setattr(Figure, "_display_", drawn)
            outputs, _ = runpy.run_path(str(notebook))["app"].run()
            for output in outputs:
                mo.as_html(output)
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Shown(printed.out, figures)

    return show


def needs(notebook: Path) -> str:
    return re.findall(r"^Needs: (.*)\.$", notebook.read_text(encoding="utf-8"), re.MULTILINE)[0]


CASES = [
    pytest.param(notebook, database, id=f"{notebook.stem}-{database}")
    for notebook in NOTEBOOKS
    for database in (("none",) if needs(notebook) == "nothing" else DATABASES)
]


@pytest.mark.parametrize(("notebook", "database"), CASES)
def test_a_notebook_says_in_words_what_it_found(
    notebook: Path, database: str, show: Show, databases: Path
) -> None:
    said, figures = show(notebook, database)
    lines = said.splitlines()
    assert lines
    assert all(line.endswith((".", "?")) for line in lines), lines
    for figure in figures:
        assert figure.finding[0].isupper() or figure.finding[0].isdigit(), figure.finding
        assert not figure.finding.endswith(" "), figure.finding
        assert figure.about or not figure.panels
        for specification in figure.drawn(checked=True):
            assert sum(map(len, specification.get("datasets", {}).values())) <= MOST_ROWS
            assert specification["description"] == figure.finding
    if database == "played" or needs(notebook) == "nothing":
        assert any(figure.panels for figure in figures)
    assert not (databases / "none.db").exists()


def test_the_run_that_is_asked_for_is_shown(show: Show) -> None:
    delivery = next(path for path in NOTEBOOKS if path.stem == "delivery")
    said = show(delivery, "played", "--run", "smoke-0").said
    assert said.startswith("There is no run smoke-0 in ")
    assert said.endswith("\n")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_what_it_is_and_what_it_needs(notebook: Path) -> None:
    head = notebook.read_text(encoding="utf-8").partition("import marimo")[0]
    lines = head.strip().strip('"').strip().splitlines()
    assert lines[0].endswith((".", "?"))
    assert lines[-1] in {"Needs: a run.", "Needs: a study.", "Needs: nothing."}
