"""The difference between two runs, in words: line items are matched by path, wherever they stand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from sim.events import EVENT, FUNNEL, INVENTORY, Pacing

MONEY = tuple(
    name for name in (*(EVENT.names or ()), *FUNNEL, *INVENTORY, *Pacing._fields) if "micros" in name
)
"""Every column that is money."""
PLANS = ("goal_micros", "allowance_micros", "expected_cum_micros")
"""Columns that follow the size of a budget, whether it binds or not."""


def difference(
    one: PlayedRun,
    other: PlayedRun,
    *,
    but: Collection[str] = (),
    only: Collection[str] | None = None,
    facts: bool = True,
    ordered: bool = True,
    times: int = 1,
) -> str:
    """Return the first difference between two runs, or nothing.

    Columns named by *but* may differ. With *only*, just these line items (paths) are compared, else all, and
    the supply too. Without *facts* these may differ. Unless *ordered*, events may stand in another order. All
    money of the *other* run must be this many *times* that of the *one*.
    """
    return next(_Comparison(one, other, but, only, facts, ordered, times).differences(), "")


@dataclass(frozen=True, slots=True)
class _Comparison:
    one: PlayedRun
    other: PlayedRun
    but: Collection[str]
    only: Collection[str] | None
    facts: bool
    ordered: bool
    times: int

    def differences(self) -> Iterator[str]:
        one, other, only = self.one, self.other, self.only
        paths = [path for path in one.paths if only is None or path in only]
        expected = other.paths if only is None else set(only) & set(other.paths)
        if lost := set(paths).symmetric_difference(expected):
            yield f"line items: {sorted(lost)} in one only"
            return
        yield from self._events()
        mine, theirs = ([run.paths.index(path) for path in paths] for run in (one, other))
        rows = _rows(other)
        for name, column in _rows(one).items():
            yield from self._table(name, column[mine], rows[name][theirs], paths)
        if only is not None:
            return
        for name, column in one.supply.items():
            yield from self._table(name, column[None], other.supply[name][None], ["the supply"])
        if self.facts and one.outcome.facts != other.outcome.facts:
            pairs = zip(one.outcome.facts, other.outcome.facts, strict=False)
            yield f"facts: {next((f'{a} and {b}' for a, b in pairs if a != b), 'one has more')}"

    def _events(self) -> Iterator[str]:
        one, other = self._compared_events(self.one), self._compared_events(self.other)
        if len(one) != len(other):
            yield f"events: {len(one)} and {len(other)} won slots"
            return
        for name in EVENT.names or ():
            if name in self.but:
                continue
            if name in ("line_item", "creative"):
                expected, found = _names(self.one, name)[one[name]], _names(self.other, name)[other[name]]
            else:
                expected, found = one[name] * self._factor(name), other[name]
            for k in np.flatnonzero(expected != found)[:1]:
                yield f"events: slot {one['slot_id'][k]}: {name} is {expected[k]} and {found[k]}"

    def _compared_events(self, run: PlayedRun) -> NDArray[np.void]:
        events = run.won
        if self.only is not None:
            events = events[np.array([path in self.only for path in run.paths], bool)[events["line_item"]]]
        return events if self.ordered else events[np.argsort(events["slot_id"], kind="stable")]

    def _table(
        self, name: str, one: NDArray[np.int64], other: NDArray[np.int64], owners: Sequence[str]
    ) -> Iterator[str]:
        if name in self.but:
            return
        if one.shape != other.shape:
            yield f"{name}: {one.shape[-1]} and {other.shape[-1]} hours"
            return
        expected = one * self._factor(name)
        for k, hour in np.argwhere(expected != other)[:1].tolist():
            yield f"{name} of {owners[k]} at {hour}: {expected[k, hour]} and {other[k, hour]}"

    def _factor(self, name: str) -> int:
        return self.times if name in MONEY else 1


def _rows(run: PlayedRun) -> dict[str, NDArray[np.int64]]:
    plans = {name: run.pacing(name) for name in Pacing._fields}
    return {**run.counts, **run.converted, **plans, "frequency": run.hours[-1].frequency}


def _names(run: PlayedRun, column: str) -> NDArray[np.str_]:
    if column == "line_item":
        return np.array(run.paths)
    return np.array([f"{run.paths[one.line_item]} / {one.name}" for one in run.book.creatives])
