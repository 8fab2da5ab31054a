"""Campaigns that are drawn from a scenario's seed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from analysis.booking.books import book_registry, book_scenario, create
from analysis.rows.results import fingerprint
from analysis.study.replication import Booked
from entities import registry
from entities.errors import InputError
from scenarios import differing, loader, show
from scenarios.loader import Loaded
from scenarios.models import Scenario
from scenarios.unchanged import market_of, unchanged

MARKET = "name: mine\nseed: 5\nmarket: {days: 14, population: {viewers: 10000}}\n"
FEW = f"{MARKET}drawn: {{line_items: 12, dollars_a_month: 2}}\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str = FEW, *settings: str) -> Loaded:
    Path("mine.yml").write_text(text)
    return loader.load("mine.yml", settings)


def names(loaded: Loaded) -> list[str]:
    return [item.name for one in loaded.listings.values() for item in one.campaign.line_items]


def test_the_same_seed_draws_the_same_and_another_one_others() -> None:
    first, again, other = load(), load(), load(FEW, "seed=6")
    assert first.listings == again.listings
    assert len(names(first)) == len(set(names(first))) == len(names(other)) == 12
    assert not set(names(first)) & set(names(other))
    assert next(iter(first.listings)) == "drawn.0"


def test_a_market_of_another_size_has_the_same_line_items_with_the_same_money_for_a_viewer() -> None:
    def money(loaded: Loaded) -> list[Decimal]:
        items = (item for one in loaded.listings.values() for item in one.campaign.line_items)
        return [item.lifetime_budget or Decimal(0) for item in items]

    small, large = load(), load(FEW, "market.population.viewers=1000000")
    assert names(small) == names(large)
    assert sum(money(small)) == pytest.approx(Decimal(2 * 10_000 * 14 * 12) / 365, rel=Decimal("0.01"))
    for one, hundredfold in zip(money(small), money(large), strict=True):
        assert hundredfold == pytest.approx(100 * one, rel=Decimal("0.01"))


def test_a_line_item_more_changes_no_other_advertiser() -> None:
    few, more = load(FEW, "drawn.advertisers=4"), load(FEW, "drawn.advertisers=5")
    ours, theirs = ([one.advertiser for one in each.listings.values()] for each in (few, more))
    assert {one.name for one in ours} < {one.name for one in theirs}
    assert len({one.name for one in theirs}) == 5


def test_flights_lie_within_the_market_and_sizes_are_uneven() -> None:
    text = f"{MARKET}drawn: {{line_items: 200}}\n"
    campaigns = [one.campaign for one in load(text).listings.values()]
    assert min(one.start_date for one in campaigns).isoformat() == "2026-11-02"
    assert max(one.end_date for one in campaigns).isoformat() == "2026-11-15"
    assert len({(one.start_date, one.end_date) for one in campaigns}) > 10
    budgets = sorted(item.lifetime_budget or 0 for one in campaigns for item in one.line_items)
    assert sum(budgets[-20:]) > sum(budgets) * Decimal("0.3")
    assert budgets[0] > 0


def test_terms_and_settings_reach_what_is_drawn_by_its_name() -> None:
    name = names(load())[3]
    text = f'{FEW}overrides: {{"line_item[{name}]": {{pacing: asap}}}}\n'
    loaded = load(text, f"line_item[{name}].max_cpm=31", "line_item[*].frequency_caps=[]")
    items = {item.name: item for one in loaded.listings.values() for item in one.campaign.line_items}
    assert items[name].pacing == {"kind": "asap"}
    assert items[name].max_cpm == 31
    assert not any(item.frequency_caps for item in items.values())
    assert unchanged("mine.yml", [f"line_item[{name}].pacing=asap"]) == [f"line_item[{name}].pacing=asap"]
    (change,) = differing.differences(load(), load(FEW, f"line_item[{name}].max_cpm=31"))
    assert (change.path, change.second) == (f"overrides.line_item[{name}]", {"max_cpm": 31})
    with pytest.raises(InputError, match=r"overrides\.line_item\[Nobody\]: no line item of the scenario"):
        load(f'{FEW}overrides: {{"line_item[Nobody]": {{pacing: asap}}}}\n')
    with pytest.raises(InputError, match=rf"line_item\[{name}\]\.max_cpm: \"much\" is not allowed"):
        load(FEW, f"line_item[{name}].max_cpm=much")


def test_a_setting_of_a_name_meets_the_crowd_of_the_seed_that_is_set_beside_it() -> None:
    name = names(load(FEW, "seed=6"))[0]
    for settings in (
        (f"line_item[{name}].max_cpm=31", "seed=6"),
        ("seed=6", f"line_item[{name}].max_cpm=31"),
    ):
        assert load(FEW, *settings).met[f"line_item[{name}]"]


def test_another_seed_of_luck_alone_keeps_the_crowd() -> None:
    first = load()
    other = first.scenario.reseeded(6)
    assert other.seed == 6
    assert [*loader.built(other).listings.values()] == [*first.listings.values()]
    assert first.scenario.reseeded(5) == first.scenario
    assert names(load(FEW, "seed=6", "drawn.seed=5")) == names(first)


@pytest.mark.parametrize("whole", [True, False])
def test_what_is_shown_loads_as_the_same_market(whole: bool) -> None:
    first = load()
    again = load(show.as_yaml(first, whole=whole))
    assert [*market_of(again)[1].values()] == [*market_of(first)[1].values()]
    assert (again.scenario.drawn is None) == whole


def test_the_registry_books_it_like_any_other_and_finds_it_again(tmp_path: Path) -> None:
    registry.init_db(engine := registry.make_engine(tmp_path / "ads.db"))
    loaded = load()
    first, booked = book_registry(engine, loaded), book_scenario(loaded)
    assert {one.name for one in first.book.line_items} == {one.name for one in booked.line_items}
    with registry.session(engine) as opened:
        for name in first.missing:
            create(opened, loaded.listings[name])
    told: list[str] = []
    assert book_registry(engine, loaded, told.append).missing == told == []
    engine.dispose()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{}", "mine.yml:4: drawn.line_items: is missing"),
        ("{line_items: 0}", "mine.yml:4: drawn.line_items: 0 is not allowed; must be at least 1"),
        (
            "{line_items: 5, advertisers: 6}",
            "drawn.advertisers: 6 is not allowed; must be at most line_items, 5",
        ),
        ("{line_items: 5, pacing: {evn: 3}}", 'drawn.pacing: "evn" is not allowed; must be one of adaptive'),
        ("{line_items: 5, deal: {open: 0}}", "one of the weights must be above zero"),
        ("{line_items: 5, frequency_caps: [{caps: [], weight: 0}]}", "one of the weights must be above zero"),
        ("{line_items: 5, valuation: {kind: lognormal}}", 'drawn.valuation.kind: "lognormal" is not allowed'),
        ("{line_item: 5}", "drawn.line_item: unknown key; did you mean line_items?"),
    ],
)
def test_what_is_refused(given: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        load(f"{MARKET}drawn: {given}\n")
    assert told in str(error.value)


def test_a_campaign_cannot_be_drawn_and_written_out() -> None:
    first = load()
    whole = show.as_yaml(first, whole=True)
    with pytest.raises(InputError, match="another name than that of a campaign that is drawn"):
        load(f"{whole}drawn: {{line_items: 12, dollars_a_month: 2}}\n")


def test_a_scenario_of_python_draws_too() -> None:
    scenario = Scenario(name="mine", seed=5, drawn={"line_items": 3})
    assert len(names(loader.built(scenario))) == 3


def test_a_replication_of_a_study_is_the_market_with_other_luck() -> None:
    loaded = load()
    arm = Booked("plain", loaded.scenario, book_scenario(loaded))
    again = load(FEW, "seed=6", "drawn.seed=5")
    assert arm.fingerprint(5) == fingerprint(loaded.scenario, book_scenario(loaded))
    assert arm.fingerprint(6) == fingerprint(again.scenario, book_scenario(again))
    other = load(FEW, "seed=6")
    assert arm.fingerprint(6) != fingerprint(other.scenario, book_scenario(other))
