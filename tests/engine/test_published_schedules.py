"""Schedules as they are published, through the whole engine: what each day of a plentiful market brings."""

from itertools import accumulate

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.bookings import Played, campaign, line_item, market, play

BID, SHARDS = 25_000, 2
SLACK = 2 * SHARDS * BID
"""A day may begin and end with up to a bid a shard that is carried over."""
GAM_EVENLY = [1050, 1044.17, 1037.64, 1030.23, 1021.64, 1011.43, 998.78, 982.14, 957.58, 866.39]
"""support.google.com/admanager/answer/82244: 1.05 of what is left over the days left, of 10,000 impressions."""


def _played(days: int, **terms: object) -> Played:
    where = market(ambient="none", days=days, shards=SHARDS)
    return play([campaign([line_item(**terms)], end=f"2026-11-{1 + days:02}")], where)


def _by_day(played: Played) -> NDArray[np.int64]:
    return np.array(played.by_hour(0, "spend_micros")).reshape(-1, 24).sum(axis=1)


def test_ten_days_are_delivered_evenly_as_google_ad_manager_has_it() -> None:
    spend = _by_day(_played(10, lifetime_budget=250, pacing="even"))
    assert np.abs(spend - np.array(GAM_EVENLY) * BID).max() <= SLACK


def test_ten_days_are_front_loaded_as_google_ad_manager_has_it() -> None:
    played = _played(10, lifetime_budget=250, pacing="front_loaded")
    spend = _by_day(played) / 250_000_000
    ends = np.arange(11) / 10
    curve = np.diff(ends * (1.4 - 0.2 * ends - 0.2 * ends**2))
    assert np.abs(spend - curve).max() <= SLACK / 250_000_000
    assert spend[:5].sum() == pytest.approx(0.5 * 1.25, abs=SLACK / 250_000_000)
    assert spend.sum() > 1 - SLACK / 250_000_000
    # Who is on the curve is on schedule, at every noon of it.
    for hour in played.hours[11::24]:
        delivered, expected = hour.pacing.delivered_cum_micros[0], hour.pacing.expected_cum_micros[0]
        assert abs(delivered - expected) <= SLACK


def test_a_daily_budget_is_front_loaded_in_every_day() -> None:
    played = _played(2, daily_budget=30, pacing="front_loaded")
    hours = np.array(played.by_hour(0, "spend_micros")).reshape(-1, 24) / 30_000_000
    for day in hours:
        assert day.sum() > 1 - SLACK / 30_000_000
        # By the afternoon a night that was thin has been made good, and half a day is a quarter above.
        assert list(accumulate(day))[15] == pytest.approx(_curve(16 / 24), abs=0.03)


def _curve(t: float) -> float:
    return t * (1.4 - 0.2 * t - 0.2 * t * t)


def test_a_daily_budget_is_even_in_every_day_a_little_ahead() -> None:
    hours = np.array(_played(2, daily_budget=12, pacing="even").by_hour(0, "spend_micros")).reshape(-1, 24)
    left, even = 12_000_000.0, []
    for hour in range(24):
        even.append(left if hour == 23 else 1.05 * left / (24 - hour))
        left -= even[-1]
    for day in hours:
        assert np.abs(np.cumsum(day) - np.cumsum(even)).max() <= SLACK


@pytest.mark.parametrize("kind", ["even", "front_loaded"])
def test_a_budget_cut_at_noon_leaves_ads_to_the_afternoon(kind: str) -> None:
    # By noon of the first of ten days more is spent than a tenth of what is left of the budget.
    changes = [{"at": "2026-11-02 12:00", "line_item": "item", "lifetime_budget": 40}]
    where = market(ambient="none", days=2, changes=changes)
    played = play([campaign([line_item(lifetime_budget=250, pacing=kind)], end="2026-11-11")], where)
    spend = np.array(played.by_hour(0, "spend_micros"))
    assert (spend[:12].sum()) > 40_000_000 / 10
    even = (40_000_000 - spend[:12].sum()) / (10 * 24 - 12)
    assert spend[12:24].sum() == pytest.approx(12 * even, abs=SLACK)


def test_throttling_spends_a_day_along_its_traffic_and_is_done_at_22() -> None:
    # A policy of the minute in ticks of a minute: the rate to find is about a third.
    where = market(ambient="none", tick_minutes=1, shards=SHARDS, population={"viewers": 3000})
    item = line_item(pacing="throttling", daily_budget=200, lifetime_budget=10_000)
    played = play([campaign([item])], where)
    spend = np.array(played.by_hour(0, "spend_micros")).reshape(-1, 24) / 200_000_000
    # On schedule is along the forecast: its steps are the forecast of each hour.
    forecast = np.diff([0, *(hour.pacing.expected_cum_micros[0] for hour in played.hours)]).reshape(-1, 24)
    for day, traffic in zip(spend, forecast, strict=True):
        allocated = np.cumsum(traffic)[:21] / traffic[:22].sum()
        # Spend swings around its allocation by up to (1/p - 1 + ln p) / ln 1.1 windows where the rate that is
        # needed is p: eight for a third. Seven more for what notices late, and for the spread of its wins.
        quarter = np.maximum(traffic[:21], traffic[1:22]) / traffic[:22].sum() / 4
        assert (np.abs(np.cumsum(day)[:21] - allocated) <= quarter + SLACK / 200_000_000).all()
        assert day[:22].sum() >= 1 - quarter[-1]
        assert day[:23].sum() > 1 - SLACK / 200_000_000
    bids, throttled = (played.of(0, name) for name in ("bids", "blocked_throttle"))
    assert 0.25 < bids / (bids + throttled) < 0.5


