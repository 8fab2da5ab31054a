"""A campaign's pacing: one policy plans for all its line items, with one multiplier and one budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from entities import registry
from entities.errors import InputError
from sim.book.records import BookedCampaign
from sim.events import FUNNEL
from sim.pacing import PacingPolicy
from tests.bookings import Played, book, campaign, line_item, market, play

POLICIES = sorted(PacingPolicy.members())
SCREENS: dict[str, list[str]] = {"tv": ["tv"], "small": ["mobile", "tablet", "desktop"]}
BID = 30_000
"""The highest, micros."""


def on(screen: str, **terms: Any) -> dict[str, Any]:
    """Return a line item that wants the slots of some devices, which the other does not."""
    return line_item(screen, **{"targeting": {"include": {"device": SCREENS[screen]}}, **terms})


def two(**terms: Any) -> registry.Campaign:
    """Return a campaign of two line items, of which one is worth twice the other."""
    return campaign([on("tv", max_cpm=30), on("small", max_cpm=15)], **terms)


def spends(played: Played) -> list[int]:
    """Return what each line item spent."""
    return played.funnel[:, FUNNEL.index("spend_micros")].tolist()


def multipliers(played: Played) -> np.ndarray[Any, Any]:
    """Return what each bid was multiplied with, hours × line items."""
    return np.array([hour.pacing.multiplier_ppm for hour in played.hours])


@pytest.mark.parametrize("kind", POLICIES)
def test_all_its_line_items_have_one_multiplier_and_one_participation(kind: str) -> None:
    where = market(days=1, shards=2)
    played = play([two(lifetime_budget=100, pacing=kind, end="2026-11-02")], where)
    for name in ("multiplier_ppm", "participation_ppm"):
        plans = np.array([getattr(hour.pacing, name) for hour in played.hours])
        assert (plans[:, 0] == plans[:, 1]).all(), name
    assert 0 < sum(spends(played)) <= 100_000_000


@pytest.mark.parametrize("kind", ["even", "traffic_shaped", "adaptive", "pid", "pace"])
def test_its_budget_is_spent_and_never_passed(kind: str) -> None:
    where = market()
    spent = sum(spends(play([two(lifetime_budget=200, pacing=kind)], where)))
    assert 0.99 * 200_000_000 < spent <= 200_000_000


def test_its_daily_budget_holds_in_every_day() -> None:
    played = play([two(daily_budget=80, pacing="adaptive")], market())
    column = FUNNEL.index("spend_micros")
    spent = np.array([hour.funnel[:, column].sum() for hour in played.hours])
    for day in (spent[:24], spent[24:]):
        assert 0.95 * 80_000_000 < day.sum() <= 80_000_000


def test_line_items_keep_within_budgets_of_their_own() -> None:
    items = [on("tv", max_cpm=30, lifetime_budget=50), on("small", max_cpm=30, daily_budget=36)]
    played = play([campaign(items, lifetime_budget=120, pacing="even")], market(ambient="none"))
    names = [item.name for item in played.book.line_items]
    spent = dict(zip(names, spends(played), strict=True))
    assert 49_000_000 < spent["tv"] <= 50_000_000
    assert spent["small"] <= 72_000_000
    assert 100_000_000 < sum(spent.values()) <= 120_000_000


def test_what_one_cannot_spend_goes_to_the_other() -> None:
    items = [on("tv"), on("small", dayparts=[{"hours": [3]}])]
    played = play([campaign(items, lifetime_budget=150, pacing="even")], market(ambient="none"))
    assert sum(spends(played)) > 150_000_000 - 8 * BID


def test_a_paused_line_item_leaves_its_part_to_the_others() -> None:
    changes = [{"at": "2026-11-02 06:00", "line_item": "Advertiser / Campaign / tv", "status": "paused"}]
    where = market(ambient="none", changes=changes)
    played = play([two(lifetime_budget=60, pacing="even")], where)
    names = [item.name for item in played.book.line_items]
    tv = played.by_hour(names.index("tv"), "spend_micros")
    assert sum(tv[6:]) == 0 < sum(tv[:6])
    assert sum(spends(played)) > 60_000_000 - 8 * BID


def test_a_fixed_price_is_bid_as_it_is() -> None:
    deal = {"kind": "guaranteed", "impressions": 1000}
    items = [on("tv", max_cpm=30), on("small", max_cpm=20, deal=deal)]
    pacing = {"kind": "fixed_multiplier", "multiplier": 0.5}
    played = play([campaign(items, lifetime_budget=100, pacing=pacing)], market())
    names = [item.name for item in played.book.line_items]
    found = multipliers(played)
    assert (found[:, names.index("tv")] == 500_000).all()
    assert found[0, names.index("small")] == 1_000_000


def test_late_news_pass_no_budget_by_more_than_is_not_known() -> None:
    where = market(tick_minutes=15, sync_minutes=60)
    played = play([two(lifetime_budget=100, pacing="pid")], where)
    over = sum(fact.amount_micros for fact in played.facts("budget_overspent"))
    assert 95_000_000 < sum(spends(played)) <= 100_000_000 + over


def test_a_change_of_terms_begins_a_new_plan() -> None:
    change = {"at": "2026-11-02 12:00", "campaign": "Advertiser / Campaign", "lifetime_budget": 100}
    where = market(ambient="none", changes=[change])
    spent = spends(play([two(lifetime_budget=160, pacing="adaptive")], where))
    assert 95_000_000 < sum(spent) <= 100_000_000


def test_the_book_of_a_campaign_without_one_has_no_word_of_it() -> None:
    where = market()
    plain, paced = (book([two(lifetime_budget=100, **terms)], where) for terms in ({}, {"pacing": "pid"}))
    assert [one.pacing for one in plain.campaigns] == [None]
    assert '"pacing": null' not in plain.text.replace('":', '": ')
    assert isinstance(paced.campaigns[0], BookedCampaign)
    assert paced.campaigns[0].pacing == paced.line_items[0].pacing == PacingPolicy.members()["pid"]()


def test_a_row_without_a_budget_of_its_own_is_refused() -> None:
    row = campaign([on("tv", lifetime_budget=10)])
    row.pacing = '{"kind":"pid"}'
    told = "campaign Advertiser / Campaign: has a pacing and no budget of its own; give it one"
    with pytest.raises(InputError, match=told):
        book([row], market())
