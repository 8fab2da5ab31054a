"""Proposals: what a booking asks for, and the same with other terms."""

from __future__ import annotations

from decimal import Decimal

import pytest

from analysis.forecast.proposal import from_terms
from analysis.forecast.world import world_of
from entities.errors import InputError
from entities.registry import ENDLESS
from scenarios.loader import load
from tests.unit.analysis.forecast.small import SMALL

MARKET = load("smoke", SMALL).scenario.market


def test_impressions_make_the_budget_and_the_price_moves_it() -> None:
    made = from_terms({"max_cpm": 28}, MARKET, 1000)
    assert (made.goal, made.budget_micros) == (1000, 28_000_000)
    assert made.path == "Forecast / Proposal / Proposal"
    assert made.at_cpm(14_000).budget_micros == 14_000_000
    assert (made.with_goal(500).goal, made.with_goal(500).budget_micros) == (500, 14_000_000)
    # A budget that was given stays as it is, and goes with the goal.
    given = from_terms({"max_cpm": 28, "lifetime_budget": 20}, MARKET, 1000)
    assert (given.goal, given.at_cpm(14_000).budget_micros) == (1000, 20_000_000)
    assert given.with_goal(500).budget_micros == 10_000_000


def test_without_impressions_the_budget_is_the_goal() -> None:
    made = from_terms({"max_cpm": 28, "budgets": [{"budget_type": "lifetime", "amount": 5}]}, MARKET)
    assert made.goal == made.budget_micros == 5_000_000
    assert made.delivered(100, 2_500_000) == 0.5
    assert made.at_cpm(14_000).budget_micros == 5_000_000
    assert made.with_goal(1_000_000).item.lifetime_budget == Decimal(1)
    with pytest.raises(InputError, match="nothing to deliver: say how many impressions"):
        from_terms({"max_cpm": 28, "daily_budget": 5}, MARKET)
    with pytest.raises(InputError, match="nothing to deliver: the budget is 0"):
        from_terms({"max_cpm": 28, "lifetime_budget": 0}, MARKET)


def test_of_budgets_of_campaign_and_line_item_the_lower_counts() -> None:
    item = {"max_cpm": 28, "lifetime_budget": 100, "daily_budget": 3}
    campaign = {"lifetime_budget": 9, "daily_budget": 4, "line_items": [item]}
    made = from_terms({"campaign": campaign}, MARKET)
    assert (made.budget_micros, made.item.daily_budget) == (9_000_000, 3)
    assert made.listing.campaign.all_budgets() == ()


def test_a_guaranteed_deal_brings_its_goal() -> None:
    deal = {"kind": "guaranteed", "impressions": 300}
    made = from_terms({"max_cpm": 28, "deal": deal}, MARKET)
    assert (made.goal, made.budget_micros) == (300, 8_400_000)
    more = made.with_goal(600)
    assert (more.item.deal["impressions"], more.budget_micros) == (600, 16_800_000)
    loose = more.unbound()
    assert (loose.item.deal, loose.item.lifetime_budget) == ({"kind": "guaranteed"}, ENDLESS)
    for one in (made, more, made.at_cpm(30_000)):
        assert world_of(load("smoke", SMALL), one).having(one).book.line_items  # it can be booked


def test_terms_of_a_campaign_are_those_of_its_line_item() -> None:
    item = {"max_cpm": 28, "name": "TV"}
    campaign = {"name": "Spring", "lifetime_budget": 9, "pacing": "even", "line_items": [item]}
    made = from_terms({"advertiser": {"name": "Coast"}, "campaign": campaign}, MARKET)
    assert (made.path, made.goal) == ("Coast / Spring / TV", 9_000_000)
    assert made.item.pacing == {"kind": "even"}
    several = {**campaign, "line_items": [item, {**item, "name": "Phones"}]}
    with pytest.raises(InputError, match="a forecast is of one line item; 'Spring' has 2"):
        from_terms({"campaign": several}, MARKET)


def test_a_name_that_the_scenario_has_is_refused() -> None:
    campaign = {"name": "Smoke Launch", "line_items": [{"max_cpm": 28}]}
    made = from_terms({"advertiser": {"name": "Smoke Motors"}, "campaign": campaign}, MARKET, 100)
    with pytest.raises(InputError, match="has a campaign 'Smoke Motors / Smoke Launch' already"):
        world_of(load("smoke", SMALL), made)
