"""What notebooks have in common: the database they look at, the choice of a run, and plain sentences.

A notebook is a page in a browser, and a script that says in words what it found. Where there is nothing to
show it stops with a sentence, and not with a traceback.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import marimo as mo
from sqlalchemy import Engine

from analysis.charts.figure import Figure
from analysis.runs import stored
from analysis.runs.stored import StoredRun
from entities import registry

_MARKDOWN = re.compile(r"[$&<>`*_~\[\]\\|#]")


@dataclass(frozen=True)
class Page:
    """A database that a notebook shows."""

    db: str
    """What it is called."""
    engine: Engine
    runs: dict[str, StoredRun]
    """By id, the latest first."""

    def picker(self, label: str = "Run") -> mo.ui.dropdown:
        """Return the choice of a run, of which `--run` is the first, or else the latest.

        The page ends here with a sentence where there is no such run, or none at all.
        """
        if not self.runs:
            stop(f"There is no finished run in {self.db} yet; `paceline simulate` makes one.")
        latest = next(iter(self.runs))
        asked = _argument("run") or latest
        names = {f"{run_id}, seed {run.row.seed}": run_id for run_id, run in self.runs.items()}
        first = next((name for name, run_id in names.items() if run_id == asked), None)
        if first is None:
            stop(f"There is no run {asked} in {self.db}; the latest is {latest}.")
        return mo.ui.dropdown(names, value=first, label=label, full_width=True)


def opened() -> Page:
    """Return the database of `--db` or of DATABASE_URL, ads.db where there is neither, and its finished runs.

    The events that `--events` or EVENTS names are the runs'. The page ends with a sentence where the database
    cannot be read.
    """
    db = _argument("db") or os.environ.get("DATABASE_URL") or "ads.db"
    events = _argument("events") or os.environ.get("EVENTS")
    try:
        engine = registry.make_engine(db)
        found = stored.runs(engine, Path(events) if events else None)
    except (registry.DatabaseError, registry.InputError) as error:
        stop(f"Nothing to show: {error}.")
    return Page(registry.name_of(engine), engine, {run.run_id: run for run in found})


def chosen(
    options: Sequence[str] | Mapping[str, str],
    label: str,
    *,
    first: str | None = None,
    empty: str = "",
    wide: bool = False,
) -> mo.ui.dropdown:
    """Return the choice of one of some *options*, values by what they are called where they are a mapping.

    The value *first* is chosen first. Where there is none to choose the page ends with the sentence *empty*.
    A *wide* one stands alone, below its label, so that long names do not push it off a phone.
    """
    named = dict(options) if isinstance(options, Mapping) else {each: each for each in options}
    if not named:
        stop(empty or f"There is no {label.lower()} to choose.")
    at = next((name for name, value in named.items() if value == first), next(iter(named)))
    return mo.ui.dropdown(named, value=at, label=label, full_width=wide)


def line_items(names: Sequence[str], label: str = "Line item") -> mo.ui.dropdown:
    """Return the choice of a line item, the first of *names* at first."""
    return chosen(names, label, empty="This run has no line items.", wide=True)


def by_name(paths: Iterable[str]) -> dict[str, str]:
    """Return the paths of line items by their own names, or by the whole path where several bear it."""
    paths = list(paths)
    own = [path.rpartition(" / ")[2] for path in paths]
    return {name if own.count(name) == 1 else path: path for name, path in zip(own, paths, strict=True)}


def label(text: str) -> str:
    """Return the label of a control, as wide as those beside and below it."""
    return f'<span style="display: inline-block; width: 8.5rem">{plain(text)}</span>'


def say(text: str) -> None:
    """Print *text* where the notebook runs as a script, which shows nothing of its cells."""
    if mo.app_meta().mode == "script":
        sys.stdout.write(f"{text}\n")


def shown(figure: Figure) -> Figure:
    """Return a *figure* to be shown, after its finding is said."""
    say(f"{figure.finding}.")
    return figure


def stop(sentence: str) -> NoReturn:
    """End the page with a *sentence* in the place of all that would follow."""
    say(sentence)
    mo.stop(True, note(sentence))
    raise AssertionError


def note(sentence: str) -> Any:
    """Return a *sentence* as a notice, for what cannot be shown; backticks are around commands."""
    return mo.callout(mo.md(plain(sentence).replace("&#96;", "`")), kind="warn")


def plain(text: str) -> str:
    """Return *text* for the inside of Markdown, where every sign of it stands for itself."""
    return _MARKDOWN.sub(lambda sign: f"&#{ord(sign.group())};", text)


def _argument(name: str) -> str | None:
    # A cell that Jupyter runs has no arguments.
    value = mo.cli_args().get(name) if mo.app_meta().mode else None
    return str(value) if value else None
