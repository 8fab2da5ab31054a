"""What a market is expected to bring hour by hour, known before it runs: how much of a run is behind it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.book.calendar import Calendar
from sim.book.records import BookedLineItem
from sim.engine.setup import Setup

PAIRS = 1.9
"""The power of the line items in flight that pairs of a day go by, who lost to whom. It was 1.4 where few of
all pairs meet in a day, and 1.9 where most do."""


class Work(NamedTuple):
    """What of a run is played, as shares of the whole."""

    hours: float
    slots: float
    contests: float
    """Slots times the line items in flight."""


class Expected(NamedTuple):
    """What of a run is over after some hours, as shares, and how many rows it comes to."""

    slots: float
    spend: float
    lost: float
    """Rows that say who won what was lost; days count when they are over (UTC)."""
    rows: int
    """Of the whole run, without those."""
    played: Work
    """Hours come together, when others after them are played."""


class Expectation:
    """The slots and the spend of each hour, by the forecast of a market and the budgets of its book."""

    def __init__(self, setup: Setup) -> None:
        horizon, book = setup.market.horizon, setup.book
        hours, calendars = horizon.hours, setup.calendars
        slots = setup.forecast.viewing()[:hours]
        self._slots = _shares(slots)
        each = [_course(*each) for each in zip(book.line_items, calendars, strict=True)]
        courses = np.stack(each) if each else np.zeros((0, hours))
        for campaign in book.campaigns:
            own, days = list(campaign.line_items), max(hours // 24, 1)
            daily = None if campaign.daily_micros is None else days * campaign.daily_micros
            for budget in (campaign.lifetime_micros, daily):
                if budget is not None and (total := courses[own].sum()) > budget:
                    courses[own] *= budget / total
        self._spend = _shares(courses.sum(axis=0)[:hours])
        creatives = np.bincount([one.line_item for one in book.creatives], minlength=len(calendars))
        live = np.array([one.live[:hours] for one in calendars], np.int64).reshape(-1, hours)
        places = setup.rules[0].floors.size
        self._rows = int(live.sum(axis=1) @ (creatives + 1)) + hours * places
        in_flight = live.sum(axis=0)
        self._contests = _shares(slots * in_flight)
        self._lost = _lost(in_flight, (np.arange(hours) + horizon.at(0).hour) // 24)

    def after(self, hours: int, played: int) -> Expected:
        """Return what is over after so many *hours* when so many are *played*, each one at least."""
        return Expected(
            slots=float(self._slots[hours - 1]),
            spend=float(self._spend[hours - 1]),
            lost=float(self._lost[hours - 1]),
            rows=self._rows,
            played=Work(
                played / len(self._slots), float(self._slots[played - 1]), float(self._contests[played - 1])
            ),
        )


def _course(item: BookedLineItem, calendar: Calendar) -> NDArray[np.float64]:
    # What its budgets have for each hour, in proportion to traffic; the most that it could bid without any.
    traffic, courses = calendar.traffic.astype(np.float64), list[NDArray[np.float64]]()
    if item.lifetime_micros is not None:
        courses.append(traffic * (item.lifetime_micros / max(traffic.sum(), 1)))
    if item.daily_micros is not None:
        of_day = np.bincount(calendar.day - calendar.day[0], traffic)[calendar.day - calendar.day[0]]
        courses.append(traffic * (item.daily_micros / np.maximum(of_day, 1)))
    most = calendar.avails * calendar.open * float(item.max_bid_micros)
    return np.asarray(np.minimum.reduce([most, *courses]))


def _lost(in_flight: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.float64]:
    # Most pairs meet soon, so half of a day has more than half of them.
    lasts = np.bincount(day)
    pairs = (np.bincount(day, in_flight) / lasts) ** PAIRS * np.sqrt(lasts)
    over = np.flatnonzero(np.append(np.diff(day), 1))
    values = np.zeros(len(day))
    values[over] = pairs
    return _shares(values)


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # Of the whole, up to the end of each hour; even hours where nothing is expected.
    total = np.cumsum(values if values.any() else np.ones_like(values))
    return np.asarray(total / total[-1])
