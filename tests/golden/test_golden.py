"""Frozen scenarios give the figures that they gave before, to the last byte."""

import difflib
from pathlib import Path

import pytest

from entities import registry
from scenarios.loader import load
from sim.auction import AuctionFormat
from sim.pacing import PacingPolicy
from tests.golden.remake import HERE, SCENARIOS, golden, path


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_frozen_scenario_gives_the_same_figures(scenario: str, tmp_path: Path) -> None:
    # Two threads, and other ids than where the text was made: neither may show.
    found = golden(scenario, tmp_path / "ads.db", workers=2, before=["smoke"])
    kept = path(scenario).read_text(encoding="utf-8")
    if found != kept:
        changed = difflib.unified_diff(
            kept.splitlines(), found.splitlines(), "as kept", "as computed now", lineterm="", n=0
        )
        told = f"{scenario} has changed. If that is meant: make generated, and review the diff."
        pytest.fail("\n".join((told, *changed)), pytrace=False)


def test_every_golden_text_has_its_scenario() -> None:
    assert {file.stem for file in HERE.glob("*.txt")} == set(SCENARIOS)


def test_together_they_exercise_the_market() -> None:
    scenarios = [load(name).scenario for name in SCENARIOS]
    campaigns = [listing for scenario in scenarios for listing in scenario.campaigns]
    items = [item for listing in campaigns for item in listing.campaign.line_items]
    capped = [
        each
        for listing in campaigns
        for each in (listing.advertiser, listing.campaign, *listing.campaign.line_items)
    ]
    assert {scenario.market.auction.kind for scenario in scenarios} <= set(AuctionFormat.members())
    assert {item.pacing["kind"] for item in items} <= set(PacingPolicy.members())
    assert {scenario.market.auction.kind for scenario in scenarios} >= {"first_price", "second_price"}
    assert {item.pacing["kind"] for item in items} >= {"asap", "even", "traffic_shaped"}
    assert {cap.unit for each in capped for cap in each.frequency_caps} == set(registry.CapUnit)
    assert {scenario.market.tick_minutes for scenario in scenarios} >= {60, 15}
    assert any(item.dayparts for item in items)
    assert any(item.daily_budget for item in items)
    assert any(len(item.flights) > 1 for item in items)
    assert any(listing.campaign.daily_budget for listing in campaigns)
    assert any(listing.campaign.lifetime_budget for listing in campaigns)
    assert any(len(scenario.market.regions) == 2 for scenario in scenarios)
    assert sum(len(scenario.market.changes) for scenario in scenarios) >= 6
    assert len({listing.campaign.timezone for listing in campaigns}) >= 3
