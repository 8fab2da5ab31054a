"""What a run comes to, counted hour by hour: no event is kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities.enums import DeviceType
from sim.book.records import Book
from sim.events import FREQUENCY_BUCKETS, FUNNEL, INVENTORY, Hour

_STEPS = 10_000
"""Prices are counted in as many steps of the highest maximum."""
OUTCOMES = ("started", "completed", "measurable", "viewable")


class Counted:
    """Takes the hours of a run, and keeps their sums."""

    def __init__(self, book: Book) -> None:
        items = len(book.line_items)
        self.funnel: NDArray[np.int64] = np.zeros((items, len(FUNNEL)), np.int64)
        self.inventory: NDArray[np.int64] = np.zeros(len(INVENTORY), np.int64)
        self.frequency: NDArray[np.int64] = np.zeros((items, len(FREQUENCY_BUCKETS)), np.int64)
        """Viewers by impressions at the end."""
        highest = max((item.max_bid_micros for item in book.line_items), default=1)
        self.price_step = max(-(-highest // _STEPS), 1)
        """Micros."""
        self.prices: NDArray[np.int64] = np.zeros((items, highest // self.price_step + 2), np.int64)
        """Line items × steps: slots won at that price; the last step has all that is higher."""
        self.expected_off = self.expected_of = 0
        """Slots by which the forecasts of the hours were off, and slots that came."""
        self.outcomes: NDArray[np.int64] = np.zeros((len(DeviceType), len(OUTCOMES)), np.int64)
        """Of impressions, by device."""

    def add(self, hour: Hour) -> None:
        """Count one more hour."""
        self.funnel += hour.funnel
        self.inventory += hour.inventory.sum(axis=(0, 1))
        self.frequency = hour.frequency
        came = hour.funnel[:, FUNNEL.index("requests_matched")]
        expected = hour.pacing.forecast_avails[came > 0]
        self.expected_off += int(np.abs(expected - came[came > 0]).sum())
        self.expected_of += int(came.sum())
        events = hour.events[hour.events["ghost"] == 0]
        last = self.prices.shape[1] - 1
        steps = np.minimum(events["price_micros"] // self.price_step, last)
        self.prices += np.bincount(
            events["line_item"] * (last + 1) + steps, minlength=self.prices.size
        ).reshape(self.prices.shape)
        for k, outcome in enumerate(OUTCOMES):
            devices = events["device"][events[outcome] == 1]
            self.outcomes[:, k] += np.bincount(devices, minlength=len(DeviceType))

    def of(self, column: str) -> NDArray[np.int64]:
        """Return a column of the funnel by line item."""
        return self.funnel[:, FUNNEL.index(column)]

    def stock(self, column: str) -> int:
        """Return a sum of the inventory."""
        return int(self.inventory[INVENTORY.index(column)])
