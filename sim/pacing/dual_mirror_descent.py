"""Dual mirror descent: a shadow price of money by gradient steps, added or multiplied."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.pacing import PacingPolicy, Plan, Situation
from sim.pacing.steering import ONE, WORDS, Unit, bounded, course, error, inverse, lesson, steered, step
from sim.units import PPM

LEAST_MU = 1e-6
"""Below it the multiplier is one; from zero an entropy step could not rise again."""


class DualMirrorDescent(PacingPolicy):
    """Dual mirror descent for online allocation (Balseiro, Lu, Mirrokni, ICML 2020).

    And The Best of Many Worlds, Operations Research 71(1), 2023. With the dual's subgradient g_t = ρ - z_t,

        μ_{t+1} = argmin_{μ ≥ 0} η g_t μ + V_h(μ, μ_t)

    which is max(μ_t - η g_t, 0) with h = μ²/2 (`step: euclidean`: the rule of `adaptive`), and
    μ_t exp(-η g_t) with the negative entropy h = μ ln μ (`step: entropy`: multiplicative weights). The action
    maximises value less (1 + μ) payment; under second price that is to bid v/(1 + μ). η of the order of
    T^(-1/2) has a regret of the order of √T; it is the default, in ticks.

    A tick is one step, and money is counted as for `adaptive`. An entropy step begins above zero, and keeps
    ln μ (in parts of 10⁻¹²), from μ = 10⁻⁶ on, which is the resolution of the multiplier; `mu_max` bounds
    what a step of either kind can come to. Both are not in the paper, and μ_1 is free there [assumption].
    """

    kind: Literal["dual_mirror_descent"] = "dual_mirror_descent"
    shape: ClassVar[Literal["time", "traffic"]] = "traffic"
    step: Literal["euclidean", "entropy"] = Field(default="euclidean", description="h: how a step is made")
    eta: float | None = Field(default=None, gt=0, le=1000, description="η; none is T^(-1/2), in ticks")
    mu_1: float = Field(default=1.0, ge=0, le=999_999, description="μ of the first tick")
    mu_max: float = Field(default=99.0, gt=0, le=999_999, description="The largest μ")
    unit: Unit = Field(default="goal", description="What money in a step is counted in")

    @model_validator(mode="after")
    def _begins_inside(self) -> Self:
        least = LEAST_MU if self.step == "entropy" else 0
        if not least <= self.mu_1 <= self.mu_max:
            raise ValueError(
                f"mu_1 is {self.mu_1:g}; with a step of {self.step} it must be from {least:g} to mu_max,"
                f" {self.mu_max:g}"
            )
        return self

    def plan(self, now: Situation) -> Plan:
        """Return a plan to bid v/(1 + μ)."""
        target = course(now)
        entropy = self.step == "entropy"
        state = now.memory[WORDS] if now.memory else _state(self.mu_1, entropy)
        if aim := lesson(now):
            state -= step(self.eta, target.horizon) * error(now, aim, self.unit) // ONE
            state = min(max(state, _state(LEAST_MU if entropy else 0, entropy)), _state(self.mu_max, entropy))
        if entropy:
            return steered(now, target, bounded(round(PPM / (1 + math.exp(state / ONE)))), state)
        return steered(now, target, inverse(state), state)


def _state(mu: float, entropy: bool) -> int:
    return round((math.log(mu) if entropy else mu) * ONE)
