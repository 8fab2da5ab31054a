"""Adaptive pacing: a shadow price of money that rises while too much is spent, and shades every bid."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from sim.pacing import PacingPolicy, Plan, Situation
from sim.pacing.steering import ONE, WORDS, Unit, course, error, inverse, lesson, steered, step


class Adaptive(PacingPolicy):
    """Adaptive pacing (Balseiro and Gur, Management Science 65(9), 2019, Algorithm 1).

    Learning in Repeated Auctions with Budgets: with the target rate ρ = B/T, what was paid z_t, and what is
    left of the budget B̃_t, the bid is min(v/(1 + μ_t), B̃_t), and

        μ_{t+1} = P_[0, μ̄](μ_t - ε (ρ - z_t))

    where ε falls like T^(-1/2); that is the default, in ticks. The regret is of the order of √T where rivals
    are stationary. μ̄ is to be above v̄/ρ - 1, so that at μ̄ no more than ρ can be spent; its default is an
    [assumption]. `mu_1` is where μ begins.

    A tick is one step (sim/pacing/steering.py). Money is counted in the target of a mean tick Ḡ, so that the
    step is ε (G - Z)/Ḡ, or with `unit: max_bid` in the largest value, as in the paper, where v̄ = 1: then the
    step is the mean of its auctions, by the tick's traffic, and with one auction a tick the published rule.
    One unit of the target is ρ/v̄ of the other. Steps add up to what the budget is off by: while μ rises by Δ,
    the targets of Δ/ε mean ticks are spent ahead, and the money ends as much earlier. μ is kept in parts of
    10⁻¹², the multiplier in parts of 10⁻⁶; max CPM bounds the bid.
    """

    kind: Literal["adaptive"] = "adaptive"
    shape: ClassVar[Literal["time", "traffic"]] = "traffic"
    epsilon: float | None = Field(default=None, gt=0, le=1000, description="ε; none is T^(-1/2), in ticks")
    mu_1: float = Field(default=0.0, ge=0, le=999_999, description="μ of the first tick")
    mu_max: float = Field(default=99.0, gt=0, le=999_999, description="μ̄: the largest μ")
    unit: Unit = Field(default="goal", description="What money in a step is counted in")

    @model_validator(mode="after")
    def _begins_inside(self) -> Self:
        if self.mu_1 > self.mu_max:
            raise ValueError(f"mu_1 is {self.mu_1:g}; it must not be above mu_max, {self.mu_max:g}")
        return self

    def plan(self, now: Situation) -> Plan:
        """Return a plan to bid v/(1 + μ)."""
        target = course(now)
        mu = now.memory[WORDS] if now.memory else round(self.mu_1 * ONE)
        if aim := lesson(now):
            mu -= step(self.epsilon, target.horizon) * error(now, aim, self.unit) // ONE
            mu = min(max(mu, 0), round(self.mu_max * ONE))
        return steered(now, target, inverse(mu), mu)
