"""Daily weather: days that hang together, releases that push a genre, and buyers who know the calendar."""

from __future__ import annotations

import datetime as dt
import math
from functools import lru_cache
from statistics import NormalDist
from typing import Annotated, Literal

from pydantic import Field

from entities.enums import Genre
from sim.family import Scale, Share
from sim.market.holidays import Holiday, days_until
from sim.market.weather import Weather
from sim.streams import mix, name_key
from sim.units import EPOCH_MONDAY

Deviation = Annotated[float, Field(ge=0, le=1)]
FORGOTTEN = 1e-6
"""A shock that weighs less than this is forgotten: so a day needs no beginning of time."""


class DailyWeather(Weather):
    """Days above and below the usual, for longer than a day, and outside demand that knows the calendar.

    The log of a day's viewing is an AR(1) of the whole market and one of each region besides, with one as the
    mean of the factor: people watch more when it is cold, dark or wet (Eisinga, Franses and Vergeer, 2010).
    With these figures the avails of the same weekday have a coefficient of variation of about 7 %. A release
    stands in the Top 10 for some weeks, and pushes its genre less from week to week. Prices rise before
    holidays, by 12 to 18 % (MiQ, 2021), and at the end of quarters (AdExchanger), because more buyers come;
    how many more is [assumption], as are all figures without a source.
    """

    kind: Literal["daily"] = "daily"
    everywhere: Deviation = Field(
        default=0.07, description="Deviation of the log of a day's viewing in the whole market [assumption]"
    )
    by_region: Deviation = Field(
        default=0.05, description="Deviation of that of each region besides [assumption]"
    )
    persistence: float = Field(
        default=0.6, ge=0, le=0.9, description="Correlation of a day with the day before [assumption]"
    )
    release: Share = Field(
        default=0.1, description="Chance that a week brings a genre a release for the Top 10 [assumption]"
    )
    release_push: float = Field(
        default=0.15,
        ge=0,
        le=10,
        description="Mean of what it adds to its genre's weight [assumption]",
    )
    release_weeks: int = Field(
        default=4,
        ge=1,
        le=26,
        description="Weeks that it does so, each time less (Netflix ranked by 28 days until 2023)",
    )
    demand: Deviation = Field(
        default=0.05, description="Deviation of the log of a day's outside demand [assumption]"
    )
    weekdays: tuple[Scale, Scale, Scale, Scale, Scale, Scale, Scale] = Field(
        default=(1.0, 1.0, 1.02, 1.04, 1.06, 0.96, 0.92),
        description="Outside demand of Monday to Sunday [assumption]",
    )
    holidays: tuple[Holiday, ...] = Field(
        default=("memorial_day", "independence_day", "labor_day", "thanksgiving", "christmas"),
        description="Holidays before which outside demand rises",
    )
    holiday_days: int = Field(default=7, ge=1, le=60, description="Days that it rises before a holiday")
    holiday_demand: Scale = Field(
        default=1.3, description="Outside demand on the day before a holiday [assumption]"
    )
    quarter_days: int = Field(default=14, ge=1, le=90, description="Days that it rises in at a quarter's end")
    quarter_demand: Scale = Field(
        default=1.2, description="Outside demand on the last day of a quarter [assumption]"
    )

    def viewing(self, day: int, region: str, salt: int) -> float:
        """Return the factor of the market times that of the region."""
        return self._factor("viewing", self.everywhere, day, salt) * self._factor(
            f"viewing {region}", self.by_region, day, salt
        )

    def genre(self, day: int, genre: Genre, salt: int) -> float:
        """Return one and what the releases of this week and of those before add."""
        week = (day - EPOCH_MONDAY) // 7
        return 1 + self.release_push * _pushes(
            name_key("release", genre) ^ salt, week, self.release, self.release_weeks
        )

    def outside(self, day: int, salt: int) -> float:
        """Return the factor of the day of the week, of the calendar, and one of its own."""
        return self._calendar(day) * self._factor("demand", self.demand, day, salt)

    def _calendar(self, day: int) -> float:
        date = dt.date.fromordinal(day)
        days = min((days_until(holiday, day) for holiday in self.holidays), default=0)
        near = max(self.holiday_days + 1 - days, 0) / self.holiday_days if days else 0.0
        end = dt.date(date.year + date.month // 10, (date.month + 2) // 3 * 3 % 12 + 1, 1).toordinal()
        late = max(self.quarter_days + 1 - (end - day), 0) / self.quarter_days
        rise = (1 + (self.holiday_demand - 1) * near) * (1 + (self.quarter_demand - 1) * late)
        return self.weekdays[date.weekday()] * rise

    def _factor(self, name: str, deviation: float, day: int, salt: int) -> float:
        return _ar1(name_key(name) ^ salt, deviation, self.persistence, day)


@lru_cache(maxsize=1 << 16)
def _ar1(key: int, deviation: float, persistence: float, day: int) -> float:
    # An AR(1) is a weighted sum of its shocks; each belongs to its date, wherever a market begins.
    weight, shocks = 1.0, list[float]()
    while weight >= FORGOTTEN:
        shocks.append(weight * _shock(key, day - len(shocks)))
        weight *= persistence
    log = deviation * math.sqrt(1 - persistence**2) * math.fsum(shocks)
    return math.exp(log - deviation**2 / 2)


@lru_cache(maxsize=1 << 17)
def _shock(key: int, day: int) -> float:
    return NormalDist().inv_cdf(_uniform(key, day))


@lru_cache(maxsize=1 << 16)
def _pushes(key: int, week: int, chance: float, weeks: int) -> float:
    # Of the releases of this week and those before that still push, each less than when it was new.
    return math.fsum(_size(key, week - age, chance) * (1 - age / weeks) for age in range(weeks))


def _size(key: int, week: int, chance: float) -> float:
    # Of a release, in means: exponential, 0 where the week brings none.
    if _uniform(key, week) >= chance:
        return 0.0
    return -math.log(_uniform(mix(key), week))


def _uniform(key: int, at: int) -> float:
    return ((mix(mix(key) + at) >> 12) + 0.5) / (1 << 52)
