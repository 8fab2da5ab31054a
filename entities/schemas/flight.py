"""Flights of whole local hours, and dayparts: when a line item may deliver."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationInfo, model_validator

from entities.enums import Weekday
from entities.errors import RefusedError, UnknownWordError
from entities.models import Flight
from entities.schemas.base import Create, Schema, integer, refuse, refuse_field, refuse_word
from entities.suggestions import date as suggested_date

WHOLE_HOUR = "a date (2026-11-02) or a whole local hour (2026-11-02 18:00), without a time zone"
HOURS = "hours 0 to 23, such as [18, 19] or '18-23' (both included)"
WEEKDAYS = f"days of the week, such as [sat, sun] or 'mon-fri': {', '.join(Weekday)}"
MAX_DAYS = 3660


def _day_or_hour(value: object, info: ValidationInfo) -> date | datetime | None:
    if value is None:
        return None
    if isinstance(value, str):
        try:
            text = value.strip()
            value = date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
        except ValueError:
            raise refuse(info, value, WHOLE_HOUR, suggested_date(value)) from None
    if isinstance(value, datetime):
        if value.tzinfo is not None or value != value.replace(minute=0, second=0, microsecond=0):
            raise refuse(info, value, WHOLE_HOUR)
    elif not isinstance(value, date):
        raise refuse(info, value, WHOLE_HOUR)
    if not 1970 <= value.year <= 9000:
        raise refuse(info, value, f"{WHOLE_HOUR}, in the years 1970 to 9000")
    return value


DayOrHour = Annotated[date | datetime, BeforeValidator(_day_or_hour)]
"""A local date, or a local wall-clock time at a whole hour."""


class FlightSchema(Create[Flight]):
    """A flight from *start*, for so many *days* or until *end*; an end date includes that day."""

    start: DayOrHour = Field(description="First day, or first whole local hour")
    days: Annotated[int | None, integer(1, MAX_DAYS)] = Field(
        default=None, description="How many days it lasts"
    )
    end: DayOrHour | None = Field(
        default=None, description="or its last day, included, or the hour at which it ends"
    )

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if (self.days is None) == (self.end is None):
            raise ValueError(f"flight from {self.start}: give exactly one of days and end")
        if self.ends_at <= self.starts_at:
            raise refuse_field("end", self.end, f"must be after the start, {self.start}")
        if self.ends_at - self.starts_at > timedelta(days=MAX_DAYS):
            raise refuse_field("end", self.end, f"at most {MAX_DAYS} days after the start, {self.start}")
        return self

    @property
    def starts_at(self) -> datetime:
        """Return the first hour, by the campaign's wall clock."""
        return _midnight(self.start)

    @property
    def ends_at(self) -> datetime:
        """Return the hour after the last, by the campaign's wall clock."""
        if self.end is None:
            return self.starts_at + timedelta(days=self.days or 0)
        return self.end if isinstance(self.end, datetime) else _midnight(self.end) + timedelta(days=1)

    def row(self, **columns: Any) -> Flight:
        """Return the flight as a row."""
        return super().row(starts_at=self.starts_at, ends_at=self.ends_at, **columns)


def _midnight(moment: date | datetime) -> datetime:
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time())


def _hours(value: object, info: ValidationInfo) -> tuple[int, ...]:
    hours: list[int] = []
    for part in [value] if isinstance(value, (str, int)) else _listed(value, info, HOURS):
        first, dash, last = str(part).partition("-")
        bounds = (first.strip(), (last if dash else first).strip())
        if isinstance(part, (bool, float)) or not all(b.isascii() and b.isdigit() for b in bounds):
            raise refuse(info, part, HOURS)
        low, high = int(bounds[0][:9]), int(bounds[1][:9])
        if not low <= high <= 23:
            raise refuse(info, part, f"{HOURS}; a range that passes midnight is two dayparts")
        hours.extend(range(low, high + 1))
    return _once(hours, info, HOURS)


def _weekdays(value: object, info: ValidationInfo) -> tuple[Weekday, ...]:
    days: list[int] = []
    for part in [value] if isinstance(value, str) else _listed(value, info, WEEKDAYS):
        try:
            first, dash, last = str(part).partition("-")
            low = Weekday.parse(first).code
            high = Weekday.parse(last).code if dash else low
        except UnknownWordError as error:
            raise refuse_word(info, error) from None
        if low > high:
            raise refuse(info, part, f"{WEEKDAYS}; a range runs from mon towards sun")
        days.extend(range(low, high + 1))
    return tuple(Weekday.of_code(day) for day in _once(days, info, WEEKDAYS))


def _listed(value: object, info: ValidationInfo, allowed: str) -> list[object]:
    if not isinstance(value, (list, tuple)) or not value:
        raise refuse(info, value, f"a list that is not empty: {allowed}")
    return list(value)


def _once(numbers: list[int], info: ValidationInfo, allowed: str) -> tuple[int, ...]:
    if len(set(numbers)) < len(numbers):
        raise RefusedError(f"{info.field_name}: each only once; {allowed}")
    return tuple(sorted(numbers))


class DaypartSchema(Schema):
    """Hours of the day on days of the week, by the campaign's wall clock."""

    hours: Annotated[
        tuple[int, ...], BeforeValidator(_hours, json_schema_input_type=int | str | list[int | str])
    ] = Field(default=tuple(range(24)), description="Hours of the day, such as [18, 19] or '18-23'")
    weekdays: Annotated[
        tuple[Weekday, ...], BeforeValidator(_weekdays, json_schema_input_type=str | list[str])
    ] = Field(default=tuple(Weekday), description="Days of the week, such as [sat, sun] or 'mon-fri'")

    def week_hours(self) -> tuple[int, ...]:
        """Return the open hours of the week, 0 being Monday's first and 167 Sunday's last."""
        return tuple(day.code * 24 + hour for day in self.weekdays for hour in self.hours)


_DAYPARTS = TypeAdapter(tuple[DaypartSchema, ...])


def dayparts_json(dayparts: tuple[DaypartSchema, ...] | None) -> str | None:
    """Return *dayparts* as the JSON of a line item's row, None for every hour."""
    return None if dayparts is None else _DAYPARTS.dump_json(dayparts).decode()


def read_dayparts(text: str | None) -> tuple[DaypartSchema, ...] | None:
    """Return the dayparts of a line item's row, None for every hour."""
    return None if text is None else _DAYPARTS.validate_json(text)
