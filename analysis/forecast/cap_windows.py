"""The windows of a booking's caps, and whether a sum over them says what the caps let through."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from analysis.forecast.sessions import Number, steps_an_hour
from entities.enums import CapUnit
from sim.audience.pods import breaks
from sim.book.calendar import windows_of
from sim.book.records import Book, BookedCap
from sim.market.market import Market

MOST_STATES = 24 * 18
"""Counts that are told apart, of a cap and of those of a day in all combinations, × places in a title × steps
an hour: 24 where a title of half an hour has a break each ten minutes, which take 0.2 seconds on `full`."""
_HOURS = {
    CapUnit.hour: 1,
    CapUnit.day: 24,
    CapUnit.week: 7 * 24,
    CapUnit.month: 31 * 24,
    CapUnit.lifetime: 1 << 40,
}
_A_DAY = _HOURS[CapUnit.day]


@dataclass(frozen=True)
class CapWindows:
    """Caps that can bind, the lasting window first; between those of hours and those of days, the day."""

    limits: tuple[int, ...]
    numbers: tuple[Number, ...]
    """The window of each of them, by hours from the start."""
    together: int
    """How many of the first are counted together, those within a day."""


def cap_windows(market: Market, book: Book, opened: NDArray[np.bool_]) -> CapWindows | None:
    """Return the caps of the only line item of *book* that can bind in the hours that are *opened*.

    None where no sum over windows says what they let through. It does for one cap, and for several whose
    windows lie within each other and within the day, or around it. It does not where several count
    households, of which there is no chain, where they can be at too many counts, nor for minutes and streams,
    which no step keeps.
    """
    steps, homes = steps_an_hour(market), market.identity.counted_by == "household"
    # A pod has one ad of a line item, whatever its cap.
    places = [place for place in book.line_items[0].caps if book.caps[place].unit != CapUnit.pod]
    if any(book.caps[place].unit not in _HOURS for place in places):
        return None
    places.sort(key=lambda place: _hours(book.caps[place]))
    numbers = windows_of(book, market.horizon)[:, places].astype(np.int64)
    if steps and not homes:
        # A step has one break at most, so that few of them are within any limit.
        fullest = [np.unique(each, return_counts=True)[1].max(initial=0) for each in numbers[opened].T]
        binds = [book.caps[at].limit < steps * most for at, most in zip(places, fullest, strict=True)]
        places, numbers = [*compress(places, binds)], numbers[:, binds]
    limits = [book.caps[place].limit for place in places]
    lasting = [_hours(book.caps[place]) for place in places]
    together = sum(hours <= _A_DAY for hours in lasting)
    if len(places) > 1:
        if homes:
            return None
        if steps and together < len(places) and _A_DAY not in lasting:
            # Hours of a day are not independent, as its days nearly are: the day counts like a cap.
            days = [hour.day for hour in market.horizon.local(book.line_items[0].zone)]
            numbers = np.insert(numbers, together, days, axis=1)
            limits.insert(together, _most_of_a_day(numbers[opened], limits, together))
            together += 1
        if not _within(numbers[opened]):
            return None
    together = max(together, 1) if steps else 1  # of breaks without memory, any number is known
    if steps:
        counts = max(math.prod(limit + 1 for limit in limits[:together]), *(limit + 1 for limit in limits), 1)
        if counts * len(breaks(market.pods, market.content.title_minutes)) * steps > MOST_STATES:
            return None
    return CapWindows(tuple(limits), tuple(map(tuple, numbers.tolist())), together)


def _most_of_a_day(numbers: NDArray[np.int64], limits: Sequence[int], day: int) -> int:
    # No day lets more through than all windows of a shorter cap in it, and no longer cap counts more.
    most = min(limits[day:])
    for limit, windows in zip(limits[:day], numbers[:, :day].T, strict=True):
        pairs = np.unique(np.stack([numbers[:, day], windows], axis=1), axis=0)
        most = min(most, limit * int(np.unique(pairs[:, 0], return_counts=True)[1].max(initial=1)))
    return most


def _hours(cap: BookedCap) -> int:
    return _HOURS[cap.unit] * cap.unit_count


def _within(numbers: NDArray[np.int64]) -> bool:
    # Whether each window of a cap lies in one of the next.
    pairs = (numbers[:, at : at + 2] for at in range(numbers.shape[1] - 1))
    return all(len(np.unique(pair, axis=0)) == len(np.unique(pair[:, 0])) for pair in pairs)
