"""Deals in a whole run: goals are delivered to the impression, at their price, and places are kept."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from entities import registry
from sim.engine.executors.here import here
from sim.engine.run import simulate
from sim.events import FUNNEL, Hour
from sim.pacing import Plan, Situation
from sim.pacing.asap import Asap
from tests.bookings import Played, book, campaign, line_item, market, play

GOAL = {"kind": "guaranteed", "impressions": 500}
DEMAND = {"kind": "log_normal", "presence": 1, "median_cpm": 60, "sigma": 0.1}


def beside(deal_item: dict[str, Any], *open_items: dict[str, Any]) -> list[registry.Campaign]:
    """Return the campaign of a deal and those of others in the open auction, each of its own advertiser."""
    others = [campaign([item], advertiser=f"Open {place}") for place, item in enumerate(open_items)]
    return [campaign([deal_item], advertiser="Agreed"), *others]


def test_a_goal_is_delivered_to_the_impression_whatever_others_bid() -> None:
    rich = line_item("rich", max_cpm=90, lifetime_budget=100_000, pacing="asap")
    deal = line_item("deal", max_cpm=20, deal=GOAL)
    run = play(beside(deal, rich), market(ambient=DEMAND, floors={"cpm": 30}))
    assert run.book.line_items[0].lifetime_micros == 500 * 20_000
    assert (run.of(0, "impressions"), run.of(0, "spend_micros")) == (500, 10_000_000)
    assert run.of(0, "bids") == run.of(0, "wins")
    assert run.of(1, "lost_deal") > 100
    assert run.of(1, "impressions") > 0


def test_its_pacing_meters_it_toward_the_goal() -> None:
    hours = {
        kind: play([campaign([line_item(max_cpm=20, deal=GOAL, pacing=kind)])], market()).by_hour(
            0, "impressions"
        )
        for kind in ("even", "asap")
    }
    assert sum(hours["even"]) == sum(hours["asap"]) == 500
    assert next(hour for hour, n in enumerate(hours["asap"]) if sum(hours["asap"][: hour + 1]) == 500) < 12
    # 500 over 48 hours are 10.4 an hour; what is missed in a quiet one comes back later.
    assert sum(hours["even"][:24]) <= 24 * 10.5 * 1.06 + 4
    assert sum(hours["even"][24:]) > 200


class Half(Asap):
    """Bid half of the maximum at once; a member's child is no member of the family."""

    def plan(self, now: Situation) -> Plan:
        return Plan(now.spendable_micros, now.spendable_micros, multiplier_ppm=500_000)


@pytest.mark.parametrize("deal", ["open", GOAL])
def test_a_multiplier_changes_no_fixed_price(deal: Any) -> None:
    where = market(ambient="none", floors={"cpm": 0})
    whole = book([campaign([line_item(max_cpm=20, deal=deal, daily_budget=5)])], where)
    items = tuple(dataclasses.replace(item, pacing=Half()) for item in whole.line_items)
    hours: list[Hour] = []
    with here(1) as threads:
        outcome = simulate(where, dataclasses.replace(whole, line_items=items), 1, hours.append, threads)
    run = Played(whole, hours, outcome)
    fixed = deal == GOAL
    assert run.of(0, "bid_sum_micros") == run.of(0, "bids") * (20_000 if fixed else 10_000)
    assert {int(hour.pacing.multiplier_ppm[0]) for hour in hours} - {0} == {1_000_000 if fixed else 500_000}


@pytest.mark.parametrize(("place", "ends"), [("first", {0}), ("last", {1}), ("first_or_last", {0, 1})])
def test_a_place_that_is_bought_is_kept(place: str, ends: set[int]) -> None:
    items = [line_item(lifetime_budget=5, slot_in_pod=place)]
    pods = {"pre_roll": {"share": 0}, "mid_roll": {"slots": {2: 1}}}
    where = market(pods=pods, floors={"cpm": 10, "position_premium": 1.3})
    run = play([campaign(items)], where)
    events = [hour.events for hour in run.hours]
    assert {int(position) for hour in events for position in hour["pod_position"]} == ends
    assert {int(floor) for hour in events for floor in hour["floor_micros"]} == {13_000}
    plain = play([campaign([line_item(lifetime_budget=5)])], where)
    matched = run.of(0, "requests_matched") * 2, plain.of(0, "requests_matched") * len(ends)
    assert matched[0] == matched[1]


def refused(match: str, *items: dict[str, Any], **settings: Any) -> None:
    with pytest.raises(registry.InputError, match=match):
        play([campaign(list(items))], market(**settings))


def test_terms_that_contradict_a_deal_are_refused() -> None:
    goal = {"max_cpm": 20, "deal": GOAL}
    refused(
        r"Advertiser / Campaign / item: lifetime_budget: is given beside the delivery goal of a guaranteed deal",
        line_item(lifetime_budget=11, **goal),
    )
    drawn = {"bidding": "truthful", "valuation": "log_normal"}
    refused(
        "bidding: truthful over a valuation that is log_normal makes bids that differ",
        line_item(**goal, **drawn),
    )
    far = {"kind": "guaranteed", "impressions": 10**12}
    refused(
        "deal: the delivery goal of the guaranteed deal comes to 20,000,000,000",
        line_item(max_cpm=20, deal=far),
    )
    refused("has no budget, nor has its campaign", line_item(deal="guaranteed"))
    refused(
        "deal .*does not match any of the expected tags: 'guaranteed', 'open'",
        line_item(deal="pg", lifetime_budget=1),
    )
    change = {"at": "2026-11-02 12:00", "line_item": "item", "max_cpm": 30}
    refused(
        r"market.changes.0.max_cpm: 30 .* a deal at a fixed price, 20,", line_item(**goal), changes=[change]
    )


def test_the_budget_that_a_goal_makes_may_be_booked_with_it() -> None:
    run = book([campaign([line_item(max_cpm=20, deal=GOAL, lifetime_budget=10)])], market())
    assert run.line_items[0].lifetime_micros == 10_000_000


def test_a_goal_may_be_raised_and_cut_by_its_budget() -> None:
    changes = [{"at": "2026-11-02 12:00", "line_item": "item", "lifetime_budget": 4}]
    run = play([campaign([line_item(max_cpm=20, deal=GOAL)])], market(changes=changes))
    assert run.of(0, "impressions") == 200


def test_without_a_goal_its_budgets_are_it() -> None:
    run = play([campaign([line_item(max_cpm=20, deal="guaranteed", daily_budget=1)])], market())
    assert run.of(0, "impressions") == 100  # 50 on each of two days
    assert (run.funnel[0, FUNNEL.index("clearing_sum_micros")]) == 20_000 * run.of(0, "wins")
