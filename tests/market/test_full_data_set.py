"""The seven campaigns: what the table of the full data set promises, and a thin run of all 46 days."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from analysis.runs.run import Run
from analysis.runs.simulate import simulate
from entities import registry
from scenarios.loader import MARKETS, PROFILES, example, examples, load, names, profile
from scenarios.models import Listing

EXAMPLES = ("luxury_auto_awareness", "crunchy_snacks_consideration", "nexbank_conversion")
# Name: CPM, lifetime budget, devices, genres (where the table names them), seconds, days, cap a day, rows.
TABLE = {
    "luxury_auto_awareness": (25, 120_000, {"tv"}, {"drama"}, {30}, 20, 6, 480),
    "crunchy_snacks_consideration": (20, 60_000, {"phone"}, {"comedy"}, {15}, 21, 3, 504),
    "nexbank_conversion": (18, 40_000, {"phone", "desktop"}, {"business", "documentary"}, {15}, 18, 3, 432),
    "high_cpm_tv_awareness": (25, 250_000, {"tv"}, {"drama"}, {30}, 46, 6, 1104),
    "mobile_consideration": (15, 80_000, {"phone"}, {"comedy", "reality"}, {15}, 39, 3, 936),
    "conversion_interactive": (22, 70_000, {"tv", "phone"}, {"business", "documentary"}, {30}, 31, 3, 744),
    "multi_device_advanced": (20, 150_000, {"tv", "phone", "desktop", "tablet"}, None, {15, 30}, 35, 3, 1680),
}


def _listing(name: str) -> Listing:
    return example(name) if name in EXAMPLES else profile(name)


@pytest.mark.parametrize("name", TABLE)
def test_a_campaign_is_what_the_table_says(name: str) -> None:
    cpm, budget, devices, genres, seconds, days, cap, _ = TABLE[name]
    [item] = _listing(name).campaign.line_items
    assert item.max_cpm == cpm
    assert item.lifetime_budget == budget
    assert set(item.targeting.include[registry.TargetingKey.device]) == devices
    wanted = set(item.targeting.include[registry.TargetingKey.genre])
    assert wanted == genres if genres else len(wanted) > 2
    assert {creative.duration_s for creative in item.creatives} == seconds
    [flight] = item.flights
    assert (flight.ends_at - flight.starts_at).days == days
    assert (item.frequency_caps[0].max_impressions, item.frequency_caps[0].unit) == (cap, "day")
    assert (item.pacing, item.bidding) == ({"kind": "traffic_shaped"}, {"kind": "shaded"})
    assert item.valuation["affinity"] == 0.5


def test_the_advanced_profile_uses_every_control() -> None:
    advanced = profile("multi_device_advanced")
    [item] = advanced.campaign.line_items
    assert item.daily_budget is not None
    assert item.dayparts is not None
    assert len(item.creatives) == 2
    assert advanced.advertiser.frequency_caps
    assert advanced.campaign.frequency_caps
    assert item.frequency_caps


def test_the_interactive_profile_carries_a_code_to_scan() -> None:
    [item] = profile("conversion_interactive").campaign.line_items
    assert item.ad_format == "interactive_video"
    assert {creative.ad_format for creative in item.creatives} == {"interactive_video"}


def test_every_file_that_ships_is_valid_and_described() -> None:
    assert set(examples()) == set(EXAMPLES)
    assert set(names(PROFILES)) == set(TABLE) - set(EXAMPLES)
    assert all(_listing(name).description for name in TABLE)
    for market in names(MARKETS):
        loaded = load(market)
        assert loaded.scenario.name == market
        assert loaded.scenario.description
    full = load("full")
    assert set(full.listings) == set(TABLE)
    assert len({listing.advertiser.name for listing in full.listings.values()}) == 7
    assert len({listing.campaign.objective for listing in full.listings.values()}) == 3
    assert len({listing.campaign.dsp_partner for listing in full.listings.values()}) >= 5


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Run]]:
    """Run the full market with a hundredth of its viewers."""
    engine = registry.make_engine(Path(tmp_path_factory.mktemp("full")) / "ads.db")
    registry.init_db(engine)
    report = simulate(engine, load("full", ["market.population.viewers=2200", "market.shards=2"]))
    with registry.session(engine, writes=False) as session:
        yield session, report
    engine.dispose()


def test_the_run_leaves_the_rows_of_the_table(run: tuple[Session, Run]) -> None:
    session, report = run
    assert report.created == tuple(load("full").listings)
    for name, (*_, rows) in TABLE.items():
        listing = _listing(name)
        found = registry.find_campaign(session, listing.advertiser.name, listing.campaign.name)
        assert found is not None
        performance = registry.Performance
        counted = session.scalar(
            select(func.count()).select_from(performance).where(performance.campaign_id == found.id)
        )
        assert counted == rows, name


def test_one_sum_of_money_in_all_tables(run: tuple[Session, Run]) -> None:
    session, report = run
    for table in (registry.Performance, registry.PerformanceExtended):
        assert session.scalar(select(func.sum(table.spend_micros))) == report.spend_micros
        assert session.scalar(select(func.sum(table.impressions))) == report.impressions
    inventory = registry.InventoryHourly
    assert session.scalar(select(func.sum(inventory.revenue_micros))) == report.spend_micros
    assert session.scalar(select(func.sum(inventory.avails))) == report.auctions


def test_whoever_is_short_has_a_reason(run: tuple[Session, Run]) -> None:
    delivered = run[1].summary
    # With a hundredth of the viewers and all of the budgets nobody can deliver.
    assert delivered["delivery"].max() < 0.95
    assert delivered["reason"].null_count() == 0
    assert delivered.height == 7
