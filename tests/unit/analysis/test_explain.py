"""Explanations: what rows say of a line item, and what a market says that is played without a constraint."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import pytest

import paceline
from analysis.booking.books import book_listings
from analysis.explain.bound import bound_when
from analysis.explain.constraints import Asked, Constraint, constraints_of
from analysis.explain.explanation import Explanation, explain, plain
from analysis.explain.first_days import first_days
from analysis.explain.largest import largest_of
from analysis.explain.money import costs, most_runs
from analysis.explain.replays import Delivered, Replay, Replays
from analysis.explain.subject import subject
from analysis.rows.reasons import COUNTED
from entities.enums import TargetingKey
from entities.errors import InputError
from paceline import Run
from scenarios.models import Scenario
from sim.book.records import Book
from sim.events import FUNNEL
from sim.pacing.asap import Asap

COMEDY = "Everywhere, comedy"
CAMPAIGN: dict[str, Any] = {
    "advertiser": {"name": "Harbour Ferries", "category": "travel"},
    "campaign": {
        "name": "Winter",
        "start_date": "2026-11-02",
        "end_date": "2026-11-03",
        "lifetime_budget": 30,
        "daily_budget": 20,
        "frequency_caps": [{"max_impressions": 2, "unit": "day"}],
        "line_items": [
            {
                "name": "Crossings",
                "max_cpm": 20,
                "lifetime_budget": 20,
                "daily_budget": 15,
                "pacing": "even",
                "holdout": 0.3,
                "slot_in_pod": "first",
                "dayparts": [{"hours": list(range(8, 23))}],
                "targeting": {
                    "include": {"device": ["tv", "phone"], "genre": ["drama", "comedy"]},
                    "exclude": {"genre": ["thriller"], "age_band": ["65+"]},
                },
                "frequency_caps": [{"max_impressions": 1, "unit": "day"}],
            },
            {"name": "Islands", "max_cpm": 18, "lifetime_budget": 30},
        ],
    },
}
CREATIVE = {"asset_url": "https://cdn.example.com/a.mp4", "mime_type": "mp4", "duration_s": 15}
for _each in CAMPAIGN["campaign"]["line_items"]:
    _each["creatives"] = [CREATIVE]
PATH = "Harbour Ferries / Winter / Crossings"
EVERY = [
    *("pause", "frequency_cap", "daypart", "separation", "holdout", "pacing", "floor", "bid"),
    *("targeting.device", "targeting.genre", "targeting.age_band", "slot_in_pod"),
    *("lifetime_budget", "campaign_lifetime_budget", "daily_budget", "campaign_daily_budget"),
]
FLOORS = {"cpm": 14, "by_device": {"phone": 1.6}}
CHANGES = [
    {"at": "2026-11-02 12:00", "line_item": "Crossings", "max_cpm": 16, "daily_budget": 9},
    {"at": "2026-11-02 14:00", "line_item": "Crossings", "status": "paused"},
    {"at": "2026-11-02 16:00", "line_item": "Crossings", "status": "active", "lifetime_budget": 12},
    {"at": "2026-11-03 01:00", "campaign": "Winter", "status": "paused", "daily_budget": 7},
    {"at": "2026-11-03 02:00", "line_item": "Islands", "max_cpm": 17},
]


def _asked(scenario: dict[str, Any]) -> Asked:
    checked = Scenario.model_validate(scenario)
    listings = [
        *checked.campaigns,
        *(one for each in checked.bidders for one in each.listings(checked.market)),
    ]
    return Asked(checked, book_listings(listings, checked.market))


def _held_back(**market: Any) -> tuple[Asked, int]:
    rival = {"name": "Rival", "max_cpm": 17, "pacing": "asap"}
    settings = {
        "days": 2,
        "shards": 2,
        "population": {"viewers": 400},
        "floors": FLOORS,
        "changes": CHANGES,
        **market,
    }
    asked = _asked(
        {"name": "all", "seed": 5, "market": settings, "campaigns": [CAMPAIGN], "bidders": [rival]}
    )
    return asked, [item.path for item in asked.book.line_items].index(PATH)


@pytest.fixture(scope="module")
def smoke() -> Run:
    return paceline.simulate("smoke", set={"market.population.viewers": 1000})


@pytest.fixture(scope="module")
def comedy(smoke: Run) -> Explanation:
    return explain(smoke, COMEDY)


@pytest.fixture(scope="module")
def relaxed() -> dict[str, tuple[Constraint, Asked, Replay]]:
    asked, place = _held_back()
    replays = Replays(place)
    found = {each.name: (each, each.relaxed(asked)) for each in constraints_of(asked, place)}
    return {
        "": (next(iter(found.values()))[0], asked, replays.played(asked)),
        **{name: (each, market, replays.played(market)) for name, (each, market) in found.items()},
    }


# 1. From rows.


def test_the_funnel_adds_up_from_avails_to_completed_views(smoke: Run, comedy: Explanation) -> None:
    steps = {step.name: step for step in comedy.funnel}
    assert steps["avails"].number == smoke.auctions
    above = steps["avails"]
    lost = 0
    for step in comedy.funnel[1 : [*steps].index("impressions") + 1]:
        assert step.of_step == step.number / above.number
        if step.loss:
            lost += step.number
        else:
            assert above.number == lost + step.number, step
            above, lost = step, 0
    seen = [steps[name].number for name in ("impressions", "video_starts", "video_q25", "video_completions")]
    assert seen == sorted(seen, reverse=True)
    assert seen[0] == comedy.goal.impressions
    assert steps["requests_matched"].of_matched == 1


def test_without_slots_a_funnel_begins_with_what_matched() -> None:
    pods = {"kind": "dynamic", "mid_roll": {"share": 1, "seconds": {"60": 1}, "max_ads": 3}}
    run = paceline.simulate(
        {
            "name": "dynamic",
            "market": {"days": 1, "population": {"viewers": 50}, "pods": pods},
            "bidders": [{"name": "A"}],
        }
    )
    assert explain(run, "A").funnel[0].name == "requests_matched"


def test_winners_are_those_who_won_what_was_lost(comedy: Explanation) -> None:
    lost = {step.name: step.number for step in comedy.funnel if step.name.startswith("lost_")}
    won = {one.won_by: one for one in comedy.winners}
    assert won["outside_demand"].bids == lost["lost_ambient"]
    assert (won["line_item"].winner, won["line_item"].bids) == ("TV drama", lost["lost_outbid"])
    assert sum(one.share for one in comedy.winners) == pytest.approx(1)


def test_delivery_and_gap_are_those_of_the_run(smoke: Run, comedy: Explanation) -> None:
    row = next(row for row in smoke.summary.iter_rows(named=True) if row["line_item"] == COMEDY)
    assert (comedy.goal.spend_micros, comedy.goal.delivery) == (row["spend_micros"], row["delivery"])
    assert comedy.goal.gap_micros == sum(share.micros for share in comedy.gap) > 0
    assert comedy.gap[0].reason == row["reason"]


def test_what_bound_when_counts_every_hour_once(smoke: Run, comedy: Explanation) -> None:
    when = comedy.when
    matched = next(step.number for step in comedy.funnel if step.name == "requests_matched")
    for spans in (when.hours, when.week, when.by_hour, when.by_day):
        assert sum(one.matched for one in spans) == matched
        assert all((one.reason is None) == (one.stopped == 0) for one in spans)
        assert all(one.stopped <= one.matched for one in spans)
    assert [one.hour for one in when.by_hour] == list(range(24))
    assert [f"{one.date}" for one in when.by_day] == ["2026-11-02", "2026-11-03"]
    one = subject(smoke, COMEDY)
    row = one.own(smoke.performance_extended).row(0, named=True)
    first = when.hours[0]
    assert (first.hour, first.stopped) == (0, max(row[reason] for reason in COUNTED))
    assert bound_when(one) == when


def test_json_has_all_of_it(comedy: Explanation) -> None:
    told = json.loads(json.dumps(plain(comedy)))
    assert set(told) == {
        *("run_id", "advertiser", "campaign", "line_item", "currency", "goal", "gap", "funnel", "winners"),
        *("when", "money"),
    }
    assert told["funnel"][0] == comedy.funnel[0]._asdict()
    assert told["when"]["hours"][0]["date"] == "2026-11-02"
    assert told["goal"]["gap_micros"] == comedy.goal.gap_micros
    assert told["money"] is None


# 2. Names.


def test_a_line_item_goes_by_its_name_or_a_longer_path(smoke: Run) -> None:
    for name in ("TV drama", "Smoke Launch / TV drama", "Smoke Motors / Smoke Launch / TV drama"):
        assert subject(smoke, name).item.name == "TV drama"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("TV drame", "did you mean 'TV drama'?"),
        ("comedy", "did you mean 'Everywhere, comedy'?"),
        ("Zzz", "it has 'TV drama', 'Everywhere, comedy'"),
        ("Other / TV drama", "did you mean 'TV drama'?"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest(smoke: Run, name: str, line: str) -> None:
    with pytest.raises(InputError) as refused:
        subject(smoke, name)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_name_of_several_and_one_that_never_flew_are_refused() -> None:
    bidders = [{"name": name, "max_cpm": 10} for name in ("A", "B")]
    items = CAMPAIGN["campaign"]["line_items"][1:]
    later = {"name": "Late", "start_date": "2026-11-05", "end_date": "2026-11-06", "line_items": items}
    late = {**CAMPAIGN, "campaign": later}
    market = {"days": 1, "population": {"viewers": 20}}
    with pytest.warns(paceline.PacelineWarning, match="it delivers nothing"):
        run = paceline.simulate({"name": "two", "market": market, "bidders": bidders, "campaigns": [late]})
    with pytest.raises(InputError, match="was not in flight while run"):
        explain(run, "Islands")
    twins = replace(run.book, line_items=tuple(replace(one, name="A") for one in run.book.line_items))
    run.__dict__["_book"] = twins
    with pytest.raises(InputError, match="means 3 of the run's"):
        subject(run, "A")


# 3. Constraints.


def test_every_constraint_is_found_once_and_none_that_is_not_there() -> None:
    asked, place = _held_back()
    assert sorted(each.name for each in constraints_of(asked, place)) == sorted(EVERY)
    free = _asked(
        {
            "name": "free",
            "market": {"days": 1, "floors": {"cpm": 0}},
            "bidders": [{"name": "A", "pacing": "asap"}],
        }
    )
    assert [each.name for each in constraints_of(free, 0)] == ["bid"]
    deal = {"name": "A", "pacing": "asap", "deal": {"kind": "guaranteed", "impressions": 9}}
    fixed = _asked({"name": "deal", "market": {"days": 1}, "bidders": [deal]})
    assert [each.name for each in constraints_of(fixed, 0)] == ["lifetime_budget"]


def test_a_relaxation_takes_away_what_it_says_and_nothing_else() -> None:
    asked, place = _held_back()
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
    asked, place = _held_back()
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
    asked = _asked({"name": "one", "market": {"days": 2}, "campaigns": [listing]})
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
    asked, place = _held_back()
    found = constraints_of(asked, place)

    def without(order: tuple[Constraint, ...]) -> tuple[str, str]:
        market = reduce(lambda so_far, each: each.relaxed(so_far), order, asked)
        return market.scenario.model_dump_json(), market.book.text

    assert without(found) == without(found[::-1])


# 4. What they cost.


def test_parts_sum_to_the_gap_to_the_micro_and_no_market_is_played_twice() -> None:
    asked, place = _held_back(days=1, changes=[])
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
    asked = _asked(
        {"name": "loose", "market": {"days": 1, "population": {"viewers": 50}}, "bidders": [loose]}
    )
    cap = next(each for each in constraints_of(asked, 0) if each.name == "frequency_cap")
    assert cap.inert_at == "blocked_frequency_cap"
    played = Replays(0)
    assert played.played(cap.relaxed(asked)).funnel == played.played(asked).funnel
    assert costs(asked, Replays(0)).runs == 4  # as it is, without a floor, with a higher bid, with both
    shared, place = _held_back()
    caps = next(each for each in constraints_of(shared, place) if each.name == "frequency_cap")
    assert caps.inert_at == ""  # what it buys counts for Islands, too


def _replay(spend: int, expected: int, **counts: int) -> Replay:
    given = {"spend_micros": spend, **counts}
    return Replay(tuple(given.get(name, 0) for name in FUNNEL), expected, np.full((48, 2), spend // 48))


def test_a_budget_that_was_not_spent_is_none_of_the_largest() -> None:
    asked, place = _held_back()
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
    asked, place = _held_back()
    found = constraints_of(asked, place)
    gains = {each: Delivered(0, 0, 0) for each in found} | {found[-5]: Delivered(5, 0, 0)}
    now = _replay(0, 10**9, blocked_daypart=7, lost_below_floor=9)
    names = [each.name for each in largest_of(asked, place, now, gains)]
    assert names[0] == found[-5].name
    assert set(names[1:]) == {"daypart", "floor", "bid"}


# 5. Against the run.


def test_a_run_is_checked_before_it_is_compared() -> None:
    run = paceline.simulate(
        {
            "name": "tiny",
            "market": {"days": 2, "population": {"viewers": 40}, "shards": 1},
            "bidders": [{"name": "A"}],
        }
    )
    told: list[str] = []
    whole = explain(run, "A", money=True, warn=told.append).money
    first = explain(run, "A", money=True, days=1, warn=told.append).money
    assert whole is not None
    assert first is not None
    assert told == []
    assert (whole.reproduced, whole.days, first.reproduced, first.days) == (True, None, True, 1)
    spend = subject(run, "A").own(run.performance_extended)["spend_micros"]
    assert (whole.delivered.spend_micros, first.delivered.spend_micros) == (spend.sum(), spend[:24].sum())
    for days in (0, 3):
        with pytest.raises(InputError, match=f"days {days}: must be from 1 to 2"):
            explain(run, "A", money=True, days=days)
    run.__dict__["digest"] = "0" * 64
    other = explain(run, "A", money=True, warn=told.append).money
    assert other == replace(whole, reproduced=False)
    assert [line.partition(" comes out")[2] for line in told] == [
        " differently with this code; compared is what comes out now"
    ]
    changed = run.performance_extended
    run.__dict__["performance_extended"] = changed.with_columns(bids=changed["bids"] + 1)
    assert not explain(run, "A", money=True, days=1).money.reproduced  # type: ignore[union-attr]


def test_the_first_days_drop_what_is_changed_after_them() -> None:
    asked, _ = _held_back()
    short = first_days(asked, 1)
    assert short.scenario.market.horizon.hours == 24
    assert [f"{change.at:%d}" for change in short.scenario.market.changes] == ["02", "02", "02"]
    assert isinstance(short.book, Book)
