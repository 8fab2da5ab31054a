"""The scorecard: a run is played again, and each figure held against its range."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import cast

from analysis.realism import people, quality, trading, viewing
from analysis.realism.counted import Counted
from analysis.realism.figures import Figure, Seen
from analysis.realism.observed import Observed
from analysis.realism.ranges import RANGES, Range, given
from analysis.runs.played import PlayedRun
from analysis.runs.playing import OnProgress, play
from analysis.runs.run import Run
from analysis.runs.stored import StoredRun
from analysis.runs.versions import version
from entities.errors import InputError
from sim.book.records import Book
from sim.engine.traffic import Loops


class Verdict(StrEnum):
    """What comes of holding a figure against its range."""

    inside = "inside"
    out = "out"
    not_comparable = "not comparable"
    not_measured = "not measured"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, and what is published."""

    range: Range
    figure: float | None
    verdict: Verdict
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """Whether a run is like the markets that are published."""

    run_id: str
    scenario: str
    rows: tuple[Row, ...]
    code_changed: bool
    """Whether the code has changed since the run, so that the figures are those of today's."""
    seconds: float
    """How long it took to play the run again."""

    @property
    def out(self) -> tuple[Row, ...]:
        """Return the rows whose figure lies outside its range."""
        return tuple(row for row in self.rows if row.verdict == Verdict.out)


MEASURES: Mapping[str, Callable[[Seen], Figure]] = {
    "hours_a_month": viewing.hours_a_month,
    "ad_minutes_an_hour": viewing.ad_minutes_an_hour,
    "top_tenth": viewing.top_tenth,
    "weekday_variation": viewing.weekday_variation,
    "peak_hour": viewing.peak_hour,
    "fill": trading.fill,
    "price_spread": trading.price_spread,
    "exact_ties": trading.exact_ties,
    "shading": trading.shading,
    "inside_the_hour": trading.inside_the_hour,
    "forecast_error": viewing.forecast_error,
    "frequency": people.frequency,
    "frequency_10_plus": people.frequency_10_plus,
    "completion_tv": quality.completion_tv,
    "completion_elsewhere": quality.completion_elsewhere,
    "viewability": quality.viewability,
    "invalid": quality.invalid,
}
"""What finds each figure, in the order of the ranges."""


def scorecard(
    run: Run,
    ranges: Mapping[str, tuple[float, float]] | None = None,
    *,
    workers: int = 1,
    progress: OnProgress = None,
) -> Scorecard:
    """Return the figures of *run* against their ranges, of which those in *ranges* are others.

    The run is played again from what was asked of it, as `reproduce` does, since its rows have neither who
    watches nor when in the hour a slot is won. Nothing is stored or kept. InputError for unknown ranges, and
    where this version cannot read the run.
    """
    bounds = given(ranges or {})
    scenario, book = run.scenario, _book(run)
    clock = time.perf_counter()
    counted, observed = Counted(book), Observed(len(scenario.market.regions))
    with run.unchanged() if isinstance(run, StoredRun) else nullcontext():
        play(scenario, book, counted.add, workers=workers, progress=progress, loops=cast("Loops", observed))
    seen = Seen(scenario, book, counted, observed)
    rows = tuple(_held(bounds[name], MEASURES[name](seen)) for name in RANGES)
    changed = run.spec.code != version("code")
    return Scorecard(run.run_id, scenario.name, rows, changed, time.perf_counter() - clock)


def _book(run: Run) -> Book:
    if isinstance(run, StoredRun):
        return run.book_as_stored
    if isinstance(run, PlayedRun):
        return run.book
    raise InputError(f"{run!r}: neither stored nor in memory")


def _held(bounds: Range, found: Figure) -> Row:
    if found.value is None:
        return Row(bounds, None, Verdict.not_measured, found.note)
    if not found.comparable:
        return Row(bounds, found.value, Verdict.not_comparable, found.note)
    inside = bounds.least <= found.value <= bounds.most
    return Row(bounds, found.value, Verdict.inside if inside else Verdict.out, found.note)
