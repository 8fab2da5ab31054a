"""Plans: an allowance that is not spent may be carried over, and never twice."""

from __future__ import annotations

import numpy as np

from analysis.verify.lawbook.choices import Choices, Scope
from analysis.verify.lawbook.edit import Draft
from analysis.verify.lawbook.markets import play
from analysis.verify.lawbook.metamorphic import law


@law(Scope(pacing=("even", "traffic_shaped"), late=False))
def nobody_spends_more_than_was_planned(market: Draft, _: Choices) -> str:
    """Let time pass: spend to date is never above the sum of the hourly goals.

    True of policies that allow what they aim at, and no more. What is left of one plan is carried over to the
    next, so that an hour may spend more than its own; carried twice, it would be spent twice.
    """
    played = play(market)
    goals, spent = played.pacing("goal_micros"), played.counts["spend_micros"]
    for place, hour in np.argwhere(spent.cumsum(axis=1) > goals.cumsum(axis=1))[:1].tolist():
        return f"{played.paths[place]} has spent more by hour {hour} than was planned"
    return ""
