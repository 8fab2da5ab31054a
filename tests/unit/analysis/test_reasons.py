"""Why a line item is behind."""

from __future__ import annotations

import numpy as np

from analysis.rows.reasons import COUNTED, ON_SCHEDULE, REASONS, behind, reason_codes
from sim.events import FUNNEL

LATE = np.array([True])


def reason(goal: int = 0, late: bool = True, **counts: int) -> str | None:
    funnel = np.array([[counts.get(name, 0) for name in FUNNEL]])
    code = reason_codes(funnel, np.array([goal]), np.array([late]))[0]
    return None if code == ON_SCHEDULE else REASONS[code]


def test_the_check_that_stopped_most_is_the_reason() -> None:
    assert reason(requests_matched=30, blocked_frequency_cap=10, lost_ambient=20) == "lost_ambient"
    assert reason(requests_matched=3, blocked_frequency_cap=3) == "blocked_frequency_cap"


def test_the_earlier_check_wins_a_tie() -> None:
    assert reason(requests_matched=10, blocked_allowance=5, lost_outbid=5) == "blocked_allowance"


def test_every_counted_reason_can_be_named() -> None:
    for name in COUNTED:
        assert reason(requests_matched=1, **{name: 1}) == name


def test_too_few_avails_when_all_that_matched_would_not_have_met_the_goal() -> None:
    counts = {"requests_matched": 100, "blocked_frequency_cap": 60, "bids": 40, "wins": 10}
    assert reason(goal=1_000_001, clearing_sum_micros=100_000, **counts) == "insufficient_avails"
    assert reason(goal=1_000_000, clearing_sum_micros=100_000, **counts) == "blocked_frequency_cap"


def test_a_bid_stands_in_for_a_price_that_nobody_paid() -> None:
    counts = {"requests_matched": 10, "bids": 10, "lost_outbid": 10, "bid_sum_micros": 200_000}
    assert reason(goal=200_001, **counts) == "insufficient_avails"
    assert reason(goal=200_000, **counts) == "lost_outbid"


def test_without_any_price_a_block_is_the_reason() -> None:
    assert reason(goal=10**12, requests_matched=5, blocked_daypart=5) == "blocked_daypart"


def test_nothing_matched_means_too_few_avails() -> None:
    assert reason(goal=1) == reason(goal=0) == "insufficient_avails"


def test_on_schedule_has_no_reason() -> None:
    assert reason(late=False, requests_matched=5, blocked_daypart=5) is None


def test_a_whole_flight_of_large_numbers_does_not_overflow() -> None:
    counts = {"requests_matched": 10**9, "lost_ambient": 10**9 - 10**8, "bids": 10**9, "wins": 10**8}
    assert reason(goal=10**12, clearing_sum_micros=20_000 * 10**8, **counts) == "lost_ambient"


def test_behind_is_under_95_percent() -> None:
    delivered, expected = np.array([94, 95, 0, 0]), np.array([100, 100, 0, 1])
    assert behind(delivered, expected).tolist() == [True, False, False, True]
