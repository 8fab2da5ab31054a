"""Conditions: how the hours of a market differ from those of its ordinary week."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.market.market import Market
from sim.units import Horizon, LocalHour


class Conditions(NamedTuple):
    """What the weather makes of some hours; arrays are hours × regions unless they say otherwise."""

    first: int
    """The first of the hours, counted from the market's start; those before it are negative."""
    week: NDArray[np.int64]
    """Local hours of the week."""
    starts: NDArray[np.float64]
    """What the sessions that begin, or the breaks without sessions, are multiplied with."""
    outside: NDArray[np.float64]
    """What outside demand is multiplied with."""
    days: NDArray[np.int64]
    """Hours: ordinals of the date in the market's zone."""


def conditions(market: Market, salt: int, first: int, last: int) -> Conditions:
    """Return the conditions of the hours from *first* to before *last*; *salt* is that of the weather."""
    hours = Horizon(market.horizon.start + timedelta(hours=first), last - first)
    clocks = {name: hours.local(region.timezone) for name, region in market.regions.items()}
    weather = market.weather

    def viewing(region: str) -> Callable[[int], float]:
        return lambda day: weather.viewing(day, region, salt)

    return Conditions(
        first=first,
        week=np.array([[hour.hour_of_week for hour in clock] for clock in clocks.values()], np.int64).T,
        starts=np.stack([_by_day(clock, viewing(name)) for name, clock in clocks.items()], axis=1),
        outside=np.stack(
            [_by_day(clock, lambda day: weather.outside(day, salt)) for clock in clocks.values()], axis=1
        ),
        days=np.array([hour.day for hour in hours.local(market.timezone)], np.int64),
    )


def _by_day(clock: Sequence[LocalHour], factor: Callable[[int], float]) -> NDArray[np.float64]:
    days, place = np.unique([hour.day for hour in clock], return_inverse=True)
    return np.array([factor(day) for day in days.tolist()], np.float64)[place]
