"""Constraints: what each relaxation changes, what it brings, and how that is divided."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import reduce

import numpy as np
import pytest

from analysis.explain.constraints import Asked, Constraint, constraints_of
from analysis.explain.first_days import first_days
from analysis.explain.largest import largest_of
from analysis.explain.money import costs, most_runs
from analysis.explain.replays import Delivered, Replay, Replays
from entities.enums import TargetingKey
from sim.book.records import Book
from sim.events import FUNNEL
from sim.pacing.asap import Asap
from tests.unit.analysis.held_back import CAMPAIGN, EVERY, asked_of, held_back


@pytest.fixture(scope="module")
def relaxed() -> dict[str, tuple[Constraint, Asked, Replay]]:
    asked, place = held_back()
    replays = Replays(place)
    found = {each.name: (each, each.relaxed(asked)) for each in constraints_of(asked, place)}
    return {
        "": (next(iter(found.values()))[0], asked, replays.played(asked)),
        **{name: (each, market, replays.played(market)) for name, (each, market) in found.items()},
    }


def test_every_constraint_is_found_once_and_none_that_is_not_there() -> None:
    asked, place = held_back()
    assert sorted(each.name for each in constraints_of(asked, place)) == sorted(EVERY)
    free = asked_of(
        {
            "name": "free",
            "market": {"days": 1, "floors": {"cpm": 0}},
            "bidders": [{"name": "A", "pacing": "asap"}],
        }
    )
    assert [each.name for each in constraints_of(free, 0)] == ["bid"]
    deal = {"name": "A", "pacing": "asap", "deal": {"kind": "guaranteed", "impressions": 9}}
    fixed = asked_of({"name": "deal", "market": {"days": 1}, "bidders": [deal]})
    assert [each.name for each in constraints_of(fixed, 0)] == ["lifetime_budget"]


def test_a_relaxation_takes_away_what_it_says_and_nothing_else() -> None:
    asked, place = held_back()
    each = {one.name: one.relaxed(asked) for one in constraints_of(asked, place)}
    was, campaign = asked.book.line_items[place], asked.book.campaigns[asked.book.line_items[place].campaign]
    is_ = {name: market.book.line_items[place] for name, market in each.items()}
    assert is_["frequency_cap"] == replace(was, caps=())
    assert is_["daypart"] == replace(was, dayparts=None)
    assert is_["pacing"] == replace(was, pacing=Asap())
    assert is_["holdout"] == replace(was, holdout_ppm=0)
    assert is_["targeting.device"].include == {TargetingKey.genre: ("drama", "comedy")}
    assert is_["targeting.genre"].exclude == {TargetingKey.age_band: ("65+",)}
    assert is_["bid"] == replace(was, max_bid_micros=22_000)
    assert is_["lifetime_budget"] == replace(was, lifetime_micros=40_000_000)
    assert is_["daily_budget"] == replace(was, daily_micros=30_000_000)
    for kind in ("lifetime", "daily"):
        market = each[f"campaign_{kind}_budget"].book
        assert market.line_items == asked.book.line_items
        micros = getattr(campaign, f"{kind}_micros")
        assert getattr(market.campaigns[was.campaign], f"{kind}_micros") == 2 * micros
    others = [one for at, one in enumerate(asked.book.line_items) if at != place]
    for name, market in each.items():
        assert [one for at, one in enumerate(market.book.line_items) if at != place] == others, name


def test_scripted_changes_of_what_is_relaxed_are_relaxed_too() -> None:
    asked, place = held_back()
    changes = {one.name: one.relaxed(asked).scenario.market.changes for one in constraints_of(asked, place)}
    was = asked.scenario.market.changes
    assert [str(change.max_cpm) for change in changes["bid"]] == ["17.600", *["None"] * 3, "17"]
    assert changes["daily_budget"][0].daily_budget == 18
    assert changes["daily_budget"][3].daily_budget == 7
    assert changes["campaign_daily_budget"][3].daily_budget == 14
    assert changes["lifetime_budget"][2].lifetime_budget == 24
    assert [(change.status, change.daily_budget) for change in changes["pause"]] == [
        *((None, 9), (None, None), (None, 7), (None, None))
    ]
    assert changes["frequency_cap"] == was


def test_a_campaign_that_paces_is_relaxed_as_a_whole() -> None:
    listing = copy.deepcopy(CAMPAIGN)
    listing["campaign"]["pacing"] = "pid"
    del listing["campaign"]["line_items"][0]["pacing"]
    asked = asked_of({"name": "one", "market": {"days": 2}, "campaigns": [listing]})
    relaxed = next(one for one in constraints_of(asked, 0) if one.name == "pacing").relaxed(asked)
    assert (relaxed.book.campaigns[0].pacing, {one.pacing for one in relaxed.book.line_items}) == (
        Asap(),
        {Asap()},
    )
    assert "pacing" not in [one.name for one in constraints_of(relaxed, 0)]


@pytest.mark.parametrize("name", EVERY)
def test_no_relaxation_takes_opportunities_away(
    relaxed: dict[str, tuple[Constraint, Asked, Replay]], name: str
) -> None:
    was, (constraint, _, now) = relaxed[""][2], relaxed[name]
    assert now.count("requests_matched") >= was.count("requests_matched")
    open_ = [one.count("requests_matched") - one.count("blocked_daypart") for one in (was, now)]
    assert open_[1] >= open_[0]
    if name in {"pause", "targeting.device", "targeting.genre", "targeting.age_band", "slot_in_pod"}:
        assert now.count("requests_matched") > was.count("requests_matched")
    if name in {"frequency_cap", "daypart", "holdout", "floor"}:
        (stage,) = constraint.stages
        assert was.count(stage) > now.count(stage) == 0
    assert constraint.loses


def test_any_order_of_relaxations_is_the_same_market() -> None:
    asked, place = held_back()
    found = constraints_of(asked, place)

    def without(order: tuple[Constraint, ...]) -> tuple[str, str]:
        market = reduce(lambda so_far, each: each.relaxed(so_far), order, asked)
        return market.scenario.model_dump_json(), market.book.text

    assert without(found) == without(found[::-1])


def test_parts_sum_to_the_gap_to_the_micro_and_no_market_is_played_twice() -> None:
    asked, place = held_back(days=1, changes=[])
    replays = Replays(place)
    found = costs(asked, replays)
    parts = [each.part_micros for each in found.relaxed if each.part_micros is not None]
    assert len(parts) == 4
    assert sum(parts) == found.gap_micros == found.together.spend_micros > 0
    alone = sum(each.gained.spend_micros for each in found.relaxed if each.part_micros is not None)
    assert alone + found.interaction_micros == found.gap_micros
    assert found.runs == len(replays.known) <= most_runs(len(found.relaxed))
    assert [each.part_micros or 0 for each in found.relaxed[:4]] == sorted(parts, reverse=True)
    known = len(replays.known)
    assert costs(asked, replays) == found
    assert len(replays.known) == known


def test_a_cap_that_stopped_nothing_costs_no_run_and_the_market_is_the_same() -> None:
    loose = {"name": "A", "frequency_caps": [{"max_impressions": 200, "unit": "day"}], "pacing": "asap"}
    asked = asked_of(
        {"name": "loose", "market": {"days": 1, "population": {"viewers": 50}}, "bidders": [loose]}
    )
    cap = next(each for each in constraints_of(asked, 0) if each.name == "frequency_cap")
    assert cap.inert_at == "blocked_frequency_cap"
    played = Replays(0)
    assert played.played(cap.relaxed(asked)).funnel == played.played(asked).funnel
    assert costs(asked, Replays(0)).runs == 4  # as it is, without a floor, with a higher bid, with both
    shared, place = held_back()
    caps = next(each for each in constraints_of(shared, place) if each.name == "frequency_cap")
    assert caps.inert_at == ""  # what it buys counts for Islands, too


def _replay(spend: int, expected: int, **counts: int) -> Replay:
    given = {"spend_micros": spend, **counts}
    return Replay(tuple(given.get(name, 0) for name in FUNNEL), expected, np.full((48, 2), spend // 48))


def test_a_budget_that_was_not_spent_is_none_of_the_largest() -> None:
    asked, place = held_back()
    found = {each: Delivered(1, 1, 1) for each in constraints_of(asked, place) if "budget" in each.name}

    def largest(now: Replay) -> list[str]:
        return sorted(each.name for each in largest_of(asked, place, now, found))

    assert largest(_replay(5_000_000, 20_000_000)) == []
    assert largest(_replay(19_500_000, 20_000_000)) == ["campaign_lifetime_budget", "lifetime_budget"]
    assert largest(_replay(5_000_000, 20_000_000, blocked_budget_daily=1)) == [
        *("campaign_daily_budget", "daily_budget")
    ]
    assert len(largest(_replay(48_000_000, 48_000_000))) == 4


def test_equals_go_by_what_they_win_and_then_by_what_they_stopped() -> None:
    asked, place = held_back()
    found = constraints_of(asked, place)
    gains = {each: Delivered(0, 0, 0) for each in found} | {found[-5]: Delivered(5, 0, 0)}
    now = _replay(0, 10**9, blocked_daypart=7, lost_below_floor=9)
    names = [each.name for each in largest_of(asked, place, now, gains)]
    assert names[0] == found[-5].name
    assert set(names[1:]) == {"daypart", "floor", "bid"}


def test_the_first_days_drop_what_is_changed_after_them() -> None:
    asked, _ = held_back()
    short = first_days(asked, 1)
    assert short.scenario.market.horizon.hours == 24
    assert [f"{change.at:%d}" for change in short.scenario.market.changes] == ["02", "02", "02"]
    assert isinstance(short.book, Book)
