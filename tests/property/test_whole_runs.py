"""Whole runs of random books in random markets: what budgets, funnels and sums promise, whatever is booked."""

from datetime import timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entities import registry
from sim import laws
from sim.auction import AuctionFormat
from sim.book.records import BookedCampaign, BookedLineItem
from sim.events import FUNNEL
from sim.pacing import PacingPolicy
from tests.bookings import Played, campaign, line_item, market, play

amounts = st.sampled_from([None, "0.02", "0.5", 3, 20, 500])
zones = st.sampled_from(["America/New_York", "America/Los_Angeles", "UTC", "Australia/Sydney"])
caps = st.lists(
    st.builds(
        lambda limit, unit: {"max_impressions": limit, "unit": unit},
        st.integers(1, 4),
        st.sampled_from(["minute", "hour", "day", "week", "lifetime", "pod", "stream"]),
    ),
    max_size=3,
    unique_by=lambda cap: cap["unit"],
)
flights = st.sampled_from(
    [
        [],
        [{"start": "2026-11-02", "days": 1}],
        [{"start": "2026-11-02 06:00", "end": "2026-11-02 09:00"}, {"start": "2026-11-03 20:00", "days": 2}],
        [{"start": "2026-11-03 23:00", "end": "2026-11-04 01:00"}],
    ]
)
items = st.fixed_dictionaries(
    {
        "max_cpm": st.sampled_from([8, 12, 25, "25.125"]),
        "lifetime_budget": st.sampled_from(["0.02", "0.5", 3, 20, 500]),
        "daily_budget": st.sampled_from([None, None, "0.02", "0.5"]),
        "pacing": st.sampled_from(sorted(PacingPolicy.members())),
        "deal": st.sampled_from(["open", "open", "guaranteed", {"kind": "private", "floor_cpm": 7}]),
        "slot_in_pod": st.sampled_from([*["any"] * 3, *registry.SlotInPod]),
        "frequency_caps": caps,
        "flights": flights,
        "dayparts": st.sampled_from([None, None, [{"hours": "18-23"}, {"hours": [3], "weekdays": ["mon"]}]]),
    }
)
campaigns = st.lists(
    st.tuples(
        st.lists(items, min_size=1, max_size=3), amounts, st.sampled_from([None, "0.5", 3]), zones, caps
    ),
    min_size=1,
    max_size=3,
)
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


def _campaigns(drawn: list[Any]) -> list[Any]:
    number = count()
    booked = []
    for place, (line_items, lifetime, daily, zone, campaign_caps) in enumerate(drawn):
        too_much = lifetime is not None and daily is not None and float(daily) > float(lifetime)
        terms = []
        for one in line_items:
            item = {key: value for key, value in one.items() if value is not None}
            if "daily_budget" in item and float(item["daily_budget"]) > float(item["lifetime_budget"]):
                del item["daily_budget"]
            terms.append(line_item(f"item {next(number)}", **item))
        booked.append(
            campaign(
                terms, advertiser=f"Advertiser {place}", end="2026-11-06", timezone=zone,
                lifetime_budget=lifetime, daily_budget=None if too_much else daily, frequency_caps=campaign_caps,
            )
        )  # fmt: skip
    return booked


def _by_day(played: Played, owner: BookedLineItem | BookedCampaign, where: Any) -> dict[Any, int]:
    places = owner.line_items if isinstance(owner, BookedCampaign) else [played.book.line_items.index(owner)]
    zone = ZoneInfo(played.book.line_items[places[0]].zone)
    spent: dict[Any, int] = {}
    for hour in played.hours:
        day = (where.horizon.start + timedelta(hours=hour.hour)).astimezone(zone).date()
        spent[day] = spent.get(day, 0) + int(hour.funnel[list(places), FUNNEL.index("spend_micros")].sum())
    return spent


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(campaigns, markets, st.integers(0, 2**32))
def test_no_book_in_no_market_breaks_a_budget_or_loses_an_opportunity(
    drawn: list[Any], settings_: dict[str, Any], seed: int
) -> None:
    where = market(**settings_)
    played = play(_campaigns(drawn), where, seed=seed)
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
