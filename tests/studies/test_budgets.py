"""Study `budgets`: money buys less and less."""

from __future__ import annotations

import numpy as np

from tests.studies.played import played


def test_a_larger_budget_buys_dearer_and_less_for_each_dollar() -> None:
    # Of all slots a budget buys those with most worth for their price first, so that what is won is concave in
    # it: the multiplier of the bid is the price of the budget (Balseiro, Besbes and Weintraub 2015).
    arms = list(played("budgets", 2).values())
    spend, value, ecpm, ratio = (
        np.array([arm[name] for arm in arms]) for name in ("spend", "value", "ecpm", "value_for_money")
    )
    assert (np.diff(spend, axis=0) > 0).all()
    assert (np.diff(ecpm, axis=0) > 0).all()
    assert (np.diff(ratio, axis=0) < 0).all()
    marginal = np.diff(value, axis=0) / np.diff(spend, axis=0)
    assert (np.diff(marginal, axis=0) < 0).all()
