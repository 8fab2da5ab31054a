"""Front-loaded: much of the budget early, up to 40 % above even, then gradually less, to the end."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from sim.pacing import PacingPolicy, Plan, Situation
from sim.units import PPM


class FrontLoaded(PacingPolicy):
    """Front-loaded, as Google Ad Manager defines it (FRONTLOADED; support.google.com/admanager/answer/82244).

    It says: begins as much as 40 % above the goal without front-loading and declines to 5 % ahead of
    schedule; the first half as much as 25 % above. Which curve that is, it does not say. [assumption] Ours
    has a lead, of what is delivered over what an even line item would have delivered, that falls as a
    parabola in the share t of the flight that has passed, through all that is said:

        delivered(t) = t (1 + start + b t + c t²)   with b = 4 half - 3 start, c = 2 start - 4 half

    so that the rate begins at 1 + start, the lead of the first half is 1 + half, and t = 1 is the whole
    budget. With 40 and 25 % that is t (1.4 - 0.2 t - 0.2 t²): the lead has come down to 5 % at t = 0.914. And
    as for `even`, no goal is below 1 + `ahead` times the even share of what is left, which ends the decline
    at 5 %.

    A day's goal is the curve's part of what was left when the day began, and an hour's the curve's part of
    the day, so that what an hour misses is made good in the day. A daily budget is front-loaded within its
    day. Flights count by open ticks from the first plan, goals are rounded up to a micro. On schedule is on
    the curve.

    Elsewhere: DV360 PACING_TYPE_AHEAD; The Trade Desk PaceAhead (1.2 times the daily budget).
    """

    kind: Literal["front_loaded"] = "front_loaded"
    start: float = Field(default=0.40, ge=0, le=1, description="How far above even the flight begins")
    half: float = Field(default=0.25, ge=0, le=0.5, description="How far above even its first half is")
    ahead: float = Field(default=0.05, ge=0, le=1, description="How far above the even goal it ends")

    @model_validator(mode="after")
    def _declines(self) -> Self:
        # The rate 1 + start + 2bt + 3ct² must fall all along, and not below zero.
        least, most = 0.375 * self.start, min(0.75 * self.start, (1 + self.start) / 4)
        if not least - 1e-9 <= self.half <= most + 1e-9:
            raise ValueError(
                f"half is {self.half}; with start {self.start} it must be from {least:.6g} to {most:.6g},"
                " or delivery would not decline all along"
            )
        return self

    def plan(self, now: Situation) -> Plan:
        """Return a plan to spend this tick's part of the curve."""
        total = max(now.memory[0] if now.memory else 0, now.dawn.ticks)
        goal = self._of_flight(now, total)
        if now.today is not None:
            day = now.day
            goal = min(goal, self._part(now.today.micros, day.ticks - day.ticks_left, 1, day.ticks))
        return Plan(goal_micros=goal, allowance_micros=goal, memory=(total,))

    def expected(self, micros: int, done: int, total: int) -> int:
        """Return what of a budget the curve has spent after *done* of *total* units."""
        return micros * self._curve(done, total) // self._curve(total, total) if total else 0

    def _of_flight(self, now: Situation, total: int) -> int:
        flight, day = now.flight, now.day
        at = total - flight.ticks
        if flight.ticks <= day.ticks_left:
            return self._part(flight.micros, at, 1, total)
        dawn = now.dawn
        lacking = self._part(dawn.micros, total - dawn.ticks, day.ticks, total) - day.spent_micros
        begin, end, night = (self._curve(tick, total) for tick in (at, at + 1, at + day.ticks_left))
        of_day = -(-lacking * (end - begin) // max(night - begin, 1))
        # The curve never asks for less than an even share of what is left, but a budget cut at noon might.
        return min(max(of_day, -(-flight.micros // flight.ticks)), flight.micros)

    def _part(self, micros: int, at: int, ticks: int, total: int) -> int:
        if at + ticks >= total:
            return micros
        begin, end, rest = (self._curve(tick, total) for tick in (at, at + ticks, total))
        on_curve = -(-micros * (end - begin) // max(rest - begin, 1))
        even = -(-micros * ticks * (PPM + round(self.ahead * PPM)) // ((total - at) * PPM))
        return min(max(on_curve, even), micros)

    def _curve(self, tick: int, total: int) -> int:
        # Delivered by *tick* of *total*, in 1 / (total³ PPM): integers, so that no float decides.
        start, half = round(self.start * PPM), round(self.half * PPM)
        b, c = 4 * half - 3 * start, 2 * start - 4 * half
        return tick * ((PPM + start) * total * total + b * tick * total + c * tick * tick)
