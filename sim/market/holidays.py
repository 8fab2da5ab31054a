"""Holidays that advertisers plan for, by the rule that says when they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Literal

THURSDAY, MONDAY = 3, 0

Holiday = Literal[
    "new_year", "valentines_day", "memorial_day", "independence_day", "labor_day", "thanksgiving", "christmas"
]


def _nth(year: int, month: int, weekday: int, number: int) -> dt.date:
    first = dt.date(year, month, 1)
    return first + dt.timedelta(days=(weekday - first.weekday()) % 7 + 7 * (number - 1))


def _last(year: int, month: int, weekday: int) -> dt.date:
    end = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
    return end - dt.timedelta(days=(end.weekday() - weekday) % 7)


_DATES: Mapping[Holiday, Callable[[int], dt.date]] = {
    "new_year": lambda year: dt.date(year, 1, 1),
    "valentines_day": lambda year: dt.date(year, 2, 14),
    "memorial_day": lambda year: _last(year, 5, MONDAY),
    "independence_day": lambda year: dt.date(year, 7, 4),
    "labor_day": lambda year: _nth(year, 9, MONDAY, 1),
    "thanksgiving": lambda year: _nth(year, 11, THURSDAY, 4),
    "christmas": lambda year: dt.date(year, 12, 25),
}


@lru_cache(maxsize=1024)
def day_of(holiday: Holiday, year: int) -> int:
    """Return the ordinal of a *holiday*'s date in a *year*, in the United States."""
    return _DATES[holiday](year).toordinal()


def days_until(holiday: Holiday, day: int) -> int:
    """Return how many days it takes from a *day*, an ordinal, to the next such *holiday*; 0 on it."""
    year = dt.date.fromordinal(day).year
    this = day_of(holiday, year)
    return (this if this >= day else day_of(holiday, year + 1)) - day
