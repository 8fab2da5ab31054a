"""What a plan is: an allowance that is not spent may be carried over, and never twice."""

from __future__ import annotations

import numpy as np

from analysis.verify.lawbook.choices import Choices
from analysis.verify.lawbook.metamorphic import Scenario, law
from analysis.verify.lawbook.play import play
from analysis.verify.lawbook.scope import Scope


@law(Scope(pacing=("even", "traffic_shaped"), late=False))
def nobody_spends_more_than_was_planned(market: Scenario, choices: Choices) -> str:
    """Let time pass: to date no more is spent than the hourly goals have come to, plan after plan.

    True of policies that allow what they aim at, and no more. What is left of one plan is carried over to the
    next, so that an hour may spend more than its own; carried twice, it would be spent twice.
    """
    del choices
    played = play(market)
    goals, spent = played.pacing("goal_micros"), played.counts["spend_micros"]
    over = np.argwhere(spent.cumsum(axis=1) > goals.cumsum(axis=1))
    for place, hour in over[:1].tolist():
        return f"{played.paths[place]} has spent more by hour {hour} than was planned"
    return ""
