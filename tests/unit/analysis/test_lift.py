"""Lift: the interval of a difference as published, ghosts in a small market, and what is measured where nothing is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import paceline
from analysis.delivery.lift import SCHEMA, difference, score_interval
from sim import laws
from sim.events import EVENT

BIDDER = {"name": "Bidder", "bidding": "fixed_cpm", "holdout": 0.3}


def run_of(**settings: Any) -> paceline.Run:
    market = {"market.population.viewers": 300, "market.viewing.breaks_a_day": 4, "bidders": [BIDDER]}
    market |= {"market.auction": "first_price"}
    return paceline.simulate("exact", set=market | settings)


def test_the_interval_is_the_published_one() -> None:
    # Newcombe 1998, table II, contrasts (a) and (g): 56/70 against 48/80, and 10/10 against 0/10; method 10.
    found = difference(56, 70, 48, 80, 0.95)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert found.value == pytest.approx(0.2)
    assert found.standard_error == pytest.approx((0.8 * 0.2 / 70 + 0.6 * 0.4 / 80) ** 0.5)
    found = difference(10, 10, 0, 10, 0.95)
    assert (found.low, found.high) == pytest.approx((0.6075, 1.0), abs=5e-5)


def test_a_score_interval_holds_the_share() -> None:
    low, high = score_interval(0, 20, 0.95)
    assert low == pytest.approx(0, abs=1e-12)
    assert high == pytest.approx(0.1611, abs=5e-5)  # Newcombe 1998a


def test_who_is_held_out_has_ghosts_and_no_impression() -> None:
    run = run_of(**{"market.conversions.organic_rate": 0.2, "market.conversions.view_rate": 0.3})
    events = run.events.collect()
    ghosts, won = events.filter("ghost"), events.filter(~events["ghost"])
    assert not set(ghosts["viewer_id"]) & set(won["viewer_id"])
    assert ghosts["charged_micros"].sum() == 0 < won["charged_micros"].sum()
    counted = run.performance_extended.select("ghosts", "wins").sum().row(0)
    assert counted == (len(ghosts), len(won))
    found = run.lift()
    assert dict(found.schema) == SCHEMA
    assert found["method"].to_list() == ["ghost", "itt"]
    assert (found["treated"] + found["held_out"]).to_list()[1] == 300
    exposed = [
        events["viewer_id"].filter(events["ghost"] == is_ghost).n_unique() for is_ghost in (False, True)
    ]
    assert found.select("treated", "held_out").row(0) == tuple(exposed)
    assert (found["low"] <= found["lift"]).all()
    assert (found["lift"] <= found["high"]).all()
    assert run.audit().broken == ()
    assert (run.lift(level=0.5)["high"] < found["high"]).all()


def test_without_conversions_nothing_is_measured_and_a_line_says_so() -> None:
    with pytest.warns(paceline.PacelineWarning, match="holdout has nothing to measure"):
        assert run_of().lift().is_empty()


@pytest.mark.parametrize("level", [0, 1, 95, "high", float("nan")])
def test_a_level_is_between_0_and_1(level: Any) -> None:
    with pytest.warns(paceline.PacelineWarning):
        run = run_of()
    with pytest.raises(paceline.InputError, match="level"):
        run.lift(level=level)


def test_the_law_finds_a_ghost_of_a_viewer_who_is_served() -> None:
    events = np.zeros(3, EVENT)
    events["ghost"] = 0, 1, 1
    assert laws.holdouts(events, np.array([False, True, True]), str).holds
    assert laws.holdouts(events, np.array([False, True, False]), str).broken == 1
    assert laws.holdouts(events, np.array([True, True, True]), str).broken == 1