def test_a_budget_cut_at_noon_is_throttled_anew() -> None:
    changes = [{"at": "2026-11-02 12:00", "line_item": "item", "daily_budget": 90}]
    where = market(ambient="none", days=1, tick_minutes=1, population={"viewers": 3000}, changes=changes)
    item = line_item(pacing="throttling", daily_budget=200, lifetime_budget=10_000)
    spend = np.array(play([campaign([item])], where).by_hour(0, "spend_micros"))
    # What was left of the day's $90 at noon is spread over the hours to 22, and none of them is without ads.
    assert 65_000_000 < spend[:12].sum() < 85_000_000
    assert spend[12:22].min() > 0
    assert spend.sum() > 90_000_000 - SLACK


@pytest.mark.parametrize("mode", ["soft", "hard"])
def test_mystique_spends_steadily_once_its_signal_is_found(mode: str) -> None:
    where = market(ambient="none", days=1, tick_minutes=1, shards=SHARDS, population={"viewers": 3000})
    item = line_item(
        pacing={"kind": "mystique", "mode": mode, "target": "linear"},
        daily_budget=150,
        lifetime_budget=10_000,
    )
    played = play([campaign([item])], where)
    spent = np.cumsum(played.by_hour(0, "spend_micros")) / 150_000_000
    hours = np.arange(1, 25) / 24
    # It begins at one in ten thousand and rises by at most 0.025 a minute, with the night's thin traffic: from
    # the morning on it is on its line, within a quarter of an hour.
    assert np.abs(spent - hours)[8:].max() <= 0.25 / 24
    assert spent[-1] > 1 - SLACK / 150_000_000
    pacing = [hour.pacing for hour in played.hours]
    multipliers, parts = (
        [getattr(one, name)[0] for one in pacing] for name in ("multiplier_ppm", "participation_ppm")
    )
    moved, still = (multipliers, parts) if mode == "soft" else (parts, multipliers)
    assert set(still) == {1_000_000}
    assert moved[0] < moved[4]


def test_mystique_learns_in_which_hours_the_traffic_is() -> None:
    where = market(ambient="none", days=3, tick_minutes=1, shards=SHARDS, population={"viewers": 3000})
    item = line_item(pacing={"kind": "mystique", "mode": "hard"}, daily_budget=150, lifetime_budget=10_000)
    played = play([campaign([item], end="2026-11-04")], where)
    spend = np.array(played.by_hour(0, "spend_micros")).reshape(-1, 24)
    matched = np.array(played.by_hour(0, "requests_matched")).reshape(-1, 24)
    # Its last minutes have the mean signal of the day, whatever is left: five minutes of spend at most.
    assert (spend.sum(axis=1) > 150_000_000 * (1 - 5 / 1440)).all()
    # The first day is even and its signal must be high at night and low in the evening; the third needs less.
    apart = [
        np.abs(day / day.sum() - traffic / traffic.sum()).sum()
        for day, traffic in zip(spend, matched, strict=True)
    ]
    assert apart[2] < apart[1] < apart[0]
    assert apart[2] < apart[0] / 2


@pytest.mark.parametrize("kind", ["even", "front_loaded", "throttling", "mystique"])
def test_the_night_on_which_clocks_go_back_is_an_hour_longer_and_no_hour_is_without_ads(kind: str) -> None:
    # In New York 2026-11-01 has 25 hours; the flight begins an hour before it.
    minutes = 1 if kind in {"throttling", "mystique"} else 60
    where = market(start="2026-10-31", days=3, ambient="none", shards=SHARDS, tick_minutes=minutes)
    flights = [{"start": "2026-10-31 23:00", "end": "2026-11-02 00:00"}]
    item = line_item(pacing=kind, lifetime_budget=52, flights=flights)
    booked = campaign([item], start="2026-10-31", end="2026-11-02")
    spend = np.array(play([booked], where).by_hour(0, "spend_micros"))
    assert (spend[23:49] > 0).sum() >= (24 if kind == "throttling" else 26)  # which is done by 22 h
    assert spend[:23].sum() == spend[49:].sum() == 0
    assert spend.sum() > 52_000_000 - SLACK
    if kind == "even":
        # 26 hours of $2: an hour of Saturday, 5 % ahead, and then the day.
        assert spend[23] == pytest.approx(2_100_000, abs=SLACK)
        assert spend[24:36].sum() == pytest.approx(12 * 2_000_000, rel=0.06)
