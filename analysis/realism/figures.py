"""The measures' common ground: what they look at, and what each of them finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from analysis.realism.counted import Counted
from analysis.realism.observed import Observed
from scenarios.models import Scenario
from sim.book.records import Book


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as it was seen."""

    scenario: Scenario
    book: Book
    counted: Counted
    observed: Observed


class Figure(NamedTuple):
    """What a measure found."""

    value: float | None
    """None where there is none."""
    note: str = ""
    """Why there is none, or why it cannot be held against the range; else whose it is."""
    comparable: bool = True


def none(why: str) -> Figure:
    """Return that there is no figure, and why."""
    return Figure(None, why, comparable=False)


def share(part: float, of: float, why: str) -> Figure:
    """Return a ratio, or why there is none where it would be of nothing."""
    return Figure(part / of) if of else none(why)
