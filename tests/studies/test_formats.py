"""Study `formats`: who pays by which rule does not matter, until somebody ignores the rule."""

from __future__ import annotations

import numpy as np
import pytest

from tests.studies.played import played


def test_rivals_in_equilibrium_pay_the_same_under_both_formats() -> None:
    # Revenue equivalence (Vickrey 1961; Riley and Samuelson 1981; Krishna 2009, 3.1).
    # A cent buys no impression, so that they are alone.
    alone = {"line_item[Launch].lifetime_budget": 0.01}
    arms = ("first_price, truthful", "second_price, truthful")
    first, second = played("formats", 2, arms=arms, terms=alone).values()
    assert (first["fill"] == second["fill"]).all()
    # The same luck, so that what differs is the second value about its mean given the first, deviation below $5:
    # five standard errors of that.
    slots = float(first.slots.sum())
    earned = 1000 * (first["revenue"] - second["revenue"]).sum() / slots
    assert earned == pytest.approx(0, abs=5 * 5 / np.sqrt(slots))


def test_the_truth_is_dear_where_one_pays_it() -> None:
    # Under second price the truth is the best bid; under first price it leaves nothing, and shading does
    # (Vickrey 1961).
    arms = played(
        "formats", 2, arms=("first_price, truthful", "first_price, shaded", "second_price, truthful")
    )
    dear, shaded, second = arms.values()
    for better in (shaded, second):
        assert (better["value_for_money"] > dear["value_for_money"]).all()
        assert (better["ecpm"] < dear["ecpm"]).all()
    assert (dear["revenue"] > second["revenue"]).all()
