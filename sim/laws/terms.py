"""The terms of line items as arrays: over time, on local clocks, by trait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

_FIRST_DAY = date(1970, 1, 1).toordinal()
_FIRST_MONDAY = 4  # 1970-01-05
NO_LIMIT = np.iinfo(np.int64).max
"""A budget that does not exist."""
CODES = 256
"""Width of a table by code; events keep codes in a byte, and 255 is none."""


class InForce(NamedTuple):
    """LineItemTerms of some owners (line items or campaigns) over time."""

    since: NDArray[np.int64]
    """Seconds from the start, ascending, the first 0."""
    values: NDArray[np.int64]
    """Owners × since."""

    def at(self, owner: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.int64]:
        """Return the value in force for each *owner* at each *second*."""
        step = np.searchsorted(self.since, second, side="right") - 1
        return np.asarray(self.values[owner, step])

    def highest(self, step_seconds: int, steps: int) -> NDArray[np.int64]:
        """Return the highest value in force during each step, owners × steps."""
        starts = np.arange(steps, dtype=np.int64) * step_seconds
        first = np.searchsorted(self.since, starts, side="right") - 1
        last = np.searchsorted(self.since, starts + step_seconds, side="left") - 1
        found = self.values[:, first]
        for step in np.flatnonzero(last > first):
            found[:, step] = self.values[:, first[step] : last[step] + 1].max(axis=1)
        return found


def in_force(first: NDArray[np.int64], changes: list[tuple[int, int, int]]) -> InForce:
    """Return terms that are *first*, one value per owner, and then change by (second, owner, value)."""
    since = np.unique(np.array([0, *(max(second, 0) for second, _, _ in changes)], np.int64))
    values = np.repeat(first.astype(np.int64)[:, None], len(since), axis=1)
    for second, owner, value in sorted(changes, key=lambda change: change[0]):
        values[owner, np.searchsorted(since, max(second, 0)) :] = value
    return InForce(since, values)


class LineItemTerms(NamedTuple):
    """What line items may do: one row for each, by their position in the book."""

    live: NDArray[np.bool_]
    """Line items × hours: in flight."""
    open: NDArray[np.bool_]
    """Line items × hours: inside the dayparts, in flight or not."""
    active: InForce
    """1 where the line item takes part, 0 while it is paused."""
    max_bid: InForce
    """Micros per impression."""
    admits: Mapping[str, NDArray[np.bool_]]
    """By trait: line items × CODES, True where the code is wanted and, of a trait with one value, not
    refused."""
    refuses: Mapping[str, NDArray[np.bool_]]
    """By trait that may have two values: line items × CODES, True where neither may be this."""
    campaign: NDArray[np.int64]
    advertiser: NDArray[np.int64]
    """Equal where the advertiser is the same."""
    category: NDArray[np.int64]
    """Equal where the category is the same, -1 where it is not kept apart."""
    priority: NDArray[np.int64]
    """Above 0 where a deal with a fixed price is served ahead of the auction."""
    floor: NDArray[np.int64]
    """A deal's own floor, micros per impression; -1 is the slot's."""
    within_worth: NDArray[np.bool_]
    """Where the bidding rule bids no more than the slot is worth."""
    ends: NDArray[np.int64]
    """Ends of the pod that it buys, as bits: 1 the first slot, 2 the last; 0 is any slot."""


def local_hours(start: datetime, hours: int, zone: str) -> NDArray[np.int64]:
    """Return, for each hour from *start*, the whole hours since 1970 on the wall clock of *zone*."""
    info, epoch = ZoneInfo(zone), datetime(1970, 1, 1, tzinfo=UTC)
    moments = (start + timedelta(hours=hour) for hour in range(hours))
    walls = (moment.astimezone(info).replace(tzinfo=UTC) for moment in moments)
    return np.array([(wall - epoch) // timedelta(hours=1) for wall in walls], np.int64)


def local_days(clock: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the days since 1970 of local hours."""
    return clock // 24


def hours_of_week(clock: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return 0 (Monday midnight) to 167 for local hours; 1970 began on a Thursday."""
    return (clock + 3 * 24) % 168


def hour_windows(unit: str, count: int, clock: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the window of *count* units into which each local hour falls.

    *unit* is hour, day, week, month or lifetime. Windows tumble: days are counted from the calendar's first,
    weeks from Mondays, months from Januaries. An hour that comes twice, as clocks go back, is two windows.
    """
    day = local_days(clock)
    if unit == "lifetime":
        return np.zeros(len(clock), np.int64)
    if unit == "hour":
        return np.arange(len(clock)) if count == 1 else np.asarray(clock // count)
    if unit == "day":
        return np.asarray((day + _FIRST_DAY) // count)
    if unit == "week":
        return np.asarray((day - _FIRST_MONDAY) // 7 // count)
    if unit == "month":
        month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 12 * 1970
        return np.asarray(month // count)
    raise ValueError(f"{unit!r} is not made of hours")


def minute_windows(count: int, clock: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the number of the window of *count* minutes into which each second since the start falls.

    *clock* are the local hours. Minutes are counted from 1970 by the wall clock, so that windows begin with
    the hour where *count* divides it. An hour that comes twice has its windows twice.
    """
    hour = (second // 3600).clip(0, len(clock) - 1)
    repeats = np.cumsum(np.diff(clock, prepend=clock[:1] - 1) <= 0)[hour]
    return np.asarray((second // 60 + (clock[hour] - hour) * 60) // count + repeats * 10**9)
