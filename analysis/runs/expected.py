"""What a market is expected to bring hour by hour, known before it runs: how much of a run is behind it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.book.calendar import Calendar
from sim.book.records import BookedLineItem
from sim.engine.setup import Setup


class Expected(NamedTuple):
    """What of a run is over after some hours, as shares, and how many rows it comes to."""

    slots: float
    spend: float
    rows: int
    """Of the whole run, without those that say who won what was lost."""


class Expectation:
    """The slots and the spend of each hour, by the forecast of a market and the budgets of its book."""

    def __init__(self, setup: Setup) -> None:
        hours, book = setup.market.horizon.hours, setup.book
        calendars = setup.calendars
        self._slots = _shares(setup.forecast.viewing()[:hours])
        each = [_course(*each) for each in zip(book.line_items, calendars, strict=True)]
        courses = np.stack(each) if each else np.zeros((0, hours))
        for campaign in book.campaigns:
            own, days = list(campaign.line_items), max(setup.market.horizon.hours // 24, 1)
            daily = None if campaign.daily_micros is None else days * campaign.daily_micros
            for budget in (campaign.lifetime_micros, daily):
                if budget is not None and (total := courses[own].sum()) > budget:
                    courses[own] *= budget / total
        self._spend = _shares(courses.sum(axis=0)[:hours])
        creatives = np.bincount([one.line_item for one in book.creatives], minlength=len(calendars))
        live = np.array([one.live[:hours].sum() for one in calendars], np.int64)
        places = setup.rules[0].floors.size
        self._rows = int(live @ (creatives + 1)) + hours * places

    def after(self, hours: int) -> Expected:
        """Return what is over after so many *hours*, one at least."""
        return Expected(float(self._slots[hours - 1]), float(self._spend[hours - 1]), self._rows)


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


def _shares(values: NDArray[np.float64]) -> NDArray[np.float64]:
    # Of the whole, up to the end of each hour; even hours where nothing is expected.
    total = np.cumsum(values if values.any() else np.ones_like(values))
    return np.asarray(total / total[-1])
