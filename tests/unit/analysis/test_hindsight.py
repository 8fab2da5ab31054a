"""The best fixed multiplier in hindsight, against every subset and every multiplier of small logs."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.replay.hindsight import AT_ONCE, best
from analysis.replay.log import Log
from sim.auction import AuctionFormat
from sim.auction.first_price import FirstPrice
from sim.auction.soft_floor import SoftFloor
from tests.logs import uniform

some = settings(max_examples=200)
amounts = st.integers(0, 30)
auctions = st.lists(st.tuples(amounts, amounts), min_size=1, max_size=7)


def log(pairs: list[tuple[int, int]]) -> Log:
    values, prices = np.array(pairs, np.int64).T
    return Log(values, prices, np.arange(len(pairs) + 1))


@some
@given(pairs=auctions, budget=st.integers(1, 100))
def test_under_second_price_it_is_the_optimum_of_the_dual(pairs: list[tuple[int, int]], budget: int) -> None:
    # The dual is piecewise linear in μ; its least value lies at 0 or where an auction is just won.
    corners = [Fraction(0), *(Fraction(v, d) - 1 for v, d in pairs if v >= d > 0)]
    dual = min(sum(max(v - (1 + mu) * d, Fraction(0)) for v, d in pairs) + mu * budget for mu in corners)
    found = best(log(pairs), budget)
    assert found.utility_micros == dual.__floor__()
    assert found.spend_micros <= budget


@some
@given(pairs=auctions, budget=st.integers(1, 100))
def test_no_choice_of_auctions_is_better(pairs: list[tuple[int, int]], budget: int) -> None:
    chosen = [
        sum(v - d for (v, d), take in zip(pairs, taken, strict=True) if take)
        for taken in product((False, True), repeat=len(pairs))
        if sum(d for (_, d), take in zip(pairs, taken, strict=True) if take) <= budget
    ]
    assert best(log(pairs), budget).utility_micros >= max(chosen)


@some
@given(pairs=auctions, budget=st.integers(1, 100))
def test_under_first_price_no_other_multiplier_is_better(pairs: list[tuple[int, int]], budget: int) -> None:
    tried = [Fraction(d, v) for v, d in pairs if v >= d and v > 0]
    outcomes = []
    for alpha in tried:
        won = sum(v for v, d in pairs if v > 0 and alpha * v >= d)
        if alpha * won <= budget:
            outcomes.append((1 - alpha) * won)
    found = best(log(pairs), budget, FirstPrice())
    assert found.utility_micros == pytest.approx(float(max(outcomes, default=0)), abs=1)
    assert found.spend_micros <= budget


def test_who_can_pay_for_all_pays_for_all_that_gain() -> None:
    found = best(log([(10, 4), (10, 12), (0, 0), (3, 3)]), 100)
    assert (found.multiplier, found.utility_micros, found.spend_micros) == (1.0, 6, 7)


def totals(log: Log, auction: AuctionFormat, alpha: Fraction) -> tuple[int, int]:
    """Return utility and spend of a fixed multiplier, bid by bid."""
    utility = spend = 0
    for v, d in zip(log.values.tolist(), log.prices.tolist(), strict=True):
        bid = alpha.numerator * v // alpha.denominator
        if v > 0 and bid >= d:
            paid = auction.price(bid, d, 0, 0, auction.parameter)
            utility, spend = utility + v - paid, spend + paid
    return utility, spend


@pytest.mark.parametrize("auction", [SoftFloor(soft_floor_cpm=0.012), SoftFloor(soft_floor_cpm=0.003)])
@some
@given(pairs=auctions, budget=st.integers(1, 100))
def test_under_a_format_without_a_closed_form_no_other_multiplier_is_better(
    auction: AuctionFormat, pairs: list[tuple[int, int]], budget: int
) -> None:
    market = log(pairs)
    tried = [totals(market, auction, Fraction(d, v)) for v, d in pairs if v >= d and v > 0]
    found = best(market, budget, auction)
    assert found.utility_micros == max((utility for utility, spend in tried if spend <= budget), default=0)
    assert found.spend_micros <= budget


def test_of_many_multipliers_the_search_finds_one_that_is_hard_to_beat() -> None:
    market, auction, budget = uniform(5000), SoftFloor(soft_floor_cpm=400), 300 * 1_000_000
    found = best(market, budget, auction)
    coarse = [totals(market, auction, Fraction(step, AT_ONCE)) for step in range(1, AT_ONCE)]
    assert found.utility_micros >= max(utility for utility, spend in coarse if spend <= budget)
    assert found.spend_micros <= budget
