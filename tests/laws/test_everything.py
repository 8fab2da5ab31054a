"""A market with every control on keeps every law, and each control is one that binds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis.delivery.report import conversions
from analysis.rows.events import events_folder
from analysis.rows.from_events import performance_of
from entities import registry
from sim.events import FUNNEL
from tests.laws.finished import Finished, broken, finish, not_checked, played

SCENARIO = str(Path(__file__).with_name("everything.yml"))
ITEMS, CAMPAIGNS, CREATIVES, CAPS = range(4)


@pytest.fixture(scope="module")
def first_price(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    # Under second price a line item that should not have bid may also have set a price.
    return finish(tmp_path_factory.mktemp("first") / "run", SCENARIO, "market.auction=first_price")


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return finish(tmp_path_factory.mktemp("everything") / "run", SCENARIO)


def test_nothing_is_broken(everything: Finished) -> None:
    found = everything.audit()
    assert found.broken == ()
    assert not_checked(found) == {13, 16}


def test_its_events_alone_make_its_hourly_rows_again(everything: Finished) -> None:
    _, rows = performance_of(events_folder(everything.events, everything.run_id))
    with everything.run() as run:
        assert rows.equals(run.performance)
    assert (rows["impressions"] == 0).any()


@pytest.mark.parametrize(
    "settings",
    [
        ("market.tick_minutes=1", "market.days=1"),
        ("market.tick_minutes=60", "market.auction=first_price", "seed=5"),
        ("market.tick_minutes=60", "market.auction={kind: soft_floor, soft_floor_cpm: 11}", "seed=4"),
        ("market.population.viewers=150", "market.ambient.presence=0", "market.floors.cpm=0", "seed=6"),
        ("market.identity.match_rate=0.6", "market.identity.counted_by=household"),
        ("market.identity={match_rate: 0.9, counted_by: device}", "market.viewing={exposure: poisson, breaks_a_day: 30}"),
    ],
    ids=["by the minute", "by the hour", "a soft floor", "few viewers", "households", "devices without sessions"],
)  # fmt: skip
def test_nothing_is_broken_in_other_markets(settings: tuple[str, ...]) -> None:
    assert played(SCENARIO, "market.days=2", "market.changes=[]", *settings).audit().broken == ()


def test_every_check_of_an_auction_has_something_to_do(everything: Finished) -> None:
    with everything.run() as run:
        rows = run.performance_extended
    idle = {"blocked_creative", "blocked_throttle"}  # no policy throttles
    checks = [name for name in FUNNEL if name.startswith(("blocked_", "lost_")) and name not in idle]
    assert [name for name in checks if rows[name].sum() == 0] == []


def edit(part: int, place: int, field: str, value: Any) -> Callable[[list[list[dict[str, Any]]]], None]:
    def change(book: list[list[dict[str, Any]]]) -> None:
        record = book[part][place]
        record[field] = value(record[field]) if callable(value) else value

    return change


def place_of(book: list[list[dict[str, Any]]], part: int, name: str) -> int:
    return [record["name"] for record in book[part]].index(name)


# The book of the run, made stricter than what was played: the audit must find what then was too much.
STRICTER: dict[str, tuple[set[int], int, str, str, Any]] = {
    "lifetime of a line item": ({2}, ITEMS, "Cars on phones", "lifetime_micros", 24_000_000),
    "day of a line item": ({2}, ITEMS, "Water in Europe", "daily_micros", 1_000_000),
    "lifetime of a campaign": ({2}, CAMPAIGNS, "Winter", "lifetime_micros", 40_000_000),
    "day of a campaign": ({2}, CAMPAIGNS, "Springs", "daily_micros", 10_000_000),
    "dayparts": (
        {3},
        ITEMS,
        "Tea at night",
        "dayparts",
        lambda hours: [hour for hour in hours if hour % 24 != 20],
    ),
    "genres": ({3}, ITEMS, "Water all over", "include", {"genre": ["drama"]}),
    "excluded genres": ({3}, ITEMS, "Water all over", "exclude", {"genre": ["action"]}),
    "regions": ({3}, ITEMS, "Water in Europe", "include", {"region": ["us_east"]}),
    "ages": ({3}, ITEMS, "Water in Europe", "include", {"age_band": ["18-24"]}),
    "genders": ({3}, ITEMS, "Water in Europe", "include", {"gender": ["male"]}),
    "placements": ({3}, ITEMS, "Tea at night", "include", {"placement": ["pre_roll"]}),
    "tiers": ({3}, ITEMS, "Tea at night", "include", {"title_tier": ["top_10"]}),
    "screens": ({3}, ITEMS, "Cars on TV", "include", {"device": ["tablet"]}),
    "flights": ({3, 10}, ITEMS, "Cars on TV", "flights", [[0, 40]]),
    "category": ({5}, ITEMS, "Cars on phones", "category", "drinks"),
    "a place": ({3}, ITEMS, "Bank first", "slot_in_pod", "last"),
    "the other place": ({3}, ITEMS, "Watches by invitation", "slot_in_pod", "first"),
    "a higher floor of a deal": (
        {6},
        ITEMS,
        "Watches by invitation",
        "deal",
        {"kind": "private", "floor_cpm": 5.001},
    ),
    "no deal": ({6}, ITEMS, "Watches by invitation", "deal", {"kind": "open"}),
    "no fixed price": ({6, 7}, ITEMS, "Bank for women", "deal", {"kind": "open"}),
    "a place at a premium": ({3, 6}, ITEMS, "Cars on TV", "slot_in_pod", "first_or_last"),
    "maximum bid": ({6}, ITEMS, "Cars on TV", "max_bid_micros", 14_000),
    "creative without rows": ({10}, CREATIVES, "", "name", "Nobody's"),
}


@pytest.mark.parametrize("name", STRICTER)
def test_what_a_stricter_book_forbids_is_found(name: str, first_price: Finished, tmp_path: Path) -> None:
    laws, part, owner, field, value = STRICTER[name]
    copied = first_price.copy(tmp_path / "run")

    def change(book: list[list[dict[str, Any]]]) -> None:
        if part == CREATIVES:
            book[part].append({**book[part][-1], field: value})
        else:
            edit(part, place_of(book, part, owner), field, value)(book)

    copied.text("book_text", change)
    # The fingerprint tells that the book is another one, and the digest where it covers what was changed. What
    # happened to budgets and flights follows from the book too.
    assert broken(copied.audit()) - {17} == laws | {12}


# No line item has rows outside its flights, and where nothing happens there is a row of zeros.
ZEROS = "rowid = (SELECT min(rowid) FROM performance WHERE impressions + errors + ivt = 0)"
MOVED = "UPDATE performance SET hour_start = '{} 00:00:00' WHERE {}"
ROWS = {
    "no row": ({10, 12}, f"DELETE FROM performance WHERE {ZEROS}"),
    # Its date and hour of day are those of the hour that it was in.
    "a row too late": ({10, 11, 12}, MOVED.format("2026-11-09", ZEROS)),
    "a row too early": ({10, 11, 12}, MOVED.format("2026-10-01", ZEROS)),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_missing_or_besides_is_found(name: str, everything: Finished, tmp_path: Path) -> None:
    laws, statement = ROWS[name]
    copied = everything.copy(tmp_path / "run")
    copied.sql(statement)
    assert broken(copied.audit()) == laws


SCRIPT: dict[str, tuple[set[int], int, dict[str, Any]]] = {
    "raised less": ({2}, 2, {"lifetime_budget": "30"}),
    "cut for good": ({2}, 5, {"daily_budget": "1"}),
    "paused for longer": ({3}, 4, {"at": "2026-11-01T05:00:00"}),
    "a campaign paused earlier": ({3}, 6, {"at": "2026-11-02T05:00:00"}),
    "a lower price": ({6}, 0, {"max_cpm": "9.00"}),
}


@pytest.mark.parametrize("name", SCRIPT)
def test_what_a_stricter_script_forbids_is_found(name: str, first_price: Finished, tmp_path: Path) -> None:
    laws, place, terms = SCRIPT[name]
    copied = first_price.copy(tmp_path / "run")
    copied.text("scenario_text", lambda scenario: scenario["market"]["changes"][place].update(terms))
    assert broken(copied.audit()) == laws | {12, 17}


UNITS = [unit.value for unit in registry.CapUnit]


@pytest.mark.parametrize("unit", UNITS)
def test_a_cap_passed_is_found(unit: str, everything: Finished, tmp_path: Path) -> None:
    copied = everything.copy(tmp_path / "run")

    def lower(book: list[list[dict[str, Any]]]) -> None:
        for cap in book[CAPS]:
            if cap["unit"] == unit:
                cap["limit"] -= 1

    copied.text("book_text", lower)
    found = copied.audit()
    assert broken(found) == {4, 12}
    assert all(f" {unit} of " in finding.where for finding in found.laws[3].findings)


CONVERTED = "rowid = (SELECT min(rowid) FROM conversions_hourly WHERE view_through > 0)"
CONVERSIONS = {
    "a conversion more": "view_through = view_through + 1",
    "a conversion moved to clicks": "view_through = view_through - 1, click_through = click_through + 1",
    "a part more": "multi_touch_view_ppm = multi_touch_view_ppm + 1",
    "a touch more": "touches = touches + 1",
}


@pytest.mark.parametrize("name", CONVERSIONS)
def test_a_corrupted_conversion_is_found(name: str, everything: Finished, tmp_path: Path) -> None:
    copied = everything.copy(tmp_path / "run")
    copied.sql(f"UPDATE conversions_hourly SET {CONVERSIONS[name]} WHERE {CONVERTED}")
    assert broken(copied.audit()) == {12, 15}


def test_conversions_are_told_by_line_item(everything: Finished) -> None:
    with everything.run() as run:
        told, rows = conversions(run), run.conversions
    assert told["view_through"].sum() == rows["view_through"].sum() > 0
    assert told["click_through"].sum() == rows["click_through"].sum() > 0
    assert (told["view_through"] + told["click_through"] > 0).all()
    assert told["line_item"].is_unique().all()
