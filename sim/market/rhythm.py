"""The rhythm of a market: how people watch in each of its hours, as the weather lets them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from entities.enums import Genre
from sim.ambient import Moment
from sim.audience.viewing import DUE_ONE, Week, scaled, viewing, week_of
from sim.layout import BREAKS_MOST, Viewing
from sim.market.conditions import Conditions, conditions
from sim.market.market import Market
from sim.streams import Purpose, salts
from sim.tables import cumulative

WARM_UP_HOURS = 6
"""Hours watched before the start, so that the first hour finds people in the middle of a session."""


class Hours(NamedTuple):
    """The viewing of a mean viewer in some hours, hours × regions; their conditions begin earlier."""

    present: NDArray[np.float64]
    """Expected share of the hour that is watched."""
    starts: NDArray[np.float64]
    """Expected sessions that begin."""
    carried: NDArray[np.float64]
    """Probability of being in a session of an earlier hour."""
    due: NDArray[np.float64]
    """Expected ad breaks without sessions."""


def hours_of(week: Week, found: Conditions) -> Hours:
    """Return the viewing of the hours from len(week.spill) - 1 hours after the first of the conditions.

    A factor is that of the sessions that begin: they go on for as long as ever, so that viewing follows.
    """
    back = len(week.spill) - 1
    hours = len(found.week) - back
    at = found.week[back:]
    begin, present = np.array(week.starts), np.array(week.present)
    usual, actual = np.zeros(at.shape), np.zeros(at.shape)
    for k in range(1, back + 1):
        went_on = week.spill[k] * begin[(at - k) % 168]
        usual += went_on
        actual += went_on * found.starts[back - k : back - k + hours]
    times = found.starts[back:]
    own = week.spill[0] * begin[at]
    # One where every factor is one, to the last bit: an ordinary hour is as in the ordinary week.
    late = np.divide(actual, usual, out=np.ones(at.shape), where=usual > 0)
    carried = present[at] - own
    return Hours(
        present=present[at] + own * (times - 1) + carried * (late - 1),
        starts=begin[at] * times,
        carried=carried * late,
        due=np.minimum(np.array(week.due)[at] * times, BREAKS_MOST),
    )


class Rhythm:
    """What the hour of viewing reads, hour by hour, in a run of a seed."""

    def __init__(self, market: Market, seed: int) -> None:
        run_salts = salts(seed)
        salt, week = int(run_salts[Purpose.weather]), week_of(market.viewing, market.population)
        self.usual = viewing(market.viewing, market.population, market.content, market.pods, run_salts)
        """That of the ordinary week."""
        first = -WARM_UP_HOURS
        self.conditions = conditions(market, salt, first - len(week.spill) + 1, market.horizon.hours)
        found = hours_of(week, self.conditions)
        alone = len(self.usual.gaps) > 0
        self._first = first
        self._starts, self._carried = scaled(found.starts), scaled(found.carried)
        self._due = np.rint(found.due * DUE_ONE).astype(np.int64) * alone
        self._market_hours = slice(-self.conditions.first, None)
        days = self.conditions.days[first - self.conditions.first :]
        self._genres = _genres(market, days, salt)

    @cached_property
    def _moments(self) -> tuple[list[Moment], NDArray[np.int64]]:
        # Whole percents are enough, and keep the tables of rivals few.
        at = self._market_hours
        percents = np.rint(self.conditions.outside[at] * 100).astype(np.int64)
        codes, places = np.unique(percents * 168 + self.conditions.week[at], return_inverse=True)
        found = [(code % 168, code // 168 / 100) for code in codes.tolist()]
        return found, places.reshape(percents.shape)

    @property
    def moments(self) -> Sequence[Moment]:
        """Return the hours of the week that the run has, and the weather of outside demand in them."""
        return self._moments[0]

    @property
    def moment_at(self) -> NDArray[np.int64]:
        """Return which of the `moments` it is, hours from the start × regions."""
        return self._moments[1]

    @property
    def hours_of_day(self) -> NDArray[np.int64]:
        """Return the hour of the local day, hours from the start × regions."""
        return np.asarray(self.conditions.week[self._market_hours] % 24, np.int64)

    def viewing(self, hour: int) -> Viewing:
        """Return how people watch in an *hour*, WARM_UP_HOURS before the start at the earliest."""
        at = hour - self._first
        return self.usual._replace(
            starts=self._starts[at], carried=self._carried[at], due=self._due[at], genres=self._genres[at]
        )


def _genres(market: Market, days: NDArray[np.int64], salt: int) -> list[NDArray[np.uint64]]:
    weights, tables = market.content.weights(), dict[int, NDArray[np.uint64]]()
    for day in dict.fromkeys(days.tolist()):
        times = [market.weather.genre(day, genre, salt) for genre in Genre]
        tables[day] = cumulative([weight * factor for weight, factor in zip(weights, times, strict=True)])
    return [tables[day] for day in days.tolist()]
