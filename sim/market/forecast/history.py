"""A forecast that is learned: the mean of the same hour in the weeks before the start."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.market.forecast import Forecaster, Viewed
from sim.streams import mix, name_key


class HistoryForecast(Forecaster):
    """The mean viewing of each hour of the week, by region, in the weeks before the market's start.

    The weeks had the same weather process, and no auction is run for them: viewing is summed over viewers in
    expectation, so that the luck of single viewers is not in it, 1 % of an hour of 200,000 of them. What is
    to come it does not know, neither the weather nor a script. `error` comes on top: what a forecaster with
    worse data would miss, alike in all hours of a day.
    """

    kind: Literal["history"] = "history"
    weeks: int = Field(default=4, ge=1, le=52, description="Weeks that are looked back on [assumption]")
    error: float = Field(
        default=0.0, ge=0, le=2, description="Deviation of the log of a further error of each day, mean one"
    )

    @property
    def weeks_back(self) -> int:
        """Return its weeks."""
        return self.weeks

    def viewing(self, coming: Viewed, past: Callable[[int], Viewed], salt: int) -> NDArray[np.float64]:
        """Return the mean of the same hour of the week, times the day's error."""
        found = _means(past(self.weeks))
        regions = np.arange(coming.week.shape[1])
        return found[coming.week, regions] * self._errors(coming.days, salt)[..., np.newaxis]

    def _errors(self, days: NDArray[np.int64], salt: int) -> NDArray[np.float64]:
        known, places = np.unique(days, return_inverse=True)
        key = mix(name_key("forecast") ^ salt)
        draws = (((mix(key + day) >> 12) + 0.5) / (1 << 52) for day in known.tolist())
        logs = (self.error * NormalDist().inv_cdf(draw) - self.error**2 / 2 for draw in draws)
        return np.array([math.exp(log) for log in logs])[places].reshape(days.shape)


def _means(past: Viewed) -> NDArray[np.float64]:
    # Hours of the week × regions × kinds of weeks. Where clocks went forward an hour may be missing.
    regions = np.broadcast_to(np.arange(past.week.shape[1]), past.week.shape)
    sums, counts = np.zeros((168, *past.hours.shape[1:])), np.zeros((168, past.week.shape[1], 1))
    np.add.at(sums, (past.week, regions), past.hours)
    np.add.at(counts, (past.week, regions), 1)
    means = sums / np.maximum(counts, 1)
    return np.where(counts > 0, means, np.roll(means, 1, axis=0))
