"""Terms that change over time, and clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest

from sim import laws
from sim.units import Horizon


def test_a_term_holds_until_it_changes() -> None:
    terms = laws.in_force(np.array([5, 6]), [(100, 0, 7), (50, 1, 8), (100, 0, 9), (-10, 1, 4)])
    assert terms.at(np.array([0, 0, 0, 1, 1]), np.array([0, 99, 100, 49, 50])).tolist() == [5, 5, 9, 4, 8]


def test_the_highest_term_of_a_step_is_told() -> None:
    terms = laws.in_force(np.array([5]), [(60, 0, 9), (90, 0, 1), (180, 0, 2)])
    assert terms.highest(60, 4).tolist() == [[5, 9, 1, 2]]
    assert terms.highest(120, 2).tolist() == [[9, 2]]


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/London", "Australia/Brisbane"])
@pytest.mark.parametrize("start", ["2026-03-01", "2026-10-20", "1970-01-01"])
def test_clocks_are_those_of_the_horizon(zone: str, start: str) -> None:
    horizon = Horizon(datetime.fromisoformat(start).replace(tzinfo=UTC), 24 * 40)
    clock = laws.local_hours(horizon.start, horizon.hours, zone)
    local = horizon.local(zone)
    assert clock.tolist() == [hour.hour for hour in local]
    assert laws.hours_of_week(clock).tolist() == [hour.hour_of_week for hour in local]
    assert np.diff(laws.local_days(clock)).tolist() == [b.day - a.day for a, b in pairwise(local)]


def test_windows_tumble_by_the_local_calendar() -> None:
    # New York's clocks go back on Sunday 1 November 2026, at two in the morning.
    start = datetime(2026, 10, 31, 4, tzinfo=UTC)
    clock = laws.local_hours(start, 24 * 4, "America/New_York")
    day = laws.hour_windows("day", 1, clock)
    assert np.unique(day, return_counts=True)[1].tolist() == [24, 25, 24, 23]
    week = laws.hour_windows("week", 1, clock)
    assert np.flatnonzero(np.diff(week)).tolist() == [24 + 25 - 1]
    month = laws.hour_windows("month", 1, clock)
    assert np.flatnonzero(np.diff(month)).tolist() == [24 - 1]
    assert len(set(laws.hour_windows("hour", 1, clock).tolist())) == 24 * 4
    assert np.unique(laws.hour_windows("hour", 6, clock), return_counts=True)[1].tolist()[4] == 7
    assert not laws.hour_windows("lifetime", 1, clock).any()
    with pytest.raises(ValueError, match="pod"):
        laws.hour_windows("pod", 1, clock)
