"""As soon as possible: bid for everything until the budget is spent."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.pacing import PacingPolicy, Plan, Situation
from sim.pacing.columns import Column, Situations


class Asap(PacingPolicy):
    """No pacing at all.

    Google Ad Manager AS_FAST_AS_POSSIBLE, DV360 PACING_TYPE_ASAP, The Trade Desk PaceAsSoonAsPossible.
    """

    kind: Literal["asap"] = "asap"
    released: ClassVar[bool] = False

    def plan(self, now: Situation) -> Plan:
        """Return a plan to spend all that is left."""
        return Plan(goal_micros=now.spendable_micros, allowance_micros=now.spendable_micros)

    def goals(self, now: Situations) -> Column:
        """Return all that is left to each."""
        return now.spendable_micros
