"""Fixed multiplier: bid for everything with one multiple of the bid, without watching the budget."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sim.pacing import PacingPolicy, Plan, Situation
from sim.units import PPM


class FixedMultiplier(PacingPolicy):
    """The bid times *multiplier*, as in a pacing equilibrium that is known (Conitzer et al. 2022)."""

    kind: Literal["fixed_multiplier"] = "fixed_multiplier"
    released: ClassVar[bool] = False
    multiplier: float = Field(default=1.0, ge=0, le=1, description="What every bid is multiplied with")

    def plan(self, now: Situation) -> Plan:
        """Return a plan to spend all that is left at that multiple of the bid."""
        return Plan(
            goal_micros=now.spendable_micros,
            allowance_micros=now.spendable_micros,
            multiplier_ppm=round(self.multiplier * PPM),
        )
