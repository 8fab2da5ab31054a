"""Calendars: flights, days, dayparts and cap windows read on the campaign's wall clock, clock changes included."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from entities import registry
from scenarios.problems import ScenarioError
from sim import laws
from sim.book.calendar import _windows, calendar_of
from sim.book.records import BookedCap
from sim.units import Horizon, whole_hour_offsets
from tests.bookings import book, campaign, line_item, market

EVEN_TRAFFIC = np.ones(24 * 60, np.int64)


def _calendar(start: str, end: str, market_start: str, days: int, **terms: object):  # type: ignore[no-untyped-def]
    where = market(start=market_start, days=days)
    item = book([campaign([line_item(lifetime_budget=10, **terms)], start=start, end=end)], where).line_items[
        0
    ]
    even = EVEN_TRAFFIC[: where.horizon.hours]
    return calendar_of(item, where.horizon, even, 7 * even)


def test_a_flight_of_days_is_whole_local_days() -> None:
    calendar = _calendar("2026-11-03", "2026-11-04", "2026-11-02", 4)
    assert np.flatnonzero(calendar.live).tolist() == list(range(24, 72))
    assert len(np.unique(calendar.day[calendar.open])) == 2


@pytest.mark.parametrize(("day", "hours"), [("2026-11-01", 25), ("2026-03-08", 23), ("2026-07-04", 24)])
def test_a_day_on_which_clocks_change_has_as_many_hours_as_it_has(day: str, hours: int) -> None:
    assert _calendar(day, day, day, 2).live.sum() == hours


def test_several_flights_and_dayparts_open_only_their_hours() -> None:
    calendar = _calendar(
        "2026-11-02",
        "2026-11-08",
        "2026-11-02",
        7,
        flights=[
            {"start": "2026-11-02", "days": 1},
            {"start": "2026-11-07 12:00", "end": "2026-11-08 06:00"},
        ],
        dayparts=[{"hours": "18-23", "weekdays": "mon-fri"}, {"hours": [0, 20], "weekdays": ["sat", "sun"]}],
    )
    assert np.flatnonzero(calendar.live).tolist() == [*range(24), *range(132, 150)]
    assert np.flatnonzero(calendar.open).tolist() == [*range(18, 24), 140, 144]
    assert calendar.hours_after[0] == 8
    assert calendar.hours_after[24] == 2
    assert calendar.hours_after[-1] == 0


def test_days_end_at_local_midnight() -> None:
    calendar = _calendar("2026-11-02", "2026-11-03", "2026-11-02", 2)
    assert calendar.day_end.tolist() == [24] * 24 + [48] * 24


def _horizon(day: str, hours: int) -> Horizon:
    return market(start=day, days=hours // 24).horizon


@pytest.mark.parametrize(
    ("unit", "count", "changes"),
    [
        ("hour", 1, 71),  # every hour, the one that comes twice is two
        ("hour", 6, 11),
        ("day", 1, 2),  # of 25 + 24 hours, then 23 hours of the third day
        ("week", 1, 1),  # Monday begins a week
        ("month", 1, 0),
        ("lifetime", 1, 0),
    ],
)
def test_windows_change_with_the_local_clock(unit: str, count: int, changes: int) -> None:
    horizon = _horizon("2026-11-01", 72)  # clocks go back on the first day, a Sunday
    cap = BookedCap(registry.CapUnit(unit), count, 3, "America/New_York")
    numbers = _windows(cap, horizon)
    assert int((np.diff(numbers.astype(np.int64)) != 0).sum()) == changes
    if unit == "day":
        assert np.flatnonzero(np.diff(numbers.astype(np.int64))).tolist() == [24, 48]


@pytest.mark.parametrize("count", [1, 7, 15, 45, 90, 1440])
@pytest.mark.parametrize(
    "day", ["2026-11-01", "2026-03-08", "2026-06-01"]
)  # clocks go back, forward, neither
def test_windows_of_minutes_follow_the_clock(day: str, count: int) -> None:
    horizon, zone = _horizon(day, 48), "America/New_York"
    off = _windows(BookedCap(registry.CapUnit.minute, count, 3, zone), horizon).astype(np.int64)
    seconds = np.arange(0, 48 * 3600, 20)
    numbers = (seconds // 60 + off[seconds // 3600]) // count
    starts = seconds[np.flatnonzero(np.diff(numbers, prepend=-1))]
    walls = [
        (horizon.start + timedelta(seconds=second)).astimezone(ZoneInfo(zone)) for second in starts.tolist()
    ]
    minutes = [
        (wall.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(minutes=1)
        for wall in walls
    ]
    # Clocks change on the hour, where a window ends before its time; all others begin by the wall clock.
    on_time = [minute for minute in minutes[1:] if minute % count == 0]
    assert len(minutes) - 1 - len(on_time) <= 1
    assert (np.diff(numbers) >= 0).all()
    clock = laws.local_hours(horizon.start, horizon.hours, zone)
    law = laws.minute_windows(count, clock, seconds)
    assert (np.diff(law) >= 0).all()
    assert (np.diff(law) != 0).tolist() == (np.diff(numbers) != 0).tolist()


def test_a_campaign_on_the_other_coast_starts_three_hours_later() -> None:
    where = market(days=3)
    east = campaign([line_item(lifetime_budget=1)])
    west = campaign([line_item(lifetime_budget=1)], timezone="America/Los_Angeles", advertiser="West")
    booked = book([east, west], where)
    assert [item.flights for item in booked.line_items] == [((0, 48),), ((3, 51),)]


def test_only_zones_of_whole_hours_can_be_booked() -> None:
    first, last = Horizon.from_local(market().start, "UTC", 24).start.date(), market().start
    assert whole_hour_offsets("America/New_York", first, last)
    assert not whole_hour_offsets("Asia/Kolkata", first, last)
    with pytest.raises(ScenarioError, match="Asia/Kolkata is not a whole number of hours from UTC"):
        market(timezone="Asia/Kolkata")
