"""Study `caps`: what a cap lets through, and how many people share a budget."""

from __future__ import annotations

import numpy as np

from tests.studies.played import played

CAPS = [f"{cap} a day" for cap in range(1, 9)]


def test_each_step_of_a_cap_lets_less_through_than_the_one_before() -> None:
    # Where a cap alone binds, impressions are Σ min(n, cap) over viewers and days, n being what each would get:
    # rising in the cap, concave, and of the same viewers. Exactly: one's own bid does not depend on the cap.
    alone = {
        "line_item[Launch].pacing": "asap",
        "line_item[Launch].bidding": "truthful",
        "line_item[Launch].lifetime_budget": 5000,
        "market.population.viewers": 1000,
    }
    arms = played("caps", 2, terms=alone)
    impressions = np.array([arms[cap]["impressions"] for cap in CAPS])
    steps = np.diff(impressions, axis=0)
    assert (steps > 0).all()
    assert (np.diff(steps, axis=0) <= 0).all()
    reach = np.array([arms[cap]["reach"] for cap in CAPS])
    assert (reach == reach[0]).all()


def test_a_tighter_cap_spends_the_same_budget_on_more_people() -> None:
    # Where the budget is spent either way, fewer impressions for each are more who get one.
    arms = played("caps", 2, arms=("5 a day", "8 a day"))
    assert (arms["5 a day"]["delivery"] > 0.98).all()
    assert (arms["5 a day"]["reach"] > arms["8 a day"]["reach"]).all()
    assert (arms["5 a day"]["frequency"] < arms["8 a day"]["frequency"]).all()
