"""The rhythm of a market: how people watch in each of its hours, as weather and script let them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.ambient import Moment
from sim.audience.pods import breaks, size_tables
from sim.audience.viewing import DUE_ONE, Week, scaled
from sim.layout import BREAKS_MOST, Viewing
from sim.market.conditions import Conditions, conditions
from sim.market.market import Market
from sim.streams import Purpose, salts
from sim.tables import cumulative

WARM_UP_HOURS = 6
"""Hours watched before the start, so that the first hour finds people in the middle of a session."""


class Hours(NamedTuple):
    """The viewing of a mean viewer in some hours, hours × regions."""

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

    A factor is one of the sessions that begin: they go on for as long as ever, so that viewing follows, but
    for an outage, which ends them.
    """
    back = len(week.spill) - 1
    hours = len(found.week) - back
    at, times = found.week[back:], found.starts[back:]
    begin, present = np.array(week.starts), np.array(week.present)
    usual, actual = np.zeros(at.shape), np.zeros(at.shape)
    going = ~found.dark[back:]
    for k in range(1, back + 1):
        then = slice(back - k, back - k + hours)
        went_on = week.spill[k] * begin[(at - k) % 168]
        usual += went_on
        actual += went_on * found.starts[then] * going
        going &= ~found.dark[then]
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
        weeks, places = market.ordinary.weeks
        first, last = -WARM_UP_HOURS, market.horizon.hours
        self.usual = market.ordinary.viewing._replace(salts=run_salts)
        """That of the ordinary week."""
        salt, back = int(run_salts[Purpose.weather]), len(weeks[0].spill) - 1
        self._found = conditions(market, salt, first - back, last)
        self._first, self._back = first, back
        # Hours × regions × weeks; a viewer's kind has the region, and which of the weeks.
        made = [hours_of(week, self._found) for week in weeks]
        self._starts = np.stack([scaled(each.starts) for each in made], axis=-1)
        self._carried = np.stack([scaled(each.carried) for each in made], axis=-1)
        due = np.stack([np.rint(each.due * DUE_ONE).astype(np.int64) for each in made], axis=-1)
        self._due = due if len(self.usual.gaps) else np.zeros_like(due)
        self._kinds = np.arange(len(market.regions)).repeat(len(places)), np.tile(places, len(market.regions))
        self._mixes = self._mixes_of()
        self._pods = self._pods_of(market)

    def viewing(self, hour: int) -> Viewing:
        """Return how people watch in an *hour*, WARM_UP_HOURS before the start at the earliest."""
        at = hour - self._first
        devices, genres = self._mixes[at]
        places, shares, sizes = next(tables for since, tables in self._pods if since <= hour)
        return self.usual._replace(
            starts=self._starts[at][self._kinds],
            carried=self._carried[at][self._kinds],
            due=self._due[at][self._kinds],
            devices=devices,
            genres=genres,
            breaks=places,
            shares=shares,
            sizes=sizes,
        )

    def dark(self, hour: int) -> NDArray[np.bool_]:
        """Return in which regions nobody can watch in an *hour*."""
        dark: NDArray[np.bool_] = self._found.dark[hour - self._found.first]
        return dark

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
        # In one piece: a row with gaps would be another type, for which the tick is compiled once more.
        return np.ascontiguousarray(self._found.week[-self._found.first :] % 24, np.int64)

    @cached_property
    def _moments(self) -> tuple[list[Moment], NDArray[np.int64]]:
        # Whole percents are enough, and keep the tables of rivals few.
        outside, week = self._found.outside[-self._found.first :], self._found.week[-self._found.first :]
        percents = np.rint(outside * 100).astype(np.int64)
        codes, places = np.unique(percents * 168 + week, return_inverse=True)
        found = [(code % 168, code // 168 / 100) for code in codes.tolist()]
        return found, places.reshape(percents.shape)

    def _mixes_of(self) -> list[tuple[NDArray[np.uint64], NDArray[np.uint64]]]:
        # Equal choices are one object, or few: their tables are made once.
        made = {
            each: (cumulative(each.devices), np.stack([cumulative(row) for row in each.genres]))
            for each in dict.fromkeys(self._found.choices)
        }
        return [made[each] for each in self._found.choices[self._back :]]

    def _pods_of(self, market: Market) -> list[tuple[int, _Pods]]:
        # The latest first; the market's own hold from before the start.
        alone, title = len(self.usual.gaps) > 0, market.content.title_minutes
        usual = self.usual.breaks, self.usual.shares, self.usual.sizes
        found: list[tuple[int, _Pods]] = [(self._first, usual)]
        for change in sorted(market.changes, key=lambda change: change.at):
            if change.pods is not None:
                since = market.horizon.hour_of(change.at, market.timezone)
                tables = size_tables(change.pods, pre_roll=1.0 if alone else None)
                found.append((since, (breaks(change.pods, title), *tables)))
        return found[::-1]


_Pods = tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.int64]]
