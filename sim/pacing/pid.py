"""PID: a feedback controller of the bid, proportional, integral and derivative."""

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


class Pid(PacingPolicy):
    """Feedback control with a PID controller (Zhang, Rong, Wang, Zhu, Wang; WSDM 2016, arXiv 1603.01055).

    Feedback Control of Real-Time Display Advertising: in every round, with e = x_ref - x,

        φ = K_P e + K_I Σ e + K_D Δe        bid = b exp(φ), φ within [phi_min, phi_max]

    The paper controls eCPC and the share of auctions won. `controls: spend` holds x = Z/G, what was spent of
    the round's target (sim/pacing/steering.py), at x_ref = 1, free of any scale: a tenth too little is
    e = 0.1 whatever the budget; an error counts by the round's share of traffic, for published rounds are
    alike, so that Σ e is what the flight lacks, in mean targets. `controls: win_rate` holds wins over bids at
    x_ref, as published. `controls: cost_per_click` holds eCPC at `target_cost`, x being eCPC over it: as in
    the authors' demo (github.com/wnzhang/rtbcontrol), eCPC is all that was spent over all clicks and one. A
    round without a click makes it dearer and counts like any other. `controls: cost_per_completed_view` does
    so with views to the end. A cost to date comes down only by what is bought: where φ falls to bids below
    every floor, it stays, and phi_min must be higher.

    Published: 40 rounds; for an eCPC of 40,000 K_P = 5e-4, K_I = 1e-6, K_D = 1e-4 and φ in [-2, 5], which in
    shares of the target are 20, 0.04 and 4; for the share of auctions won K_P = 20, K_I = 8, K_D = 3 and φ in
    [-2, 100]. The defaults are for spend, and ours [assumption]: where values are uniform, spend moves twice
    as fast as the bid, so that K_I = 0.25 removes about half of an error in a round. Just above a floor it
    moves far faster, and the bid swings around it unless the constants are smaller. A round without a bid
    changes nothing. Errors are kept in parts of 10⁻¹². The multiplier is at most a million, in replay, and
    one in a market, where max CPM holds.
    """

    kind: Literal["pid"] = "pid"
    shape: ClassVar[Literal["time", "traffic"]] = "traffic"
    controls: Controlled = Field(default="spend", description="What x is")
    x_ref: float = Field(default=1.0, gt=0, le=100, description="Where x is to be held")
    target_cost: float | None = TARGET_COST
    k_p: float = Field(default=0.1, ge=0, le=1000, description="K_P")
    k_i: float = Field(default=0.25, ge=0, le=1000, description="K_I")
    k_d: float = Field(default=0.0, ge=0, le=1000, description="K_D")
    phi_min: float = Field(default=-2.0, ge=-13, le=0, description="The least φ")
    phi_max: float = Field(default=5.0, ge=0, le=100, description="The greatest φ")

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
        phi, total, error, rounds = now.memory[WORDS:] if now.memory else (0, 0, 0, 0)
        if aim := lesson(now):
            previous, error = error, off(now, aim, self.controls, self.x_ref, self.target_cost)
            change = error - previous if rounds else 0
            total, rounds = total + error, rounds + 1
            wanted = self.k_p * error + self.k_i * total + self.k_d * change
            phi = round(min(max(wanted, self.phi_min * ONE), self.phi_max * ONE))
        return steered(now, target, exponential(phi), phi, total, error, rounds)
