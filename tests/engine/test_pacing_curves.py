"""Delivery along the flight: on schedule at every length of tick, in every share of a budget, to the end."""

import numpy as np
import pytest

from tests.bookings import Played, campaign, line_item, market, play

BID = 25_000


def _cheap(**settings: object) -> object:
    return market(ambient="none", **settings)


def _osi(played: Played, hour: int) -> float:
    pacing = played.hours[hour - 1].pacing
    return float(pacing.delivered_cum_micros[0] / pacing.expected_cum_micros[0])


@pytest.mark.parametrize("minutes", [60, 5, 1])
@pytest.mark.parametrize("kind", ["even", "traffic_shaped"])
def test_a_small_budget_is_on_schedule_all_along(minutes: int, kind: str) -> None:
    where = _cheap(tick_minutes=minutes, days=1, population={"viewers": 3000})
    played = play([campaign([line_item(lifetime_budget=60, pacing=kind)], end="2026-11-02")], where)
    for hour in (6, 12, 18, 24):
        # A bid for each shard, and what one hour of a thin night may lack.
        slack = (4 * BID + 60_000_000 / 24) / played.hours[hour - 1].pacing.expected_cum_micros[0]
        assert _osi(played, hour) == pytest.approx(1, abs=slack), hour


def test_a_goal_below_one_bid_an_hour_is_saved_up() -> None:
    # $1.20 at $60 CPM is 20 impressions in 168 hours.
    item = line_item(max_cpm=60, lifetime_budget="1.20")
    played = play([campaign([item], end="2026-11-08")], _cheap(days=7))
    spent = np.cumsum(played.by_hour(0, "spend_micros"))
    expected = 1_200_000 * np.arange(1, 169) / 168
    assert np.abs(spent - expected).max() <= 4 * 60_000
    assert spent[-1] >= 1_200_000 - 60_000


@pytest.mark.parametrize("shards", [1, 16, 256])
def test_many_shards_do_not_strand_a_small_budget(shards: int) -> None:
    played = play([campaign([line_item(lifetime_budget=20)])], _cheap(shards=shards))
    assert played.of(0, "spend_micros") > 0.95 * 20_000_000


def test_a_flight_longer_than_the_horizon_keeps_the_rest_of_its_budget() -> None:
    played = play([campaign([line_item(lifetime_budget=460, pacing="even")], end="2026-12-17")], _cheap())
    assert played.of(0, "spend_micros") == pytest.approx(460_000_000 * 2 / 46, rel=0.05)
    # As much ahead as `even` means to be.
    assert 1 <= _osi(played, 48) <= 1.05


NOWHERE = {"include": {"device": ["tablet"], "genre": ["science_fiction"], "title_tier": ["top_10"]}}


@pytest.mark.parametrize("idle", [1, 9])
def test_what_some_line_items_cannot_use_goes_to_those_that_can(idle: int) -> None:
    items = [line_item("busy"), *(line_item(f"idle {n}", targeting=NOWHERE) for n in range(idle))]
    played = play([campaign(items, lifetime_budget=60, end="2026-11-05")], _cheap(days=4))
    busy = [item.name for item in played.book.line_items].index("busy")
    assert played.of(busy, "spend_micros") > 0.9 * 60_000_000


def test_own_budgets_leave_the_campaigns_to_the_others() -> None:
    small = line_item("small", lifetime_budget=2)
    daily = play([campaign([small, line_item("open")], daily_budget=30)], _cheap())
    assert daily.funnel[:, -2].sum() > 0.97 * 60_000_000
    capped = line_item("capped", daily_budget=1)
    whole = play([campaign([capped, line_item("open")], lifetime_budget=60)], _cheap())
    assert whole.funnel[:, -2].sum() > 0.97 * 60_000_000


def test_line_items_that_have_their_own_money_get_it() -> None:
    items = [line_item("slow", lifetime_budget=60, targeting={"include": {"device": ["phone"]}}), line_item("quick", lifetime_budget=40)]  # fmt: skip
    together = play([campaign(items, lifetime_budget=100)], _cheap())
    apart = play([campaign(items)], _cheap())
    assert (together.funnel == apart.funnel).all()


def test_on_schedule_means_a_part_where_a_budget_is_shared() -> None:
    items = [line_item(name, lifetime_budget=60) for name in "ab"]
    played = play([campaign(items, lifetime_budget=60)], _cheap())
    last = played.hours[-1].pacing
    assert last.delivered_cum_micros.sum() > 58_000_000
    assert last.delivered_cum_micros / last.expected_cum_micros == pytest.approx([1, 1], abs=0.05)
