"""What a slot is worth, what is bid for it, and how exactly the tick's table has both."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from pydantic import ValidationError

from sim.bidding.equilibrium import Equilibrium
from sim.bidding.factor import Factor
from sim.bidding.truthful import Truthful
from sim.bidding.uniform_equilibrium import UniformEquilibrium
from sim.book.arrays import factors
from sim.layout import ATOMS, FACTOR_BITS, STRAIGHT, TABLE_BITS, TAILED
from sim.tables import quantiles
from sim.valuation.empirical import MOST_VALUES, Empirical
from sim.valuation.exponential import Exponential
from sim.valuation.uniform import Uniform

STEPS = 1 << TABLE_BITS
WHOLE_FACTOR = 1 << FACTOR_BITS


def drawn(table: np.ndarray) -> np.ndarray:
    """Return the mean of each step's straight line."""
    return (table[:-1] + table[1:]) / 2 / WHOLE_FACTOR


def test_a_uniform_worth_is_exact_from_end_to_end() -> None:
    table = quantiles(lambda share: WHOLE_FACTOR * Uniform().quantile(share), bounded=True)
    assert table.tolist() == list(range(0, WHOLE_FACTOR + 1, WHOLE_FACTOR >> TABLE_BITS))


def test_a_uniform_worth_has_its_bounds_in_order() -> None:
    assert Uniform(low=0.5, high=0.5).quantile(0.3) == 0.5
    with pytest.raises(ValidationError, match=r"low 0\.6: must not be above high, 0\.5"):
        Uniform(low=0.6, high=0.5)


def test_an_exponential_worth_has_its_mean_and_its_tail() -> None:
    row, form = factors(Exponential(mean=1), Truthful())
    assert form == TAILED
    body, tail = drawn(row[:STEPS]), drawn(row[STEPS - 1 :])
    assert body.sum() / STEPS + tail.mean() / STEPS == pytest.approx(1, abs=5e-5)
    for place in (0, 1, 2048, STEPS - 1):
        beyond = (1 - place / STEPS) / STEPS
        assert row[STEPS - 1 + place] / WHOLE_FACTOR == pytest.approx(-math.log(beyond), abs=1e-6)
    assert row[-1] / WHOLE_FACTOR == pytest.approx(2 * math.log(STEPS) + math.log(4), abs=1e-6)
    assert Exponential(mean=0.5).quantile(1 - math.exp(-2)) == pytest.approx(1)


def test_an_observed_worth_keeps_its_mean_whatever_their_number() -> None:
    for count in (1, 2, 3, 7, 1000, 3000, MOST_VALUES - 1, MOST_VALUES):
        values = [((place * 37) % 101) / 100 for place in range(count)]
        part = Empirical(values=tuple(values))
        row, form = factors(part, Truthful())
        assert form == ATOMS
        low, cut, high = row[:STEPS], row[STEPS:] / (1 << 20), np.append(row[1:STEPS], row[STEPS - 1])
        shares = Counter[float]()
        for of, weights in ((low, cut), (high, 1 - cut)):
            for value, weight in zip(of.tolist(), weights.tolist(), strict=True):
                shares[value] += weight / STEPS
        expected = Counter(round(WHOLE_FACTOR * value) for value in values)
        assert {value for value, share in shares.items() if share > 0} == set(expected)
        for value, often in expected.items():
            assert shares[value] == pytest.approx(often / count, abs=often * 2**-32)
    assert (part.quantile(0), part.quantile(1)) == (0, 1)


def test_bids_along_a_range_for_one_worth_are_no_atoms() -> None:
    two = Empirical(values=(0.2, 0.8))
    assert factors(two, Factor(factor=0.5)).form == ATOMS
    assert factors(two, Equilibrium()).form == STRAIGHT


def test_between_two_observed_values_lies_their_mean() -> None:
    part = Empirical(values=(3.0, 1.0))
    assert [part.quantile(share) for share in (0, 0.25, 0.5, 0.75, 1)] == [1, 1, 2, 3, 3]


@pytest.mark.parametrize(("bidders", "reserve"), [(2, 0.0), (2, 0.5), (3, 0.25), (5, 0.5), (1, 0.4)])
def test_the_equilibrium_of_a_distribution_is_the_closed_form_of_uniform_worth(
    bidders: int, reserve: float
) -> None:
    closed = UniformEquilibrium(bidders=bidders, reserve=reserve).bids(Uniform().quantile)
    general = Equilibrium(bidders=bidders, reserve=reserve).bids(Uniform().quantile)
    for share in (0.01, 0.1, 0.25, 0.2501, 0.3, 0.4, 0.5, 0.5001, 0.77, 1):
        # The integral knows a reserve within the table's step at which it lies.
        assert general(share) == pytest.approx(closed(share), abs=1e-7), share


def test_the_bid_is_the_formula() -> None:
    # n = 2, r = 1/2: v/2 + 1/(8v).
    bid = UniformEquilibrium(bidders=2, reserve=0.5).bids(lambda share: share)
    assert bid(0.4999) == 0
    for worth in (0.5, 0.6, 1.0):
        assert bid(worth) == pytest.approx(worth / 2 + 1 / (8 * worth))


def test_two_bidders_with_exponential_worth_bid_the_mean_of_the_lower_one() -> None:
    # E[Y; Y < v] / F(v) = 1 - v e^-v / (1 - e^-v).
    bid = Equilibrium(bidders=2).bids(Exponential(mean=1).quantile)
    for worth in (0.01, 0.1, 1.0, 3.0, 8.0):
        exact = 1 - worth * math.exp(-worth) / -math.expm1(-worth)
        assert bid(-math.expm1(-worth)) == pytest.approx(exact, rel=1e-4)


def test_a_crowd_bids_nearly_its_worth() -> None:
    bid = Equilibrium(bidders=1000).bids(Uniform().quantile)
    assert [bid(share) for share in (0.25 / STEPS, 0.5, 1)] == pytest.approx([0, 0.4995, 0.999], abs=1e-4)


def test_a_factor_shades_every_bid() -> None:
    assert Factor(factor=0.5).bids(Uniform().quantile)(0.8) == 0.4


@pytest.mark.parametrize("bidders", [7, 8, 30, 1000])
def test_the_equilibrium_follows_the_worth_however_many_bid(bidders: int) -> None:
    bid = Equilibrium(bidders=bidders).bids(Uniform(low=0.4, high=1.0).quantile)
    shares = [place / 5000 for place in range(1, 5001)]
    bids = [bid(share) for share in shares]
    assert all(less <= more + 1e-12 for less, more in pairwise(bids))
    # For uniform worth the bid is low + (worth - low) * (n - 1) / n.
    exact = [0.4 + 0.6 * share * (bidders - 1) / bidders for share in shares]
    assert bids == pytest.approx(exact, abs=1e-3)
