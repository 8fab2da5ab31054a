"""Fixed participation: take part in a fixed share of the slots, without watching the budget."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sim.pacing import PacingPolicy, Plan, Situation
from sim.units import PPM


class FixedParticipation(PacingPolicy):
    """A chance of *participation* for each slot, as in throttling that is known beforehand.

    The pass-through rate of Agarwal, Ghosh, Wei, You (KDD 2014) without their feedback; which throttling
    rates are an equilibrium is in Chen, Kroer, Kumar (Throttling Equilibria in Auction Markets, WINE 2021).
    """

    kind: Literal["fixed_participation"] = "fixed_participation"
    released: ClassVar[bool] = False
    participation: float = Field(
        default=1.0, ge=0, le=1, description="The share of slots that it takes part in"
    )

    def plan(self, now: Situation) -> Plan:
        """Return a plan to spend all that is left in that share of the slots."""
        return Plan(
            goal_micros=now.spendable_micros,
            allowance_micros=now.spendable_micros,
            participation_ppm=round(self.participation * PPM),
        )
