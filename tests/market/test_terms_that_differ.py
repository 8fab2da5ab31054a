"""A scenario and a registry that say different things of one campaign: told, never passed over."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from analysis.booking.books import differences
from analysis.runs.run import Run
from analysis.runs.simulate import simulate
from entities import registry
from scenarios.loader import MARKETS, load

SMALL = ["market.days=1", "market.population.viewers=200"]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    made = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(made)
    return made


def _run(engine: Engine, name: str, *settings: str) -> tuple[Run, list[str]]:
    told: list[str] = []
    return simulate(engine, load(name, [*SMALL, *settings]), warn=told.append), told


def test_the_same_terms_are_no_difference_once_stored(engine: Engine) -> None:
    _run(engine, "smoke")
    with registry.session(engine, writes=False) as session:
        for listing in load("smoke").listings.values():
            found = registry.find_campaign(session, listing.advertiser.name, listing.campaign.name)
            assert found is not None
            assert differences(found, listing.campaign.row()) == []
    assert _run(engine, "smoke")[0].created == ()


@pytest.mark.parametrize(
    ("setting", "term"),
    [
        ("line_items.0.max_cpm=24", "line_items.TV drama.max_bid_micros: 25000, not 24000"),
        ("line_items.0.lifetime_budget=60", "line_items.TV drama.budgets: "),
        (
            "line_items.0.pacing=asap",
            'line_items.TV drama.pacing: {"kind":"traffic_shaped"}, not {"kind":"asap"}',
        ),
        ("line_items.0.name=Other", "line_items.Other: not in the registry and 1 more"),
        ("objective=conversion", "objective: awareness, not conversion"),
    ],
)
def test_a_scenarios_own_campaign_with_other_terms_is_refused(
    engine: Engine, setting: str, term: str
) -> None:
    _run(engine, "smoke")
    with pytest.raises(registry.InputError) as refused:
        _run(engine, "smoke", f"campaigns.0.campaign.{setting}")
    assert "campaigns.0: campaign 'Smoke Launch' is in the registry with other terms: " + term in str(
        refused.value
    )
    assert "give it a new name, or use another database" in str(refused.value)


def test_two_campaigns_of_one_name_in_a_file_are_refused(engine: Engine, tmp_path: Path) -> None:
    text = (MARKETS / "smoke.yml").read_text()
    twice = text.replace("Smoke Snacks", "Smoke Motors").replace("Smoke Snack", "Smoke Launch")
    (tmp_path / "twice.yml").write_text(twice.replace("packaged_food", "automotive"))
    with pytest.raises(registry.InputError, match=r"must be another name than that of campaigns\.0"):
        _run(engine, str(tmp_path / "twice.yml"))


def test_an_example_that_was_changed_in_the_registry_competes_as_it_is_and_is_told(engine: Engine) -> None:
    few = "profiles=[]", "examples=[nexbank_conversion]"
    _run(engine, "full", *few)
    with registry.session(engine) as session:
        [item] = registry.active_line_items(session)
        item.max_bid_micros = 17_000
    _, told = _run(engine, "full", *few)
    assert any(
        "nexbank_conversion: campaign 'App Acquisition Q4' is in the registry with other terms" in line
        for line in told
    )


def test_who_competes_without_being_named_is_reported(engine: Engine) -> None:
    assert _run(engine, "smoke")[0].joined == ()
    report, _ = _run(engine, "full", "profiles=[]", "examples=[nexbank_conversion]")
    assert report.joined == ("Smoke Launch", "Smoke Snack")
