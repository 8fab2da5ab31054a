"""What the policies that steer the bid have in common: the target of a tick, and its error, in whole numbers.

They are published auction by auction. Here a tick is one step, and a tick of one auction is theirs to the
letter. A bidder's target rate ρ = B/T is that of its budget over all that it is forecast to meet, so the n
auctions of a tick have the target G = ρn, which is the tick's share of the forecast traffic; Z is what was
spent in them. A daily budget is a target likewise, and the lower one holds. New terms begin a new target.
"""

from __future__ import annotations

from math import exp, isqrt
from typing import Literal, NamedTuple

from sim.pacing import Plan, Situation
from sim.units import PPM

ONE = 10**12
"""The scale of multipliers, steps and errors that are kept in memory."""
MOST_PPM = 10**6 * PPM
"""The largest multiplier; the smallest is one part in a million, from which a bid can still come back."""

Unit = Literal["goal", "max_bid"]
"""What money is counted in: the tick's target, or, in the tick's mean auction, the maximum bid."""

Controlled = Literal["spend", "win_rate"]
"""What a controller of the bid measures: spend over the tick's target, or wins over bids."""


class Course(NamedTuple):
    """The target, as the first words of a memory; the target of the tick is micros × weight / whole."""

    terms: int
    spent: int
    """Micros spent before this target began."""
    traffic: int
    """Forecast from there on, of all the flight."""
    ticks: int
    micros: int
    weight: int
    whole: int
    met: int
    """Weight of this tick, and of those before it of which nothing is known yet."""
    known: int
    """Micros spent, as far as is known."""

    @property
    def goal_micros(self) -> int:
        """Return the target of the tick, rounded up."""
        return -(-self.micros * self.weight // self.whole)


WORDS = len(Course._fields)


def course(now: Situation) -> Course:
    """Return the target of the tick that begins.

    Where no auction came, or what came of it is not known yet, its tick is one with those that follow.
    """
    met = 0
    if now.memory and now.memory[0] == now.terms:
        terms, spent, traffic, ticks, *_, before, known = now.memory[:WORDS]
        if now.last_matched == 0 and now.spent_micros == known:
            met = before
    else:
        terms, spent, traffic, ticks = now.terms, now.spent_micros, now.flight.traffic, now.flight.ticks
    micros = max(now.budget_micros - spent, 0)
    weight, whole = (now.traffic, traffic) if traffic else (1, ticks)
    if now.today is not None:
        day = now.day
        daily = now.today.micros + day.spent_micros
        of_day = (now.traffic, day.traffic) if day.traffic else (1, day.ticks)
        if daily * of_day[0] * whole < micros * weight * of_day[1]:
            micros, (weight, whole) = daily, of_day
    whole = max(whole, 1)
    return Course(terms, spent, traffic, ticks, micros, weight, whole, met + weight, now.spent_micros)


class Lesson(NamedTuple):
    """What the last tick was to spend, micros / whole, and the weight behind it."""

    micros: int
    whole: int
    weight: int


def lesson(now: Situation) -> Lesson | None:
    """Return what the last tick was to spend, where it teaches something.

    That takes a target and a bid, and that all that was spent since is told: a tick before a night without
    ads is not.
    """
    if not now.memory or not now.last_bids:
        return None
    micros, _, whole, met, known = now.memory[4:WORDS]
    if not micros * met or now.spent_micros - known != now.last_spend_micros:
        return None
    return Lesson(micros * met, whole, met)


def error(now: Situation, aim: Lesson, unit: Unit = "goal") -> int:
    """Return how far the target of the last tick was above its spend, in *unit* × ONE.

    By the goal that is 1 - Z/G = (ρ - z)/ρ; by the maximum bid the mean of (ρ - z)/v̄ over its auctions.
    """
    above = aim.micros - now.last_spend_micros * aim.whole
    if unit == "goal":
        return above * ONE // aim.micros
    return above * ONE // (aim.whole * max(now.last_matched, 1) * now.max_bid_micros)


def off(now: Situation, aim: Lesson, controls: Controlled, x_ref: float) -> int:
    """Return the error x_ref - x of the last tick × ONE."""
    x = ONE * now.last_wins // now.last_bids if controls == "win_rate" else ONE - error(now, aim)
    return round(x_ref * ONE) - x


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


def won_micros(now: Situation) -> int:
    """Return what the last tick's impressions were worth: their bids over the multiplier, rounded down."""
    return now.last_worth_micros * PPM // max(now.multiplier_ppm, 1)


def steered(now: Situation, target: Course, multiplier_ppm: int, *state: int) -> Plan:
    """Return the plan to bid that multiple, with all that is left as the only bound, and remember *state*."""
    most = now.spendable_micros
    return Plan(
        goal_micros=min(target.goal_micros, most),
        allowance_micros=most,
        multiplier_ppm=multiplier_ppm,
        memory=(*target, *state),
    )
