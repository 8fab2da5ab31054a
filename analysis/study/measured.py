"""What one replication comes to: hours go in, and a few sums stay, of which every metric is made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from entities.enums.outcomes import COUNTED
from entities.registry import ENDLESS, amount_micros
from sim.book.records import Book
from sim.events import CONVERSIONS, FREQUENCY_BUCKETS, FUNNEL, INVENTORY, Hour

_FLAGS = tuple(outcome.name for outcome in COUNTED)
_CREDITED = [CONVERSIONS.index("view_through"), CONVERSIONS.index("click_through")]
_SPEND = FUNNEL.index("spend_micros")
_ENDLESS = amount_micros(ENDLESS)
_MINUTES = 60


class Measured:
    """A sink that keeps of a run what metrics need, and no event; its arrays are int64."""

    def __init__(self, book: Book, hours: int) -> None:
        items = len(book.line_items)
        self.paths = tuple(item.path for item in book.line_items)
        self._lifetime = [item.lifetime_micros for item in book.line_items]
        self.funnel = np.zeros((items, len(FUNNEL)), np.int64)
        self.spent, self.expected = np.zeros((2, items, hours), np.int64)
        """Line items × hours: micros spent in the hour, and the course of spend up to its end."""
        self.outcomes = np.zeros((items, len(_FLAGS)), np.int64)
        self.minutes = np.zeros((items, _MINUTES), np.int64)
        """Wins by the minute of the hour."""
        self.frequency = np.zeros((items, len(FREQUENCY_BUCKETS)), np.int64)
        self.inventory = np.zeros(len(INVENTORY), np.int64)
        self.conversions = np.zeros(items, np.int64)
        self.optimum_micros: int | None = None
        """The most worth less spend that was to be had, where it is known."""

    def __call__(self, hour: Hour) -> None:
        """Take one hour."""
        items, won = len(self.minutes), hour.won
        self.funnel += hour.funnel
        self.spent[:, hour.hour] = hour.funnel[:, _SPEND]
        self.expected[:, hour.hour] = hour.pacing.expected_cum_micros
        owners = won["line_item"].astype(np.int64)
        minute = owners * _MINUTES + won["ts"] // 60 % _MINUTES
        self.minutes += np.bincount(minute, minlength=items * _MINUTES).reshape(items, _MINUTES)
        billed = (won["rendered"] == 1) & (won["invalid"] == 0)
        for at, name in enumerate(_FLAGS):
            counted = np.bincount(owners[billed], weights=won[name][billed], minlength=items)
            self.outcomes[:, at] += counted.astype(np.int64)
        self.frequency = hour.frequency
        self.inventory += hour.inventory.sum(axis=(0, 1))
        if hour.conversions is not None:
            self.conversions += hour.conversions[:, _CREDITED].sum(axis=1)

    @property
    def budgets(self) -> list[int | None]:
        """Return what each line item may spend, micros: for its lifetime, else by the end of its course."""
        each = zip(self._lifetime, self.expected[:, -1].tolist(), strict=True)
        budgets = [course if lifetime is None else lifetime for lifetime, course in each]
        return [None if budget >= _ENDLESS else budget for budget in budgets]


@dataclass(frozen=True)
class Part:
    """Some line items of what was measured, taken together, and the market that they were in."""

    measured: Measured
    places: tuple[int, ...]
    """Their positions in the book."""

    @cached_property
    def funnel(self) -> dict[str, int]:
        """Return the sum of each stage."""
        return self._sums(FUNNEL, self.measured.funnel)

    @cached_property
    def outcomes(self) -> dict[str, int]:
        """Return how many billed impressions had each outcome."""
        return self._sums(_FLAGS, self.measured.outcomes)

    @cached_property
    def frequency(self) -> dict[str, int]:
        """Return how many viewers are in each of FREQUENCY_BUCKETS."""
        return self._sums(FREQUENCY_BUCKETS, self.measured.frequency)

    @cached_property
    def inventory(self) -> dict[str, int]:
        """Return the sum of each column of INVENTORY, of the whole market."""
        return dict(zip(INVENTORY, self.measured.inventory.tolist(), strict=True))

    @cached_property
    def budget(self) -> int | None:
        """Return what they may spend together, micros; None where one of them may spend without end."""
        budgets = [self.measured.budgets[place] for place in self.places]
        return None if None in budgets else sum(budget or 0 for budget in budgets)

    @property
    def spent(self) -> NDArray[np.int64]:
        """Return their spend by hour, micros."""
        return np.asarray(self.measured.spent[list(self.places)].sum(axis=0))

    @property
    def wanted(self) -> NDArray[np.int64]:
        """Return what their course of spend has of each hour, micros."""
        course = self.measured.expected[list(self.places)].sum(axis=0)
        return np.asarray(np.maximum(np.diff(course, prepend=0), 0))

    @property
    def minutes(self) -> NDArray[np.int64]:
        """Return their wins by the minute of the hour."""
        return np.asarray(self.measured.minutes[list(self.places)].sum(axis=0))

    @property
    def conversions(self) -> int:
        """Return the conversions that are credited to them."""
        return int(self.measured.conversions[list(self.places)].sum())

    def _sums(self, names: tuple[str, ...], counts: NDArray[np.int64]) -> dict[str, int]:
        return dict(zip(names, counts[list(self.places)].sum(axis=0).tolist(), strict=True))
