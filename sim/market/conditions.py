"""Conditions: how the hours of a market differ from those of its ordinary week."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from entities.enums import Genre
from sim.market.changes import Change
from sim.market.choices import Choices, choices_of
from sim.market.market import Market
from sim.units import Horizon


class Conditions(NamedTuple):
    """What the weather and a script make of some hours; arrays are hours × regions."""

    first: int
    """The first of the hours, counted from the market's start; those before it are negative."""
    week: NDArray[np.int64]
    """Local hours of the week."""
    days: NDArray[np.int64]
    """Ordinals of the local date."""
    starts: NDArray[np.float64]
    """What the sessions that begin, or the breaks without sessions, are multiplied with."""
    dark: NDArray[np.bool_]
    """Nobody can watch."""
    outside: NDArray[np.float64]
    """What outside demand is multiplied with."""
    choices: Sequence[Choices]
    """Hours: what is watched and on what."""


def conditions(market: Market, salt: int, first: int, last: int, *, scripted: bool = True) -> Conditions:
    """Return the conditions of the hours from *first* to before *last*; *salt* is that of the weather.

    Without what is *scripted* they are those that nobody planned.
    """
    hours = _hours(market, first, last)
    clocks = {name: _clock(hours, region.timezone) for name, region in market.regions.items()}
    weather, found = market.weather, _Script(market, first, last, scripted=scripted)

    def viewing(region: str) -> Callable[[int], float]:
        return lambda day: weather.viewing(day, region, salt)

    def outside(day: int) -> float:
        return weather.outside(day, salt)

    choices = _choices(market, salt, hours, found.live)
    starts = np.stack([_by_day(clock, viewing(name)) for name, clock in clocks.items()], axis=1)
    times = np.array([each.times for each in choices], np.float64)
    return Conditions(
        first=first,
        week=np.stack([clock.week for clock in clocks.values()], axis=1),
        days=np.stack([clock.days for clock in clocks.values()], axis=1),
        starts=starts * found.factors * times[:, np.newaxis],
        dark=found.factors == 0,
        outside=np.stack([_by_day(clock, outside) for clock in clocks.values()], axis=1),
        choices=choices,
    )


def choices_in(market: Market, salt: int, first: int, last: int, *, scripted: bool = True) -> list[Choices]:
    """Return the `choices` of those conditions alone."""
    live = _Script(market, first, last, scripted=scripted).live
    return _choices(market, salt, _hours(market, first, last), live)


def _hours(market: Market, first: int, last: int) -> Horizon:
    return Horizon(market.horizon.start + dt.timedelta(hours=first), last - first)


class _Script:
    # Factors of all viewing, hours × regions, and the live events of a part of it in each hour.

    def __init__(self, market: Market, first: int, last: int, *, scripted: bool) -> None:
        changes = market.changes if scripted else ()
        regions, hours = list(market.regions), last - first
        self.factors = np.ones((hours, len(regions)), np.float64)
        self.live: list[tuple[Change, ...]] = [()] * hours
        for change in changes:
            if change.viewing is None or change.until is None:
                continue
            begin, end = (
                min(max(market.horizon.hour_of(at, market.timezone) - first, 0), hours)
                for at in (change.at, change.until)
            )
            if change.genre is None and change.device is None:
                where = slice(None) if change.region is None else regions.index(change.region)
                self.factors[begin:end, where] *= change.viewing
            else:
                for hour in range(begin, end):
                    self.live[hour] += (change,)


def _choices(market: Market, salt: int, hours: Horizon, live: Sequence[tuple[Change, ...]]) -> list[Choices]:
    known: dict[tuple[int, tuple[Change, ...]], Choices] = {}
    found = []
    for hour, day in enumerate(_clock(hours, market.timezone).days.tolist()):
        key = day, live[hour]
        if key not in known:
            factors = [market.weather.genre(day, genre, salt) for genre in Genre]
            known[key] = choices_of(market, factors, key[1])
        found.append(known[key])
    return found


class _Clock(NamedTuple):
    # Local hours of the week and days of some hours; each day, and which of them an hour is of.
    week: NDArray[np.int64]
    days: NDArray[np.int64]
    each_day: list[int]
    place: NDArray[np.int64]


@lru_cache(maxsize=64)
def _clock(hours: Horizon, zone: str) -> _Clock:
    # The same for every seed of a market.
    local = hours.local(zone)
    days = np.array([hour.day for hour in local], np.int64)
    each_day, place = np.unique(days, return_inverse=True)
    week = np.array([hour.hour_of_week for hour in local], np.int64)
    return _Clock(week, days, each_day.tolist(), place)


def _by_day(clock: _Clock, factor: Callable[[int], float]) -> NDArray[np.float64]:
    return np.array([factor(day) for day in clock.each_day], np.float64)[clock.place]
