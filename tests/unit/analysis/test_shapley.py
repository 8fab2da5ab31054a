"""Shapley values: the axioms that define them, a game that is solved by hand, and sums to the last micro."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest

from analysis.explain.shapley import parts, subsets

CAUSES = ("cap", "floor", "pacing", "budget")


def test_subsets_come_from_none_to_all() -> None:
    found = list(subsets("abcd"))
    assert (found[0], found[-1], len(found), len(set(found))) == (frozenset(), frozenset("abcd"), 16, 16)


def test_the_glove_game() -> None:
    # Two left gloves and a right one; a pair is worth 60 (Shapley and Shubik 1969): 1/6, 1/6, 4/6.
    def worth(have: frozenset[str]) -> int:
        return 60 if "right" in have and len(have) > 1 else 0

    assert parts(("left", "other left", "right"), worth) == {"left": 10, "other left": 10, "right": 40}


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(20))
def test_parts_sum_to_the_micro_and_are_within_one_of_the_exact_average(number: int, seed: int) -> None:
    draw, causes = np.random.default_rng([number, seed]), CAUSES[:number]
    worths = {each: int(draw.integers(-(10**12), 10**12)) for each in subsets(causes)}
    found = parts(causes, worths.__getitem__)
    assert sum(found.values()) == worths[frozenset(causes)] - worths[frozenset()]
    for cause in causes:
        orders = [order[: order.index(cause)] for order in permutations(causes)]
        added = [worths[frozenset((*before, cause))] - worths[frozenset(before)] for before in orders]
        assert abs(found[cause] - Fraction(sum(added), len(orders))) < 1


def test_who_adds_nothing_has_nothing_and_equals_have_the_same() -> None:
    def worth(have: frozenset[str]) -> int:
        return 1_000_000 * len(have & {"cap", "floor"})

    assert parts(CAUSES, worth) == {"cap": 1_000_000, "floor": 1_000_000, "pacing": 0, "budget": 0}


def test_what_rounding_leaves_goes_to_the_earlier_of_equals() -> None:
    assert parts(("a", "b", "c"), lambda have: 100 if len(have) == 3 else 0) == {"a": 34, "b": 33, "c": 33}
