"""Probabilities that are known from k of n seeds."""

from __future__ import annotations

import pytest
from scipy import stats

from analysis.study.statistics.proportions import proportion
from entities.errors import InputError


def test_intervals_are_those_of_jeffreys() -> None:
    for successes, seeds in ((3, 10), (9, 10), (17, 40)):
        found = proportion(successes, seeds)
        beta = stats.beta(successes + 0.5, seeds - successes + 0.5)
        assert (found.low, found.high) == pytest.approx((beta.ppf(0.025), beta.ppf(0.975)))
    assert (proportion(0, 5).low, proportion(5, 5).high) == (0, 1)
    assert proportion(0, 5).high == pytest.approx(1 - proportion(5, 5).low)


def test_they_cover_as_often_as_they_say_in_the_mean() -> None:
    # Exactly, over all k of n = 24 and probabilities between 2 and 98 %.
    found = [proportion(k, 24) for k in range(25)]
    covered = []
    for percent in range(2, 99):
        p = percent / 100
        chance = stats.binom(24, p).pmf(range(25))
        covered.append(sum(w for w, one in zip(chance, found, strict=True) if one.low <= p <= one.high))
    assert sum(covered) / len(covered) == pytest.approx(0.95, abs=0.01)


def test_fewer_than_two_seeds_have_no_interval() -> None:
    with pytest.raises(InputError, match="an interval needs at least 2 seeds, not 1"):
        proportion(1, 1)
    with pytest.raises(ValueError, match="3 of 2"):
        proportion(3, 2)
