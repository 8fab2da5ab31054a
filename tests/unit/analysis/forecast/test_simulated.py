"""Forecasts that are played: what is delivered, how surely, and at whose cost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.forecast.answer import verdict
from analysis.forecast.played import Counts, Played
from analysis.forecast.proposal import from_terms
from analysis.forecast.simulated import SEEDS, THRESHOLD, _is_settled, simulated, tries_on
from analysis.forecast.world import world_of
from analysis.study.statistics.proportions import proportion
from entities.errors import InputError
from scenarios.loader import load
from tests.unit.analysis.forecast.small import SMALL, asked

TV = {"targeting": {"include": {"device": ["tv"]}}}


def test_what_a_booking_takes_is_what_others_lose() -> None:
    with tries_on(1) as tries:
        found = simulated(asked(400, 4, **TV), tries)
    assert found.answer == "uncertain"  # 4 of 4 seeds cannot say yes
    assert (found.full.successes, found.full.seeds) == (4, 4)
    assert found.delivered.mean == pytest.approx(400, rel=0.01)
    assert found.spend_micros.mean <= found.budget_micros
    # One share in a hundred of what is won is not billed.
    lost = sum(one.impressions.mean for one in found.displaced) + found.rivals.mean + found.unsold.mean
    assert lost == pytest.approx(found.delivered.mean, rel=0.05)
    assert [one.impressions.mean for one in found.displaced] == sorted(
        (one.impressions.mean for one in found.displaced), reverse=True
    )
    assert found.avails.available.mean <= found.avails.possible.mean <= found.avails.matched.mean
    assert found.preview is not None
    assert found.preview.possible == pytest.approx(found.avails.possible.mean, rel=0.15)
    told = found.to_dict()
    assert told["answer"] == "uncertain"
    assert told["full"]["low"] == found.full.low
    assert found.displacement().height == len(found.displaced) == 2


def test_a_no_is_settled_early_and_says_what_all_seeds_would() -> None:
    request = asked(100, SEEDS)
    path = request.proposal.path
    for failures in range(1, SEEDS + 1):
        runs = [Played("with", k, {path: Counts(100, 0, 0)}, 0, 0) for k in range(failures)]
        at_best = verdict(proportion(SEEDS - failures, SEEDS), THRESHOLD)
        assert _is_settled(request, runs) == (at_best == "no")
    assert _is_settled(request, runs)
    assert not _is_settled(request, runs[:2])


def test_in_a_market_without_line_items_outside_demand_is_displaced() -> None:
    request = asked(100, 2)
    empty = replace(request.world.loaded, listings={})
    with tries_on(1) as tries:
        found = simulated(replace(request, world=replace(request.world, loaded=empty)), tries)
    assert found.displaced == ()
    assert found.rivals.mean > 0
    assert found.rivals.mean + found.unsold.mean == pytest.approx(found.delivered.mean, rel=0.05)
    assert found.full.successes == 2


def test_every_seed_says_yes_and_one_fewer_would_not_do() -> None:
    assert verdict(proportion(SEEDS, SEEDS), THRESHOLD) == "yes"
    assert verdict(proportion(SEEDS - 1, SEEDS - 1), THRESHOLD) == "uncertain"
    assert verdict(proportion(0, 2), THRESHOLD) == "no"


@pytest.mark.parametrize(
    ("terms", "line"),
    [
        ({"max_cpm": 5}, "max_cpm 5.00: is below every floor, the lowest is 10.00; nothing can be won"),
        ({"lifetime_budget": 1}, "a budget of 1.00 pays for 100 impressions at the lowest floor"),
        ({"targeting": {"include": {"region": ["us_eest"]}}}, "did you mean us_east?"),
        ({"targeting": {"include": {"genre": ["dramma"]}}}, "did you mean drama?"),
        ({"flights": [{"start": "2026-11-03", "end": "2026-11-04"}]}, "flights"),
        ({"frequency_caps": [{"max_impressions": 0, "unit": "day"}]}, "must be a whole number from 1 to 255"),
        ({"max_cmp": 5}, "did you mean max_cpm?"),
    ],
)
def test_what_cannot_be_booked_is_refused(terms: dict[str, object], line: str) -> None:
    with pytest.raises(InputError) as refused:
        asked(500, **terms)
    assert line in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_a_flight_outside_of_the_scenario_is_refused() -> None:
    loaded = load("smoke", SMALL)
    dates = {"start_date": "2026-11-01", "end_date": "2026-11-02", "timezone": "America/New_York"}
    terms = {"campaign": {**dates, "line_items": [{"max_cpm": 28}]}}
    proposal = from_terms(terms, loaded.scenario.market, 500)
    with pytest.raises(InputError, match="flight 2026-11-01 to 2026-11-02: is outside of the scenario"):
        world_of(loaded, proposal)


def test_fewer_than_two_seeds_are_refused() -> None:
    with pytest.raises(InputError, match="an interval needs at least 2 seeds"):
        asked(500, 1)
