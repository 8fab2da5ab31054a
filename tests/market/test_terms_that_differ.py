"""A scenario and a registry that say different things of one campaign: told, never passed over."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from analysis.booking.differing import differences
from analysis.runs.run import Run
from analysis.runs.simulate import simulate, simulate_in_memory
from analysis.runs.stored import find
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
        ("line_items.0.max_cpm=24", "line_items.TV drama.max_cpm: 25.00, not 24.00"),
        ("line_items.0.lifetime_budget=60", "line_items.TV drama.lifetime_budget: 100.00, not 60.00"),
        ("lifetime_budget=100", "lifetime_budget: none, not 100.00"),
        ("frequency_caps=[{max_impressions: 3, unit: day}]", "frequency_caps: none, not 3 per day"),
        (
            "line_items.0.flights=[{start: 2026-11-02T00:00, end: 2026-11-02T12:00}]",
            (
                "line_items.TV drama.flights: 2026-11-02 00:00 to 2026-11-04 00:00,"
                " not 2026-11-02 00:00 to 2026-11-02 12:00"
            ),
        ),
        (
            "line_items.0.pacing=asap",
            'line_items.TV drama.pacing: {"kind":"traffic_shaped"}, not {"kind":"asap"}',
        ),
        ("objective=conversion", "objective: awareness, not conversion"),
    ],
)
def test_a_scenarios_own_campaign_competes_on_its_terms_and_the_registry_keeps_its_own(
    engine: Engine, setting: str, term: str
) -> None:
    first, _ = _run(engine, "smoke")
    before = _terms(engine)
    change = f"campaigns.0.campaign.{setting}"
    run, told = _run(engine, "smoke", change)
    assert any(
        "campaigns.0: campaign 'Smoke Launch' is in the registry with other terms: " + term in line
        for line in told
    )
    assert any("the scenario's compete in this run" in line for line in told)
    assert _terms(engine) == before
    alone = simulate_in_memory(load("smoke", [*SMALL, change]))
    assert (run.digest, run.spec.fingerprint) == (alone.digest, alone.spec.fingerprint)
    assert not run.audit().broken
    # The terms of each run are its own, whatever the registry has.
    for each in (first, run):
        assert not find(engine, each.run_id).audit().broken
    budgets = dict(run.line_items.select("name", "budget_micros").iter_rows())
    booked = {item.name: item.lifetime_micros for item in alone.book.line_items}
    assert budgets == booked


def test_terms_that_are_laid_over_an_example_compete(engine: Engine) -> None:
    few = "profiles=[]", "examples=[nexbank_conversion]"
    _run(engine, "full", *few)
    name = load("full", few).listings["nexbank_conversion"].campaign.line_items[0].name
    run, told = _run(engine, "full", *few, f"line_item[{name}].max_cpm=17")
    assert [item.max_bid_micros for item in run.book.line_items] == [17_000]
    assert any("the scenario's compete in this run" in line for line in told)


def test_names_that_the_registry_has_not_are_refused(engine: Engine) -> None:
    _run(engine, "smoke")
    with pytest.raises(
        registry.InputError, match="has a line item 'Other', which that of the registry has not"
    ):
        _run(engine, "smoke", "campaigns.0.campaign.line_items.0.name=Other")
    with pytest.raises(registry.InputError, match="has a creative 'Another' of 'TV drama', which that of"):
        _run(engine, "smoke", "campaigns.0.campaign.line_items.0.creatives.0.name=Another")


def _terms(engine: Engine) -> list[object]:
    with registry.session(engine, writes=False) as session:
        tables = (registry.Campaign, registry.LineItem, registry.Budget, registry.Creative, registry.Flight)
        return [repr([*session.execute(select(*model.__table__.columns))]) for model in tables]


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
