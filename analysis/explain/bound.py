"""What bound when: the reason that stopped most of a line item's opportunities, by day and by hour of day."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import polars as pl

from analysis.explain.subject import Subject
from analysis.rows.reasons import COUNTED


class Bound(NamedTuple):
    """What stopped most opportunities in some hours, of the line item's own clock."""

    date: dt.date | None
    """None for several days together."""
    weekday: int | None
    """From 0, Monday, to 6; None for several of them together."""
    hour: int | None
    """From 0 to 23; None for the whole day."""
    matched: int
    reason: str | None
    """The check, loss or end that stopped most, the earlier one in a tie; None where nothing was stopped."""
    stopped: int
    share: float | None
    """Of all that matched; None where nothing did."""


class When(NamedTuple):
    """What bound in each hour of each day in flight, and in sum by weekday, by hour of the day and by day."""

    timezone: str
    hours: tuple[Bound, ...]
    week: tuple[Bound, ...]
    """Each hour of each weekday."""
    by_hour: tuple[Bound, ...]
    by_day: tuple[Bound, ...]


def bound_when(one: Subject) -> When:
    """Return what bound a line item when, on the wall clock of its campaign."""
    zone = one.item.zone
    local = pl.col("hour_start").dt.convert_time_zone(zone)
    hours = one.rows.performance_extended.select(
        "requests_matched",
        *COUNTED,
        date=local.dt.date(),
        weekday=local.dt.weekday().cast(pl.Int64) - 1,
        hour=local.dt.hour().cast(pl.Int64),
    )
    spans = ("date", "weekday", "hour"), ("weekday", "hour"), ("hour",), ("date", "weekday")
    return When(zone, *(_bound(hours, *by) for by in spans))


def _bound(hours: pl.DataFrame, *by: str) -> tuple[Bound, ...]:
    sums = hours.group_by(by).agg(pl.col("requests_matched", *COUNTED).sum()).sort(by)
    return tuple(_largest(row, by) for row in sums.iter_rows(named=True))


def _largest(row: dict[str, Any], by: tuple[str, ...]) -> Bound:
    reason, matched = max(COUNTED, key=row.__getitem__), row["requests_matched"]
    stopped = row[reason]
    date, weekday, hour = (row[name] if name in by else None for name in ("date", "weekday", "hour"))
    share = stopped / matched if matched else None
    return Bound(date, weekday, hour, matched, reason if stopped else None, stopped, share)
