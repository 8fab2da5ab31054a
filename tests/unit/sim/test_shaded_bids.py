"""What the rule that shades makes of what it has learned."""

from __future__ import annotations

import numpy as np
import pytest

from sim.auction import AuctionFormat
from sim.bidding import Landscape
from sim.bidding.shaded import Shaded
from sim.layout import SHADE_STEPS

MOST = 25_600
FIRST, SECOND = (AuctionFormat.members()[kind]().answer for kind in ("first_price", "second_price"))


def seen(counts: dict[int, int]) -> Landscape:
    landscape = np.zeros(SHADE_STEPS + 2, np.int64)
    for step, count in counts.items():
        landscape[step] = count
    return landscape


def after(counts: dict[int, int], rule: Shaded | None = None) -> list[int]:
    rule = rule or Shaded()
    return rule.answers(rule.learned(rule.begin(), seen(counts), 60), MOST, FIRST).tolist()


def test_in_the_beginning_it_bids_half_as_if_a_rival_were_uniform() -> None:
    rule = Shaded()
    bids = rule.answers(rule.begin(), MOST, FIRST)
    worths = np.arange(SHADE_STEPS + 1) * MOST / SHADE_STEPS
    assert abs(bids[:-1] - worths / 2).max() <= 2 * MOST / SHADE_STEPS


@pytest.mark.parametrize("step", [1, 60, 154, 255, 256])
def test_it_pays_a_floor_and_little_more(step: int) -> None:
    bids = after({step: 1_000_000})
    floor = step * MOST // SHADE_STEPS
    for place, bid in enumerate(bids[:-1]):
        worth = place * MOST // SHADE_STEPS
        assert bid <= worth
        if place > step:
            assert floor <= bid <= floor + max(worth - floor, 1) // 2 + MOST // SHADE_STEPS
        if place == step:
            assert bid == floor


def test_no_bid_is_above_its_worth_and_none_falls() -> None:
    rng = np.random.default_rng(20261122)
    for _ in range(50):
        counts = rng.integers(0, 1000, SHADE_STEPS + 2) * (rng.random(SHADE_STEPS + 2) < rng.random())
        rule = Shaded(prior=float(rng.integers(1, 500)))
        bids = rule.answers(rule.learned(rule.begin(), counts, 60), MOST, FIRST)
        assert (bids[:-1] <= np.arange(SHADE_STEPS + 1) * MOST // SHADE_STEPS).all()
        assert bids.min() >= 0
        # The mean of neighbours may fall by less than a step where the landscape has a cliff.
        assert np.diff(bids).min() >= -2 * MOST // SHADE_STEPS


def test_where_nothing_is_ever_won_it_bids_the_worth() -> None:
    bids = after({SHADE_STEPS + 1: 10**9}, Shaded(prior=1, half_life_hours=0.01))
    assert bids[100] <= 100 * MOST // SHADE_STEPS


def test_under_second_price_it_bids_the_worth() -> None:
    rule = Shaded()
    bids = rule.answers(rule.learned(rule.begin(), seen({30: 1000}), 60), MOST, SECOND)
    assert bids[:-1].tolist() == [place * MOST // SHADE_STEPS for place in range(SHADE_STEPS + 1)]


def test_an_auction_counts_half_after_the_half_life() -> None:
    rule = Shaded(half_life_hours=24)
    fresh = rule.learned(rule.begin() * 0, seen({40: 1000}), 60)
    later = rule.learned(fresh, seen({}), 24 * 60)
    assert later[40] == pytest.approx(fresh[40] / 2, rel=1e-4)
    assert fresh.sum() == fresh[40]


def test_a_competition_that_changed_is_learned_anew() -> None:
    rule = Shaded(half_life_hours=6)
    landscape = rule.begin()
    for step in (60, 120):
        for _ in range(72):
            landscape = rule.learned(landscape, seen({step: 10_000}), 60)
        bid = rule.answers(landscape, MOST, FIRST)[200]
        assert step * MOST // SHADE_STEPS <= bid <= (step + 12) * MOST // SHADE_STEPS


@pytest.mark.parametrize("minutes", [1, 5, 60])
def test_weights_halve_in_the_half_life_however_long_the_ticks(minutes: int) -> None:
    rule = Shaded(half_life_hours=72)
    landscape = rule.learned(rule.begin(), seen({10: 50}), minutes)
    before = landscape.copy()
    for _ in range(72 * 60 // minutes):
        landscape = rule.learned(landscape, seen({}), minutes)
    assert landscape[10] == pytest.approx(before[10] / 2, rel=0.01)
    assert landscape.sum() == pytest.approx(before.sum() / 2, rel=0.25)


def test_who_has_forgotten_everything_begins_anew() -> None:
    rule = Shaded(half_life_hours=0.001)
    assert (rule.learned(rule.begin(), seen({}), 60) == rule.begin()).all()
