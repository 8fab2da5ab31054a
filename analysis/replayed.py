"""What notebooks play again: at once where it is soon done, else when a button is pressed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import marimo as mo
import polars as pl

from analysis import page
from analysis.runs.playing import available_workers
from analysis.runs.stored import StoredRun
from entities.errors import InputError, PacelineError

SOON = 10.0
"""Seconds that a page may take without being asked."""
_SLOW, _START = 400_000, 0.2
"""Auctions a second, and seconds besides, of a slow market [assumption]: what a run took may have compiling
in it."""
Found = TypeVar("Found")


def seconds(run: StoredRun, times: int = 1) -> float:
    """Return about how long it takes to play *run* so many *times*."""
    return times * min(run.seconds, run.auctions / _SLOW + _START)


def button(seconds: float) -> mo.ui.run_button:
    """Return the button that plays what takes so long."""
    length = f"{seconds:,.0f} s" if seconds < 100 else f"{seconds / 60:,.0f} minutes"
    return mo.ui.run_button(label=f"Play (about {length})")


def offered(pressed: mo.ui.run_button, seconds: float) -> list[mo.ui.run_button]:
    """Return the button where it has to be pressed, and else nothing."""
    return [pressed] if seconds > SOON else []


def wanted(pressed: mo.ui.run_button, seconds: float) -> bool:
    """Return True; the page ends here with a sentence until the button is *pressed*, if it has to be."""
    if seconds > SOON and not pressed.value:
        page.stop("This takes a while to play, and begins when the button is pressed.")
    return True


def played(play: Callable[[], Found]) -> Found:
    """Return what *play* finds; the page ends here with a sentence where it is refused."""
    with mo.status.spinner("Playing the run again"):
        return tried(play)


def tried(find: Callable[[], Found]) -> Found:
    """Return what *find* finds; the page ends here with a sentence where that is refused."""
    try:
        return find()
    except PacelineError as error:
        page.stop(f"This cannot be shown: {error}.")


def events(run: StoredRun) -> pl.LazyFrame | None:
    """Return the won slots of *run*, or None where none were kept, or none are found."""
    try:
        found = run.events
        found.collect_schema()
    except (InputError, pl.exceptions.ComputeError):
        return None
    return found


def workers() -> int:
    """Return how many threads to play with."""
    return available_workers(None)
