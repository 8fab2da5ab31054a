"""Campaigns that only the registry has: as a scenario would write them, and on other terms in one run."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

import paceline
from analysis.booking.differing import differences
from analysis.booking.registered import listing_of, registered
from entities import registry
from scenarios import loader
from scenarios.models import Listing
from scenarios.unchanged import unchanged

pytestmark = pytest.mark.filterwarnings("ignore::paceline.PacelineWarning")
TINY = {"market.population.viewers": 200, "market.days": 1}
FERRY = """
advertiser: {name: Ferries, category: travel}
campaign:
  name: Winter
  start_date: 2026-11-02
  end_date: 2026-11-03
  line_items:
    - {name: Crossings, max_cpm: 22, lifetime_budget: 60, frequency_caps: [{max_impressions: 3, unit: day}], creatives: [{asset_url: "https://x.example.com/a.mp4", mime_type: mp4}]}
"""


@pytest.mark.parametrize("market", ["full", "smoke", "golden-changes", "golden-pods-and-caps", "field-dust"])
def test_a_campaign_of_the_registry_can_be_written_again(market: str) -> None:
    for listing in loader.load(market).listings.values():
        row = listing.campaign.row()
        row.advertiser = listing.advertiser.row()
        again = Listing.model_validate(listing_of(row))
        assert differences(row, again.campaign.row()) == []
        assert again.advertiser == listing.advertiser


@pytest.fixture
def ads(tmp_path: Path) -> Path:
    """Return a database whose registry has a campaign that smoke does not name."""
    file = tmp_path / "ads.db"
    (tmp_path / "ferry.yml").write_text(
        "extends: smoke\nname: ferry\ncampaigns:\n  - " + FERRY.strip().replace("\n", "\n    ")
    )
    paceline.simulate(tmp_path / "ferry.yml", set=TINY, db=file)
    return file


def crossings(run: paceline.Run) -> tuple[int, str]:
    item = next(item for item in run.book.line_items if item.name == "Crossings")
    return item.max_bid_micros, item.pacing.model_dump()["kind"]


def test_a_setting_reaches_it_in_one_run_alone(ads: Path) -> None:
    usual = paceline.simulate("smoke", set=TINY, db=ads)
    other = paceline.simulate(
        "smoke",
        set={**TINY, "line_item[Crossings].max_cpm": 12, "campaign[Win*].line_items.0.pacing": "asap"},
        db=ads,
    )
    after = paceline.simulate("smoke", set=TINY, db=ads)
    assert [crossings(run) for run in (usual, other, after)] == [
        (22_000, "traffic_shaped"),
        (12_000, "asap"),
        (22_000, "traffic_shaped"),
    ]
    assert usual.digest == after.digest != other.digest
    assert "overrides" not in other.scenario.model_dump_json()
    assert [each.path for each in paceline.compare(usual, other).asked] == [
        f"line_item[Crossings].{term}" for term in ("max_cpm", "pacing")
    ]
    stored = paceline.open(ads).run(other.run_id)
    assert crossings(stored) == (12_000, "asap")
    assert not stored.audit().broken
    assert paceline.reproduce(stored).digest == other.digest


@pytest.fixture
def engine(ads: Path) -> Engine:
    return registry.make_engine(str(ads))


def test_what_the_scenario_has_is_meant_first(engine: Engine) -> None:
    there = registered(engine, ["line_item[x].y=1"])
    assert [each["campaign"]["name"] for each in there] == ["Winter", "Smoke Launch", "Smoke Snack"][
        : len(there)
    ]
    loaded = loader.load("smoke", ["line_item[*].max_cpm=9", "line_item[TV drama].max_cpm=8"], registry=there)
    assert list(loaded.joined) == ["Ferries / Winter"]
    assert loaded.joined["Ferries / Winter"].campaign.line_items[0].max_cpm == 9
    assert sorted(loaded.scenario.overrides) == ["line_item[Everywhere, comedy]", "line_item[TV drama]"]
    assert registered(engine, ["seed=7"]) == []


def test_what_is_wrong_gets_one_line(ads: Path, engine: Engine) -> None:
    for path, value, line in (
        ("line_item[Crosings].max_cpm", 9, "set: overrides.line_item[Crosings]: no line item of the scenario goes by that name; did you mean line_item[Crossings]?"),
        ("line_item[Crossings].max_cpm", -9, "set: overrides.line_item[Crossings].max_cpm: -9 is not allowed; must be an amount from 0.001"),
        ("line_item[Crossings].name", "other", "campaign 'Ferries / Winter' has a line item 'other', which that of the registry has not"),
        ("line_item[Crossings].creatives.0.name", "b", "campaign 'Ferries / Winter' has a creative 'b' of 'Crossings', which that of the registry has not"),
    ):  # fmt: skip
        with pytest.raises(paceline.InputError) as refused:
            paceline.simulate("smoke", set={**TINY, path: value}, db=ads)
        assert str(refused.value).startswith(line)
    there = registered(engine, ["line_item[x].y=1"])
    settings = [
        "line_item[Crossings].max_cpm=22",
        "line_item[Crossings].max_cpm=21",
        "campaign[Winter].status=active",
    ]
    assert unchanged("smoke", settings, there) == [settings[0], settings[2]]
