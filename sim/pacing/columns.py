"""The situations of many line items as columns, for policies that can plan for all of them at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]
"""A value for each line item."""


class Spans(NamedTuple):
    """What is left of a period, as in `Span`."""

    ticks: Column
    traffic: Column
    micros: Column


class Days(NamedTuple):
    """The local day, as in `Day`."""

    ticks: Column
    traffic: Column
    ticks_left: Column
    traffic_left: Column
    spent_micros: Column


class Situations(NamedTuple):
    """What line items know when they plan a tick, as in `Situation`, as far as shares of budgets go by it."""

    traffic: Column
    flight: Spans
    today: Spans
    """What is left of the day; its micros are 0 where there is no daily budget."""
    daily: NDArray[np.bool_]
    """Whether there is a daily budget."""
    day: Days

    @property
    def spendable_micros(self) -> Column:
        """Return the most that each may spend now."""
        return self.tighter(self.flight.micros, self.today.micros)

    @property
    def dawn(self) -> Spans:
        """Return what was left of each flight when the day began, as far as is known."""
        return Spans(
            ticks=self.flight.ticks + self.day.ticks - self.day.ticks_left,
            traffic=self.flight.traffic + self.day.traffic - self.day.traffic_left,
            micros=self.flight.micros + self.day.spent_micros,
        )

    def tighter(self, of_flight: Column, of_day: Column) -> Column:
        """Return the lower of two amounts where there is a daily budget, else that *of_flight*."""
        return np.where(self.daily, np.minimum(of_flight, of_day), of_flight)


def part_of(micros: Column, part: Column, whole: Column) -> Column:
    """Return micros × part / whole, rounded up, where that is below 2**62 and *whole* below 2**50.

    The product may be far beyond 64 bits: a float tells about what the quotient is, and the little that it is
    off by is exact in integers that wrap around.
    """
    about: Column = (micros.astype(np.float64) * part / whole).astype(np.int64)
    return about - np.floor_divide(about * whole - micros * part, whole)
