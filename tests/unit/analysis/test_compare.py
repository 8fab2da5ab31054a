"""Two runs side by side: what was asked, what came of it, and where they part."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import paceline
from analysis.compare.comparison import plain
from analysis.runs.played import PlayedRun
from analysis.runs.simulate import simulate_in_memory
from scenarios import loader

TINY = ("market.population.viewers=300", "market.days=1")
TV, SNACK = "Smoke Motors / Smoke Launch / TV drama", "Smoke Snacks / Smoke Snack / Everywhere, comedy"
ITEM = "line_item[TV drama]"


@cache
def run(*settings: str) -> PlayedRun:
    """Return a tiny run in memory; a setting that begins with a dot is of its first line item."""
    named = [f"{ITEM}{each}" if each.startswith(".") else each for each in settings]
    return simulate_in_memory(loader.load("smoke", [*TINY, *named]))


def asked(one: paceline.Run, other: paceline.Run) -> list[tuple[str, Any, Any]]:
    return [tuple(each) for each in paceline.compare(one, other).asked]


def test_equal_runs_are_the_same() -> None:
    found = paceline.compare(run(), run("name=other", "description=called otherwise"))
    assert found.same
    assert (found.asked, found.ran_by, found.parting, found.supply_parts) == ((), (), None, None)
    assert found.hours.is_empty()
    assert found.line_items.height == 2


def test_what_was_asked_is_told_by_the_paths_of_settings() -> None:
    assert asked(run(), run("seed=8")) == [("seed", 7, 8)]
    second = run("market.auction=second_price")
    assert asked(run(), second) == [("market.auction.kind", "first_price", "second_price")]
    terms = run(".max_cpm=12", ".holdout=0.25", ".pacing={kind: pid, k_p: 0.3}")
    assert asked(run(), terms) == [
        (f"{ITEM}.max_cpm", 25.0, 12.0),
        (f"{ITEM}.holdout", 0.0, 0.25),
        (f"{ITEM}.pacing", "traffic_shaped", {"kind": "pid", "k_p": 0.3}),
    ]
    first, softer = (run(f".pacing={{kind: pid, k_p: {k_p}}}") for k_p in (0.3, 0.2))
    assert asked(first, softer) == [(f"{ITEM}.pacing.k_p", 0.3, 0.2)]
    budgets = run(
        ".lifetime_budget=50", "campaign[Smoke Launch].daily_budget=20", "campaign[Smoke Launch].pacing=even"
    )
    assert asked(run(), budgets) == [
        ("campaign[Smoke Launch].daily_budget", None, 20.0),
        ("campaign[Smoke Launch].pacing", None, "even"),
        (f"{ITEM}.lifetime_budget", 100.0, 50.0),
        (f"{ITEM}.pacing", "traffic_shaped", "even"),  # as its campaign's is
    ]
    narrow = run(".frequency_caps=[{max_impressions: 1, unit: day}]", ".targeting.include.device=[tv, phone]")
    assert asked(run(), narrow) == [
        (f"{ITEM}.targeting.include.device", ["tv"], ["tv", "phone"]),
        (f"{ITEM}.frequency_caps", ["3 per 1 day, America/New_York"], ["1 per 1 day, America/New_York"]),
    ]


def rows(one: PlayedRun) -> dict[tuple[dt.datetime, str], dict[str, int]]:
    """Return the whole numbers of every hour and line item of a run."""
    paths = {item.id: item.path for item in one.book.line_items}
    whole = [name for name, kind in one.performance_extended.schema.items() if kind == pl.Int64]
    return {
        (row["hour_start"], paths[row["line_item_id"]]): {
            name: row[name] for name in whole if name != "line_item_id"
        }
        for row in one.performance_extended.iter_rows(named=True)
    }


@pytest.mark.parametrize("setting", ["market.auction=second_price", "seed=8", ".max_cpm=14", ".pacing=asap"])
def test_where_they_part_and_the_largest_hours_are_those_of_the_rows(setting: str) -> None:
    one, other = run(), run(setting)
    found, ours, theirs = paceline.compare(one, other), rows(one), rows(other)
    differing = (
        (key, name) for key in sorted(ours) for name in ours[key] if ours[key][name] != theirs[key][name]
    )
    key, column = next(differing)
    assert found.parting == (*key, column, ours[key][column], theirs[key][column])
    apart: dict[dt.datetime, int] = {}
    for (hour, item), row in ours.items():
        apart[hour] = apart.get(hour, 0) + abs(row["spend_micros"] - theirs[hour, item]["spend_micros"])
    wanted = sorted(
        ((micros, hour) for hour, micros in apart.items() if micros), key=lambda pair: (-pair[0], pair[1])
    )
    assert found.hours.select("differing_micros", "hour_start").rows() == wanted
    for row in found.hours.to_dicts():
        sides = row["item_spend_micros"], row["item_spend_micros_other"]
        here = {
            item: abs(
                ours[row["hour_start"], item]["spend_micros"]
                - theirs[row["hour_start"], item]["spend_micros"]
            )
            for item in (TV, SNACK)
        }
        assert abs(sides[1] - sides[0]) == max(here.values()) == here[row["line_item"]]
    assert (found.supply_parts is None) == (setting != "seed=8")


def test_figures_are_those_of_the_runs() -> None:
    one, other = run(), run(".max_cpm=14")
    found = paceline.compare(one, other)
    assert [tuple(each) for each in found.figures[:3]] == [
        (name, getattr(one, name), getattr(other, name))
        for name in ("auctions", "impressions", "spend_micros")
    ]
    assert found.line_items["line_item"].to_list() == [TV, SNACK]
    for side, each in (("", one), ("_other", other)):
        for name in ("impressions", "spend_micros", "ecpm", "reach", "delivery"):
            assert found.line_items[f"{name}{side}"].to_list() == each.summary[name].to_list()
        reasons = [(row or [{}])[0].get("reason") for row in found.line_items[f"reasons{side}"].to_list()]
        assert reasons == each.summary["reason"].to_list()
    assert json.loads(json.dumps(plain(found)))["line_items"][0]["line_item"] == TV


def test_a_line_item_that_only_one_has() -> None:
    extra = "campaigns.0.campaign.line_items.0.name=Other"
    found = paceline.compare(run(), run(extra))
    assert [(each.path, each.first is None, each.second is None) for each in found.asked] == [
        (ITEM, False, True),
        ("line_item[Other]", True, False),
    ]
    told = plain(found)["asked"][1]["second"]
    assert (told["name"], told["pacing"]) == ("Smoke Motors / Smoke Launch / Other", "traffic_shaped")
    by_name = {row["line_item"].rpartition(" / ")[2]: row for row in found.line_items.to_dicts()}
    assert by_name["TV drama"]["impressions_other"] is by_name["Other"]["impressions"] is None
    assert found.parting is None or found.parting.line_item == SNACK


def test_hours_that_only_one_has_are_left_out() -> None:
    longer = paceline.compare(run(), run("market.days=2"))
    assert longer.common_hours == 24
    later = paceline.compare(run(), run("market.start=2026-11-03"))
    assert (later.common_hours, later.parting) == (0, None)
    assert later.hours.is_empty()


def test_stored_runs_of_two_databases_are_as_those_in_memory(tmp_path: Path) -> None:
    one, other = run(), run(".max_cpm=14")
    other.save(tmp_path / "first.db")  # so that ids are others in the second one
    stored = run("name=more", "campaigns=[]", "bidders=[{name: Rival, lifetime_budget: 9}]").save(
        tmp_path / "second.db"
    )
    del stored
    saved = [one.save(tmp_path / "second.db"), paceline.open(tmp_path / "first.db").run()]
    fresh = paceline.compare(one, other)
    for pair in (saved, (one, saved[1]), (saved[0], other)):
        assert plain(paceline.compare(*pair)) == plain(fresh)


def test_runs_without_a_line_item_in_common_are_refused() -> None:
    rival = run("campaigns=[]", "bidders=[{name: Rival, lifetime_budget: 9}]")
    with pytest.raises(paceline.InputError) as refused:
        paceline.compare(run(), rival)
    assert str(refused.value) == (
        f"the runs have no line item in common: {run().run_id} has 'TV drama', 'Everywhere, comedy'; "
        f"{rival.run_id} has 'Rival'"
    )
    with pytest.raises(paceline.InputError, match="b"):
        paceline.compare(run(), "smoke")  # type: ignore[arg-type]
