"""What the policies that steer the bid share: the target of a tick, and its error, in integers.

They are published auction by auction. Here a tick is one step; with one auction per tick that is the
published rule exactly. A bidder's target rate ρ = B/T is its budget over all the traffic that is forecast, so
the n auctions of a tick have the target G = ρn, the tick's share of the forecast traffic; Z is what was spent
in them. A daily budget makes such a target, too, and the lower one holds. New terms begin a new target.
"""

from __future__ import annotations

from math import exp, isqrt
from typing import Literal, NamedTuple

from pydantic import Field

from sim.pacing import Plan, Situation
from sim.units import MICROS, PPM

ONE = 10**12
"""The scale of multipliers, steps and errors that are kept in memory."""
MOST_PPM = 10**6 * PPM
"""The largest multiplier; the smallest is one part in a million, from which a bid can still come back."""

Unit = Literal["goal", "max_bid"]
"""What money is counted in: the tick's target, or, in the tick's mean auction, the maximum bid."""

Controlled = Literal["spend", "win_rate", "cost_per_click", "cost_per_completed_view"]
"""What a controller of the bid measures: spend over the tick's target, wins over bids, or what a click or a
completed view has cost to date over the target of that."""
COSTS: dict[Controlled, Literal["clicks", "completions"]] = {
    "cost_per_click": "clicks",
    "cost_per_completed_view": "completions",
}
TARGET_COST = Field(
    default=None,
    gt=0,
    le=1_000_000,
    # So that books from before there was one keep their text.
    exclude_if=lambda cost: cost is None,
    description="What a click or a completed view is to cost, in currency; with `controls: cost_per_…` only",
)


