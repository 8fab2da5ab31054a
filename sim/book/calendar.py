"""Each line item's calendar: when it is in flight and open, what is left of it, and cap windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from entities import registry
from sim.book.records import Book, BookedCap, BookedLineItem
from sim.units import Horizon

WINDOW_MASK = 0xFFFFFF


@dataclass(frozen=True)
class Calendar:
    """The hours of one line item, up to the end of the horizon or of the last flight, if later.

    Arrays have one value per hour.
    """

    live: NDArray[np.bool_]
    """In flight."""
    open: NDArray[np.bool_]
    """In flight and inside the dayparts: an hour that can deliver."""
    day: NDArray[np.int64]
    """Ordinal of the local date."""
    day_begin: NDArray[np.int64]
    """First hour of the local day, or of all."""
    day_end: NDArray[np.int64]
    """First hour after the local day, or the end of all."""
    hour_of_day: NDArray[np.int64]
    """On the wall clock."""
    traffic: NDArray[np.int64]
    """Forecast avails where open, else 0."""
    avails: NDArray[np.int64]
    """Forecast of the slots that match."""
    hours_after: NDArray[np.int64]
    """Open hours from each hour to the end; one value more than hours, the last is 0."""
    traffic_after: NDArray[np.int64]
    """Traffic from each hour to the end; one value more than hours, the last is 0."""
    days_after: NDArray[np.int64]
    """Days with open hours after the local day."""


def calendar_of(
    item: BookedLineItem, horizon: Horizon, forecast: NDArray[np.int64], avails: NDArray[np.int64]
) -> Calendar:
    """Return the calendar of *item*, given the forecast of its avails by hour, in any unit and in slots."""
    local = horizon.local(item.zone)
    hours = np.arange(horizon.hours)
    live = np.zeros(horizon.hours, bool)
    for first, last in item.flights:
        live |= (hours >= first) & (hours < last)
    inside = np.array([item.dayparts is None or hour.hour_of_week in item.dayparts for hour in local], bool)
    day = np.array([hour.day for hour in local], np.int64)
    is_open = live & inside
    traffic = np.where(is_open, forecast, 0)
    return Calendar(
        live=live,
        open=is_open,
        day=day,
        day_begin=np.searchsorted(day, day, side="left"),
        day_end=np.searchsorted(day, day, side="right"),
        hour_of_day=np.array([hour.hour_of_day for hour in local], np.int64),
        traffic=traffic,
        avails=avails,
        hours_after=_from_each(is_open.astype(np.int64)),
        traffic_after=_from_each(traffic),
        days_after=_days_after(day, is_open),
    )


def together(calendars: Sequence[Calendar]) -> Calendar:
    """Return the calendar of line items of one campaign: open where one of them is, with all their traffic.

    Their forecasts must be in one unit.
    """
    traffic = np.sum([one.traffic for one in calendars], axis=0)
    is_open = np.any([one.open for one in calendars], axis=0)
    return replace(
        calendars[0],
        live=np.any([one.live for one in calendars], axis=0),
        open=is_open,
        traffic=traffic,
        avails=np.sum([one.avails for one in calendars], axis=0),
        hours_after=_from_each(is_open.astype(np.int64)),
        traffic_after=_from_each(traffic),
        days_after=_days_after(calendars[0].day, is_open),
    )


def _days_after(day: NDArray[np.int64], is_open: NDArray[np.bool_]) -> NDArray[np.int64]:
    days = np.unique(day[is_open])
    return np.asarray(len(days) - np.searchsorted(days, day, side="right"))


def _from_each(values: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.append(np.cumsum(values[::-1])[::-1], 0)


def windows_of(book: Book, horizon: Horizon) -> NDArray[np.uint32]:
    """Return the number of each cap's window in each hour, hours × caps; 0 for pods and streams.

    Of a cap by the minute it is what minutes since the start are off those that its windows are counted in.
    """
    columns = [_windows(cap, horizon) for cap in book.caps]
    return np.stack(columns, axis=1) if columns else np.zeros((horizon.hours, 0), np.uint32)


def _windows(cap: BookedCap, horizon: Horizon) -> NDArray[np.uint32]:
    unit, count = registry.CapUnit, cap.unit_count
    if cap.unit == unit.hour and count == 1:
        # Counted and not read off the clock: when clocks go back, the repeated hour is two windows.
        numbers = list(range(horizon.hours))
    elif cap.unit in (unit.hour, unit.day, unit.week, unit.month):
        numbers = [getattr(hour, cap.unit) // count for hour in horizon.local(cap.zone)]
    elif cap.unit == unit.minute:
        return _minutes_off(horizon, cap.zone, count)
    else:
        numbers = [0] * horizon.hours
    return np.array([number & WINDOW_MASK for number in numbers], np.uint32)


def _minutes_off(horizon: Horizon, zone: str, count: int) -> NDArray[np.uint32]:
    clock = np.array([hour.hour for hour in horizon.local(zone)], np.int64)
    # When clocks go back, the repeated hour has windows of its own: numbers go on above the others.
    repeats = np.cumsum(np.diff(clock, prepend=clock[0] - 1) <= 0)
    off = (clock - np.arange(horizon.hours)) * 60 + repeats * 61 * count
    return off.astype(np.uint32)
