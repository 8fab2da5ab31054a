"""Study `floors`: what is sold above a floor, and the floor that earns most."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest

from tests.studies.played import played

MEAN, MEDIAN, SIGMA = 3.0, 13.0, 0.35
"""The rivals of the base."""
STEPS = 4000


def _above(value: float) -> float:
    # The mean number of rivals whose value is above.
    return MEAN * (1 - NormalDist().cdf(math.log(value / MEDIAN) / SIGMA)) if value else MEAN


def _fill(floor: float) -> float:
    return 1 - math.exp(-_above(floor))


def _revenue(floor: float) -> float:
    # CPM of a slot, by revenue equivalence that of second price: the floor if anybody is above it, and what
    # the second value adds, which is above x with probability 1 - exp(-λ) (1 + λ), λ being how many are.
    width = (100 - floor) / STEPS
    above = (_above(floor + (step + 0.5) * width) for step in range(STEPS))
    return floor * _fill(floor) + sum(1 - math.exp(-many) * (1 + many) for many in above) * width


def test_what_is_sold_and_earned_is_what_theory_says_of_every_floor() -> None:
    # Riley and Samuelson, American Economic Review 71(3), 1981; Poisson numbers: Krishna 2009, 3.2.2.
    # A cent buys no impression, so that rivals are alone.
    alone = {"line_item[Launch].lifetime_budget": 0.01, "market.weather": "none"}
    arms = played("floors", 1, terms=alone)
    for name, arm in arms.items():
        floor, slots = float(name), float(arm.slots[0])
        # Five standard errors: of a share, and of a price, whose deviation is below that of the best value, $5,
        # and that of what is not sold, half of at most $20.
        assert arm["fill"][0] == pytest.approx(_fill(floor), abs=5 * 0.5 / math.sqrt(slots))
        earned = 1000 * arm["revenue"][0] / slots
        assert earned == pytest.approx(_revenue(floor), abs=5 * (5 + 10) / math.sqrt(slots))


def test_a_floor_earns_most_near_where_theory_has_it() -> None:
    # Myerson, Mathematics of Operations Research 6(1), 1981: r = (1 - F(r)) / f(r), whatever the number of
    # buyers; of these values it is $9.68.
    arms = played("floors", 1, arms=("0", "10", "14"))
    assert arms["10"]["revenue"] > arms["0"]["revenue"]
    assert arms["10"]["revenue"] > arms["14"]["revenue"]
    assert arms["0"]["fill"] > arms["10"]["fill"] > arms["14"]["fill"]
