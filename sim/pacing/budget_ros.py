"""Budget and return on spend: two multipliers learned apart, and the lower bid of the two."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from pydantic import Field

from sim.pacing import PacingPolicy, Plan, Situation
from sim.pacing.steering import (
    ONE,
    WORDS,
    Course,
    Unit,
    bounded,
    course,
    error,
    lesson,
    steered,
    step,
)
from sim.units import PPM

_BOUND = round(math.log(1000) * ONE)


class BudgetRos(PacingPolicy):
    """Budget and return-on-spend pacing (Balseiro, Bhawalkar, Feng, Lu, Mirrokni, Sivan, Wang; ICML 2023).

    A Field Guide for Pacing Budget and ROS Constraints (arXiv 2302.08530): the most value, where spend is
    within the budget, and value won at least `target_ros` times spend. Values are divided by that target, so
    that it is one, as in the paper. With μ the price of the budget and λ that of the return,

        budget alone   v / μ                       min        the lower of both: nearly optimal
        return alone   v (1 + λ) / λ               product    the second, lowered by the first: sequential,
        dual optimum   v (1 + λ) / (μ + λ)                    which can badly violate the constraints

    in the second column what `combine` says; `dual` is the optimum of the coupled problem. Both learn by
    multiplicative steps (Feng, Padmanabhan, Wang, 2022, for λ), each from what came of the bid in truth:

        μ ← μ exp(-η (ρ - z))      λ ← λ exp(-α (v x - z))

    A value is what the slot is worth as its valuation has it, in money (at worth 1 the max CPM), so that a
    `target_ros` of 2 asks for twice the spend. Sequential bids are lowered, never raised: 1/μ counts up to 1
    [assumption, after the paper's abstract].

    A tick is one step, and money is counted as for `adaptive`; for λ in the maximum bid where the target is
    above that, as it is without a budget that binds. The value of a tick is read as for `pace`. ln μ and ln λ
    are kept in parts of 10⁻¹², and both stay between a thousandth and a thousand [assumption]. Bids above
    worth are bid in replay; in a market max CPM holds, so that no multiplier is above one.
    """

    kind: Literal["budget_ros"] = "budget_ros"
    shape: ClassVar[Literal["time", "traffic"]] = "traffic"
    target_ros: float = Field(default=1.0, ge=0.001, le=1000, description="Value to be won for each 1 spent")
    combine: Literal["min", "product", "dual"] = Field(default="min", description="How the two make one bid")
    eta: float | None = Field(default=None, gt=0, le=1000, description="η of μ; none is T^(-1/2), in ticks")
    alpha: float | None = Field(default=None, gt=0, le=1000, description="α of λ; none is T^(-1/2), in ticks")
    mu_1: float = Field(default=1.0, ge=0.001, le=1000, description="μ of the first tick")
    lambda_1: float = Field(default=1.0, ge=0.001, le=1000, description="λ of the first tick")
    unit: Unit = Field(default="goal", description="What money in a step is counted in")

    def plan(self, now: Situation) -> Plan:
        """Return a plan to bid as both constraints allow."""
        target = course(now)
        log_mu, log_lambda = now.memory[WORDS:] if now.memory else (_log(self.mu_1), _log(self.lambda_1))
        if aim := lesson(now):
            log_mu = _within(log_mu - step(self.eta, target.horizon) * error(now, aim, self.unit) // ONE)
            of_return = self._of_return(now, aim)
            log_lambda = _within(log_lambda - step(self.alpha, target.horizon) * of_return // ONE)
        multiplier = self._bid(math.exp(log_mu / ONE), math.exp(log_lambda / ONE)) / self.target_ros
        return steered(now, target, bounded(round(PPM * multiplier)), log_mu, log_lambda)

    def _of_return(self, now: Situation, aim: Course) -> int:
        target = round(self.target_ros * PPM)
        above = now.last_worth_micros * PPM - now.last_spend_micros * target
        most = max(now.last_matched, 1) * now.max_bid_micros
        if self.unit == "max_bid" or most * aim.total < aim.goal:
            return above * aim.met * aim.over * ONE // (target * most * aim.total)
        return above * aim.over * ONE // (target * aim.micros)

    def _bid(self, mu: float, lamda: float) -> float:
        of_return = (1 + lamda) / lamda
        if self.combine == "min":
            return min(1 / mu, of_return)
        if self.combine == "product":
            return of_return * min(1 / mu, 1)
        return (1 + lamda) / (mu + lamda)


def _log(price: float) -> int:
    return round(math.log(price) * ONE)


def _within(log: int) -> int:
    return min(max(log, -_BOUND), _BOUND)
