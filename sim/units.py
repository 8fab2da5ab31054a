"""Money and time as whole numbers: micros per impression, and hours from the scenario's start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

MICROS = 1_000_000
"""Micros in one unit of currency."""
PPM = 1_000_000
"""Parts per million, the scale of multipliers and probabilities."""
HOUR = 3600
"""Seconds in an hour."""
EPOCH_MONDAY = date(1970, 1, 5).toordinal()


def micros_from_cpm(cpm: Decimal) -> int:
    """Return micros per impression for a CPM in currency units: $25.00 CPM is 25,000."""
    return int(cpm * 1000)


@dataclass(frozen=True, slots=True)
class LocalHour:
    """One hour of the horizon as a wall clock reads it."""

    day: int
    """Proleptic ordinal of the local date."""
    hour_of_day: int
    weekday: int
    """0 is Monday."""
    hour: int
    """Whole hours since 1970 on the wall clock."""
    week: int
    month: int

    @property
    def hour_of_week(self) -> int:
        """Return 0 (Monday midnight) to 167."""
        return self.weekday * 24 + self.hour_of_day


@dataclass(frozen=True)
class Horizon:
    """The scenario's hours in UTC, and how each reads in a time zone."""

    start: datetime
    hours: int

    @classmethod
    def from_local(cls, day: date, zone: str, hours: int) -> Horizon:
        """Return *hours* hours that begin at midnight of *day* in *zone*."""
        return cls(datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC), hours)

    @property
    def end(self) -> datetime:
        """Return the first moment after the horizon, in UTC."""
        return self.start + timedelta(hours=self.hours)

    def at(self, hour: int) -> datetime:
        """Return the UTC time at which *hour* begins."""
        return self.start + timedelta(hours=hour)

    def second_of(self, moment: datetime, zone: str) -> int:
        """Return the second, possibly outside the horizon, of a wall-clock time in *zone*."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
        return int((aware.astimezone(UTC) - self.start) // timedelta(seconds=1))

    def hour_of(self, moment: datetime, zone: str) -> int:
        """Return the hour, possibly outside the horizon, of a wall-clock time in *zone*."""
        return self.second_of(moment, zone) // HOUR

    def local(self, zone: str) -> tuple[LocalHour, ...]:
        """Return every hour of the horizon on the wall clock of *zone*, daylight saving included."""
        return _local_hours(self, zone)


@lru_cache(maxsize=64)
def whole_hour_offsets(zone: str, first: date, last: date) -> bool:
    """Return whether *zone* is whole hours from UTC in every hour of its days from *first* to *last*.

    Hours are UTC's, so no change of the clock is missed or met twice, at whatever time of day it comes.
    """
    info, days = ZoneInfo(zone), (first, last + timedelta(days=1))
    hour, end = (datetime.combine(day, time(), info).astimezone(UTC) for day in days)
    while hour < end:
        offset = hour.astimezone(info).utcoffset()
        if offset is None or offset % timedelta(hours=1):
            return False
        hour += timedelta(hours=1)
    return True


@lru_cache(maxsize=64)
def _local_hours(horizon: Horizon, zone: str) -> tuple[LocalHour, ...]:
    # Of every run of a market they are the same.
    info = ZoneInfo(zone)
    return tuple(_local_hour(horizon.at(hour).astimezone(info)) for hour in range(horizon.hours))


def _local_hour(moment: datetime) -> LocalHour:
    day = moment.toordinal()
    return LocalHour(
        day=day,
        hour_of_day=moment.hour,
        weekday=moment.weekday(),
        hour=(day - date(1970, 1, 1).toordinal()) * 24 + moment.hour,
        week=(day - EPOCH_MONDAY) // 7,
        month=moment.year * 12 + moment.month - 1,
    )
