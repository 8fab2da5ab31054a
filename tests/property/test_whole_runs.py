"""Whole runs of random books in random markets: what budgets, funnels and sums promise, whatever is booked."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import laws
from sim.auction import AuctionFormat
from sim.book.records import BookedCampaign, BookedLineItem
from sim.events import FUNNEL
from tests.bookings import Played, market, play
from tests.property.books import booked, campaigns

markets = st.fixed_dictionaries(
    {
        "population": st.fixed_dictionaries({"viewers": st.integers(1, 400)}),
        "shards": st.sampled_from([1, 3, 16]),
        "tick_minutes": st.sampled_from([60, 60, 15, 5]),
        "auction": st.sampled_from(sorted(AuctionFormat.members())),
        "ambient": st.sampled_from(["none", "log_normal"]),
        "floors": st.fixed_dictionaries({"cpm": st.sampled_from([0, 10, 20])}),
    }
)


def _by_day(played: Played, owner: BookedLineItem | BookedCampaign, where: Any) -> dict[Any, int]:
    places = owner.line_items if isinstance(owner, BookedCampaign) else [played.book.line_items.index(owner)]
    zone = ZoneInfo(played.book.line_items[places[0]].zone)
    spent: dict[Any, int] = {}
    for hour in played.hours:
        day = (where.horizon.start + timedelta(hours=hour.hour)).astimezone(zone).date()
        spent[day] = spent.get(day, 0) + int(hour.funnel[list(places), FUNNEL.index("spend_micros")].sum())
    return spent


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(campaigns(), markets, st.integers(0, 2**32))
def test_no_book_in_no_market_breaks_a_budget_or_loses_an_opportunity(
    drawn: list[Any], settings_: dict[str, Any], seed: int
) -> None:
    where = market(**settings_)
    played = play(booked(drawn), where, seed=seed)
    for owner in (*played.book.line_items, *played.book.campaigns):
        days = _by_day(played, owner, where)
        assert owner.lifetime_micros is None or sum(days.values()) <= owner.lifetime_micros
        assert owner.daily_micros is None or max(days.values()) <= owner.daily_micros
    for hour in played.hours:
        rows = dict(zip(FUNNEL, hour.funnel.T, strict=True))
        verdict = laws.funnel(rows, lambda place: played.book.line_items[place].path)
        assert verdict.holds, verdict.findings
        events = hour.events
        charged = np.bincount(events["line_item"], events["charged_micros"], len(hour.funnel)).astype(
            np.int64
        )
        assert (charged == rows["spend_micros"]).all()
        assert int(hour.inventory[..., 4].sum()) == int(charged.sum())
        assert (hour.inventory[..., 0] == hour.inventory[..., 1:4].sum(axis=-1)).all()
        live = np.array(
            [
                any(first <= hour.hour < last for first, last in item.flights)
                for item in played.book.line_items
            ]
        )
        assert (rows["requests_matched"][~live] == 0).all()
        assert (hour.frequency.sum(axis=1) <= where.population.viewers).all()