class Course(NamedTuple):
    """The target, as a memory's first numbers; that of the tick is micros × weight / total."""

    terms: int
    spent: int
    """Micros spent before this target began."""
    traffic: int
    """Forecast from there to the end of the flight."""
    ticks: int
    micros: int
    weight: int
    total: int
    met: int
    """Weight of this tick, and of those before it of which nothing is known yet."""
    known: int
    """Micros spent, as far as is known."""
    over: int
    """Ticks of the period that *total* is the weight of."""
    waited: int
    """Ticks of which *met* is the weight."""

    @property
    def horizon(self) -> int:
        """Return T in ticks: of the flight, or of the day if that has more."""
        return max(self.ticks, self.over)

    @property
    def goal(self) -> int:
        """Return the target of the ticks that *met* is the weight of, times the total."""
        return self.micros * self.met

    @property
    def goal_micros(self) -> int:
        """Return the target of the tick, rounded up."""
        return -(-self.micros * self.weight // self.total)


WORDS = len(Course._fields)


def course(now: Situation) -> Course:
    """Return the target of the tick that begins.

    A tick without an auction, or whose outcome is not known yet, is joined with those that follow.
    """
    met = waited = 0
    if now.memory and now.memory[0] == now.terms:
        last = Course(*now.memory[:WORDS])
        terms, spent, traffic, ticks = last[:4]
        if now.last_matched == 0 and now.spent_micros == last.known:
            met, waited = last.met, last.waited
    else:
        terms, spent, traffic, ticks = now.terms, now.spent_micros, now.flight.traffic, now.flight.ticks
    micros = max(now.budget_micros - spent, 0)
    weight, total, over = *((now.traffic, traffic) if traffic else (1, ticks)), ticks
    if now.today is not None:
        day = now.day
        daily = now.today.micros + day.spent_micros
        of_day = (now.traffic, day.traffic) if day.traffic else (1, day.ticks)
        if daily * of_day[0] * total < micros * weight * of_day[1]:
            micros, (weight, total), over = daily, of_day, day.ticks
    total, over = max(total, 1), max(over, 1)
    known, met, waited = now.spent_micros, met + weight, waited + 1
    return Course(terms, spent, traffic, ticks, micros, weight, total, met, known, over, waited)


def lesson(now: Situation) -> Course | None:
    """Return what the last tick was to spend, with those before it of which nothing was known, if it teaches.

    That takes a target, a bid, and that all spend since is known, as it is not before a night without ads.
    """
    if not now.memory or not now.last_bids:
        return None
    last = Course(*now.memory[:WORDS])
    if not last.goal or now.spent_micros - last.known != now.last_spend_micros:
        return None
    return last


def error(now: Situation, aim: Course, unit: Unit = "goal") -> int:
    """Return how far the target of the last tick was above its spend, in *unit* × ONE.

    By the goal that is (G - Z)/Ḡ, with Ḡ the target of a mean tick; by the maximum bid the mean of (ρ - z)/v̄
    over its auctions, times the share of its traffic in that of a mean tick. So all errors add up to what the
    budget is off by, as they do auction by auction: a thin night weighs no more than its auctions.
    """
    above = aim.goal - now.last_spend_micros * aim.total
    if unit == "goal":
        return above * aim.over * ONE // (aim.total * aim.micros)
    most = max(now.last_matched, 1) * now.max_bid_micros
    return above * aim.met * aim.over * ONE // (aim.total * aim.total * most)


def reachable(controls: Controlled, x_ref: float, target_cost: float | None) -> None:
    """Raise ValueError where what is controlled cannot come to *x_ref*, or lacks its target."""
    if controls == "win_rate" and x_ref >= 1:
        raise ValueError(f"x_ref is {x_ref:g}; a win rate must be below 1")
    if controls in COSTS and target_cost is None:
        raise ValueError(f"target_cost is missing; with controls={controls} say what one is to cost")
    if controls not in COSTS and target_cost is not None:
        raise ValueError(f"target_cost is {target_cost:g}; it goes with controls={' or '.join(COSTS)}")


def off(
    now: Situation, aim: Course, controls: Controlled, x_ref: float, target_cost: float | None = None
) -> int:
    """Return the error x_ref - x of the last tick × ONE, or of all to date for the cost of an outcome.

    An error of spend is weighted by the tick's traffic relative to a mean tick. Published rounds are alike;
    unweighted, a thin night, whose target is about one bid, would undo what the evening has learned.
    """
    if controls == "win_rate":
        return round(x_ref * ONE) - ONE * now.last_wins // now.last_bids
    if target_cost is not None:
        # One more than there were, as published: a beginning without a click has a cost as well.
        goal = max(round(target_cost * MICROS), 1) * (1 + int(getattr(now, COSTS[controls])))
        return round(x_ref * ONE) - ONE * now.spent_micros // goal
    x = ONE * now.last_spend_micros * aim.total // aim.goal
    return (round(x_ref * ONE) - x) * aim.met * aim.over // (aim.total * aim.waited)


def step(size: float | None, ticks: int) -> int:
    """Return a step size × ONE; where it is None, T^(-1/2) in *ticks* of the flight."""
    return isqrt(ONE * ONE // max(ticks, 1)) if size is None else round(size * ONE)


def inverse(mu: int) -> int:
    """Return 1/(1 + μ) in parts per million, to the nearest, for *mu* × ONE."""
    return bounded((PPM * ONE + (ONE + mu) // 2) // (ONE + mu))


def exponential(phi: int) -> int:
    """Return exp(φ) in parts per million, to the nearest, for *phi* × ONE."""
    return bounded(round(PPM * exp(phi / ONE)))


def bounded(multiplier_ppm: int) -> int:
    """Return the multiplier between a part in a million and a million."""
    return min(max(multiplier_ppm, 1), MOST_PPM)


def steered(now: Situation, target: Course, multiplier_ppm: int, *state: int) -> Plan:
    """Return the plan to bid that multiple, with all that is left as the only bound, and remember *state*."""
    most = now.spendable_micros
    return Plan(
        goal_micros=min(target.goal_micros, most),
        allowance_micros=most,
        multiplier_ppm=multiplier_ppm,
        memory=(*target, *state),
    )
