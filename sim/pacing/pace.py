"""PACE: under first price, bid so that the mean of what is won is worth the target."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sim.pacing import PacingPolicy, Plan, Situation
from sim.pacing.steering import WORDS, bounded, course, lesson, steered
from sim.units import PPM


class Pace(PacingPolicy):
    """Pacing according to current estimated utility (Gao, Peysakhovich, Kroer, NeurIPS 2021).

    Online Market Equilibrium with Application to Fair Division; for arrivals that are not stationary Liao,
    Gao, Kroer, NeurIPS 2022. Every buyer bids β_i v_i, the highest bid wins and pays, and

        β_i = P_[ℓ, 1](ρ_i / ū_i)

    where ū_i is the mean, over all auctions so far, of the values that i has won. There is no step size, and
    1 begins. The bound of one is that of quasi-linear buyers, who keep what they do not spend: their
    multipliers converge to the first-price pacing equilibrium (Conitzer et al., Management Science 2022),
    which is unique, solves an Eisenberg-Gale program, and has β_i = 1 or the budget spent. ℓ is 0 < ℓ ≤ ρ/v̄
    in theory; its default is an [assumption].

    A tick adds its won value, and its forecast traffic as the number of its auctions: with one auction a tick
    that is the published rule. Won value is the bids of the impressions over the multiplier that they were
    bid with, to a micro each: what was cut at max CPM is cut here. Where terms change, the mean starts over
    from what it is: the mean of many days would keep the multiplier of a cut budget below every price for as
    long.
    """

    kind: Literal["pace"] = "pace"
    shape: ClassVar[Literal["time", "traffic"]] = "traffic"
    lower: float = Field(default=0.001, ge=0.000_001, le=1, description="ℓ: the lowest multiplier")

    def plan(self, now: Situation) -> Plan:
        """Return a plan to bid β v."""
        target = course(now)
        met, won = now.memory[WORDS:] if now.memory else (0, 0)
        if aim := lesson(now):
            met, won = met + aim.met, won + now.last_worth_micros
        if now.memory and now.memory[0] != now.terms and met:
            # The mean under the old terms is kept, with the weight of the first tick under the new ones.
            met, won = now.traffic, won * now.traffic // met
        beta = PPM
        if won:
            # ρ/ū, where ρ is the budget over its traffic and ū what was won over the traffic met.
            beta = (target.micros * met * PPM + target.total * won // 2) // (target.total * won)
        return steered(now, target, bounded(min(max(beta, round(self.lower * PPM)), PPM)), met, won)
