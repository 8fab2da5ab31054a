"""Bidders in a few words: each becomes a campaign of its own, open for the whole horizon."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from analysis.delivery import report as delivery
from analysis.runs.reproduce import compare
from analysis.runs.simulate import simulate
from entities import registry
from entities.errors import InputError
from scenarios.loader import Loaded, load
from scenarios.models import Scenario, _each_once
from scenarios.show import as_yaml

SMALL = ("market.population.viewers=40", "market.days=1")


def bidders(*entries: object, settings: tuple[str, ...] = SMALL) -> Loaded:
    return load("exact", [f"bidders={json.dumps(entries)}", *settings])


def test_each_is_an_advertiser_of_its_own() -> None:
    loaded = bidders({"name": "One"}, {"name": "Many", "count": 3, "max_cpm": 20, "bidding": "fixed_cpm"})
    assert list(loaded.listings) == ["bidders.0.0", "bidders.1.0", "bidders.1.1", "bidders.1.2"]
    names = [listing.advertiser.name for listing in loaded.listings.values()]
    assert names == ["One", "Many 1", "Many 2", "Many 3"]
    item = loaded.listings["bidders.1.2"].campaign.line_items[0]
    assert (item.name, item.max_cpm, item.bidding) == ("Many 3", 20, {"kind": "fixed_cpm"})
    assert item.pacing == {"kind": "asap"}
    assert [budget.amount for budget in item.all_budgets()] == [1_000_000_000]


def test_without_a_budget_there_is_nothing_to_be_short_of(tmp_path: Path) -> None:
    engine = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(engine)
    loaded = bidders({"name": "Free", "max_cpm": 10}, {"name": "Poor", "max_cpm": 20, "lifetime_budget": 1})
    report = simulate(engine, loaded, workers=1)
    free, poor = report.summary.sort("line_item").to_dicts()
    expected = delivery.curves(report)
    engine.dispose()
    assert (poor["budget_micros"], poor["delivery"] > 0.9) == (1_000_000, True)
    assert free["impressions"] > 0  # with nobody beside it, a second price of nothing
    assert [free[name] for name in ("budget_micros", "delivery", "reason")] == [None] * 3
    goals = dict(expected.group_by("line_item").agg(pl.col("expected_cum_micros").max()).iter_rows())
    assert (goals["Free"], goals["Poor"] > 900_000) == (None, True)


def test_they_are_open_from_the_first_hour_to_the_last() -> None:
    # The clocks go back on 1 November 2026: 72 hours end at 23:00.
    settings = ("market.timezone=America/New_York", "market.start=2026-10-31", "market.days=3")
    (listing,) = bidders({"name": "One", "pacing": "even"}, settings=settings).listings.values()
    (flight,) = listing.campaign.line_items[0].flights
    assert (str(flight.starts_at), str(flight.ends_at)) == ("2026-10-31 00:00:00", "2026-11-02 23:00:00")
    assert str(listing.campaign.end_date) == "2026-11-02"


def test_their_ad_fits_the_slots() -> None:
    (listing,) = bidders({"name": "One"}, settings=("market.pods.slot_seconds=15",)).listings.values()
    assert [creative.duration_s for creative in listing.campaign.line_items[0].creatives] == [15]


def test_they_may_have_what_a_line_item_may_have() -> None:
    cap = {"max_impressions": 3, "unit": "day"}
    given = {
        "name": "One",
        "daily_budget": 5,
        "frequency_caps": [cap],
        "targeting": {"include": {"device": ["tv"]}},
    }
    (listing,) = bidders(given).listings.values()
    (item,) = listing.campaign.line_items
    assert item.frequency_caps[0].max_impressions == 3
    assert item.placements()
    assert [budget.amount for budget in item.all_budgets()] == [5]


def test_a_scenario_with_bidders_reads_back_the_same_and_shows_itself(tmp_path: Path) -> None:
    loaded = bidders({"name": "Many", "count": 2, "valuation": {"kind": "uniform", "high": 0.5}})
    again = Scenario.model_validate_json(loaded.scenario.model_dump_json())
    assert again == loaded.scenario
    assert again.bidder_listings == loaded.scenario.bidder_listings
    (tmp_path / "shown.yml").write_text(as_yaml(loaded))
    shown = load(str(tmp_path / "shown.yml"))
    assert shown.scenario == loaded.scenario
    assert shown.listings == loaded.listings


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([{"name": "A"}, {"name": "A"}], "bidders.1.name: the name 'A' is given twice; names are unique"),
        ([{"name": "A 2"}, {"name": "A", "count": 2}], "bidders.1.name: the name 'A 2' is given twice; names are unique"),
        ([{"name": "A", "cont": 2}], "bidders.0.cont: unknown key; did you mean count?"),
        ([{"name": "A", "count": 0}], "bidders.0.count: 0 is not allowed; must be at least 1"),
        ([{"name": "A", "bidding": "thruthful"}], 'bidders.0.bidding: "thruthful" is not allowed; must be one of '),
        ([{"name": "A", "targeting": {"include": {"region": ["us_east"]}}}], 'region: "us_east" is not allowed; the market has everywhere'),
        ([{"count": 2}], "bidders.0.name: is missing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(entries: list[object], message: str) -> None:
    with pytest.raises(InputError) as error:
        bidders(*entries)
    assert message in str(error.value)


def test_a_run_of_observed_values_comes_out_again_from_the_database_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("worth.csv").write_text("worth\n0.25\n0.5\n1\n")
    valuation = "{kind: empirical, file: worth.csv}"
    text = f"name: seen\nextends: exact\nbidders: [{{name: One, count: 2, valuation: {valuation}}}]\n"
    Path("seen.yml").write_text(text)
    engine = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(engine)
    run = simulate(engine, load("seen.yml", SMALL))
    Path("worth.csv").unlink()
    assert run.impressions == run.auctions > 5000
    assert compare(engine, run.run_id).same


def test_so_many_are_too_many() -> None:
    many = [{"name": f"Many {number}", "count": 1000} for number in range(11)]
    with pytest.raises(InputError, match=r"bidders: .*makes 11,000 bidders; at most 10,000"):
        bidders(*many)


def test_names_are_compared_once_each() -> None:
    class Name(str):
        compared = 0
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            Name.compared += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    names = tuple(Name(f"name-{number}") for number in range(1_000))
    assert _each_once(names) == names
    assert Name.compared <= len(names)
    with pytest.raises(ValueError, match="name-1 is given twice"):
        _each_once((*names, names[1]))
