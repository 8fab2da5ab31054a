"""Campaigns that plan for their line items keep every law, and their plans are made again from the rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.bookings import CREATIVE
from tests.laws.finished import broken, finish, played

MARKET = (
    "market.days=2",
    "market.population.viewers=800",
    "market.shards=3",
    "market.outcomes.click={tv: 0.05}",
)


def campaigns(pacing: object) -> str:
    """Return the setting of two campaigns, of which one plans for its line items by *pacing*."""
    terms = {"start_date": "2026-11-02", "end_date": "2026-11-03", "timezone": "America/New_York"}
    screens = {"tv": {"max_cpm": 30, "lifetime_budget": 60}, "mobile": {"max_cpm": 18}}
    items = [
        {"name": screen, "creatives": [CREATIVE], "targeting": {"include": {"device": [screen]}}, **own}
        for screen, own in screens.items()
    ]
    paced = {
        "name": "Paced",
        **terms,
        "lifetime_budget": 90,
        "daily_budget": 60,
        "pacing": pacing,
        "line_items": items,
    }
    other = {"name": "Other", **terms, "line_items": [{**items[1], "lifetime_budget": 30, "pacing": "even"}]}
    owners = {"Cars": paced, "Drinks": other}
    found = [{"advertiser": {"name": name}, "campaign": campaign} for name, campaign in owners.items()]
    return f"campaigns={json.dumps(found)}"


COST = {"controls": "cost_per_click", "target_cost": 0.5}
PACINGS = (
    "even",
    "traffic_shaped",
    "throttling",
    {"kind": "pid", **COST},
    {"kind": "water_level", "gamma": 1, **COST},
)


@pytest.mark.parametrize("pacing", PACINGS, ids=str)
def test_nothing_is_broken(pacing: object) -> None:
    found = played("smoke", "profiles=[]", "market.changes=[]", campaigns(pacing), *MARKET).audit()
    assert found.broken == ()
    plans = next(report for report in found.laws if report.number == 16)
    assert plans.checked > 0
    assert plans.note == ""


def test_a_plan_that_its_campaign_did_not_make_is_found(tmp_path: Path) -> None:
    run = finish(
        tmp_path / "run", "smoke", "profiles=[]", "market.changes=[]", campaigns(PACINGS[-1]), *MARKET
    )
    assert broken(run.audit()) == set()
    run.sql("UPDATE performance_extended SET bid_multiplier_ppm = bid_multiplier_ppm + 1 WHERE bids > 0")
    assert broken(run.audit()) == {12, 16}
