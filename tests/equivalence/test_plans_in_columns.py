"""A line item that is planned for in columns asks, bids and spends as it does when it plans alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine import desk
from sim.market.market import Market
from sim.pacing import PacingPolicy
from sim.pacing.columns import part_of
from tests.bookings import Played, campaign, line_item, market, play
from tests.property.books import booked, campaigns

COLUMNS = sorted(name for name, policy in PacingPolicy.members().items() if policy().in_columns)
POLICIES = [*COLUMNS, {"kind": "even", "ahead": 0.2}, "pid"]
books = campaigns(POLICIES, (None, "0.02", 3, 20))
markets = st.fixed_dictionaries(
    {
        "population": st.just({"viewers": 300}),
        "tick_minutes": st.sampled_from([60, 15]),
        "sync_minutes": st.sampled_from([0, 60, 180]),
        "timezone": st.sampled_from(["America/New_York", "UTC"]),
        "ambient": st.sampled_from(["none", "log_normal"]),
    }
)
FIRST = {"line_item": "Advertiser 0 / Campaign / item 0"}
changes = st.sampled_from(
    [
        [],
        [{"at": "2026-11-02 12:00", **FIRST, "daily_budget": 2}],
        [
            {"at": "2026-11-02 11:00", **FIRST, "status": "paused"},
            {"at": "2026-11-02 15:00", **FIRST, "status": "active"},
        ],
    ]
)


def test_some_policies_plan_in_columns() -> None:
    assert COLUMNS == ["asap", "even", "traffic_shaped"]


def both(sold: list[Any], where: Market, seed: int = 1) -> Played:
    """Return a run, after checking that plans in columns and plans alone come to the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(desk, "MEMBERS", 1)
        together = play(sold, where, seed)
        patch.setattr(desk, "MEMBERS", 1000)
        alone = play(sold, where, seed)
    assert together.outcome == alone.outcome
    for hour, again in zip(together.hours, alone.hours, strict=True):
        for name, column in hour.pacing._asdict().items():
            assert column.tolist() == getattr(again.pacing, name).tolist(), (hour.hour, name)
    return together


@settings(max_examples=20)
@given(books, markets, changes, st.integers(0, 2**32))
def test_a_run_is_the_same_whoever_plans(
    drawn: list[Any], where: dict[str, Any], changed: list[Any], seed: int
) -> None:
    both(booked(drawn), market(**where, changes=changed), seed)


@pytest.mark.parametrize("minutes", [1, 60])
def test_so_it_is_where_a_campaign_plans_for_some(minutes: int) -> None:
    # Its line items answer with what it plans for them, and have a desk that they do not ask.
    items = [line_item(name, daily_budget=2) for name in "ab"]
    sold = [
        campaign(items, advertiser="One", lifetime_budget=6, pacing="traffic_shaped"),
        campaign([line_item("c", lifetime_budget=3, pacing="even")], advertiser="Two"),
    ]
    played = both(sold, market(days=1, tick_minutes=minutes, population={"viewers": 400}))
    assert min(played.of(place, "spend_micros") for place in range(3)) > 0


@given(st.integers(0, 2**62 - 1), st.integers(0, 2**50 - 1), st.integers(1, 2**50 - 1))
def test_a_part_is_that_of_numbers_without_a_bound(micros: int, one: int, other: int) -> None:
    part, whole = min(one, other), max(one, other)
    found = part_of(*(np.array([each], np.int64) for each in (micros, part, whole)))
    assert found.tolist() == [-(-micros * part // whole)]
