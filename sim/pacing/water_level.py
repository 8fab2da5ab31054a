"""Water-level: a feedback controller that moves the bid by its last error alone."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.pacing import PacingPolicy, Plan, Situation
from sim.pacing.steering import (
    COSTS,
    ONE,
    TARGET_COST,
    WORDS,
    Controlled,
    course,
    exponential,
    lesson,
    off,
    reachable,
    steered,
)


class WaterLevel(PacingPolicy):
    """Feedback control by water level (Zhang, Rong, Wang, Zhu, Wang; WSDM 2016, arXiv 1603.01055).

    Feedback Control of Real-Time Display Advertising: as a float in a cistern,

        φ ← φ + γ (x_ref - x)    bid = b exp(φ), φ within [phi_min, phi_max]

    `pid` says what x is, and how rounds and resolution are used. Published with γ from 60 to 120 in
    the units of its eCPC, and φ in [-3.5, 2]; the authors' demo sets φ anew from the last round's clicks
    instead, where the paper adds to it as here; γ for spend, the default, is an [assumption]: with 0.25 half
    of an error goes in a round. Because φ itself is bounded, an error that lasts does not pile up.
    """

    kind: Literal["water_level"] = "water_level"
    shape: ClassVar[Literal["time", "traffic"]] = "traffic"
    controls: Controlled = Field(default="spend", description="What x is")
    x_ref: float = Field(default=1.0, gt=0, le=100, description="Where x is to be held")
    target_cost: float | None = TARGET_COST
    gamma: float = Field(default=0.25, gt=0, le=1000, description="γ: how much of the error φ takes")
    phi_min: float = Field(default=-3.5, ge=-13, le=0, description="The least φ")
    phi_max: float = Field(default=2.0, ge=0, le=100, description="The greatest φ")

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        reachable(self.controls, self.x_ref, self.target_cost)
        return self

    @property
    def counts_outcomes(self) -> bool:
        """Return whether it holds the cost of one."""
        return self.controls in COSTS

    def plan(self, now: Situation) -> Plan:
        """Return a plan to bid exp(φ) times as much."""
        target = course(now)
        phi = now.memory[WORDS] if now.memory else 0
        if aim := lesson(now):
            phi += round(self.gamma * off(now, aim, self.controls, self.x_ref, self.target_cost))
            phi = min(max(phi, round(self.phi_min * ONE)), round(self.phi_max * ONE))
        return steered(now, target, exponential(phi), phi)
