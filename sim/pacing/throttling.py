"""Throttling: take part in as many auctions as keeps the day's spend on the curve of its traffic."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from sim.pacing import PacingPolicy, Plan, Situation
from sim.units import PPM

_WHOLE = 1000 * PPM
_LEAST = 1000
"""One in a million: from zero a rate could not rise [assumption]."""


class Throttling(PacingPolicy):
    """Probabilistic throttling, as at LinkedIn (Agarwal, Ghosh, Wei, You, KDD 2014).

    Budget Pacing for Targeted Online Advertisements at LinkedIn: a campaign takes part in an auction with its
    pass-through rate. The day's budget d is allocated by the forecast: a_t = d f_t / f_T, where f_t is the
    cumulative traffic at the beginning of window t. In every window

        PTR = PTR (1 - adjustment_rate) if s_t > a_t, else min(PTR (1 + adjustment_rate), 1)

    where s_t is what was spent today. A day begins with `initial_ptr` (slow start: 24.2 windows from a tenth
    to one), and its forecast ends at `forecast_hours` (fast finish: what is left then goes to the last
    hours). Bids are not touched. Published for windows of a minute.

    A line item with a lifetime budget and no daily one has in a day what its traffic is of the traffic left
    in the flight [assumption]. Where terms change within a day, the allocation starts over with what is left
    of both: otherwise a cut budget would be far above its allocation, and black out the rest of the day. A
    flight that has its day after `forecast_hours` ends with the day. Rates are kept in parts of 10⁻⁹, rounded
    to the nearest.
    """

    kind: Literal["throttling"] = "throttling"
    shape: ClassVar[Literal["time", "traffic"]] = "traffic"
    published_minutes: ClassVar[int] = 1
    adjustment_rate: float = Field(default=0.10, gt=0, lt=1, description="r: by how much the rate moves")
    initial_ptr: float = Field(default=0.10, gt=0, le=1, description="Pass-through rate as a day begins")
    forecast_hours: int = Field(default=22, ge=1, le=24, description="Hour by which the day is allocated")

    def plan(self, now: Situation) -> Plan:
        """Return a plan to take part in the share of the auctions that the feedback has come to."""
        day = now.day
        moment, done = (day.number, now.terms), day.traffic - day.traffic_left
        known = now.memory[:2] == moment
        begin = now.memory[2:] if known else (self._rate(now), day.spent_micros, done)
        rate, spent_before, done_before = begin
        spent = day.spent_micros - spent_before
        room = max(min(_of_day(now, spent_before, done_before) - spent, now.spendable_micros), 0)
        end = self._end(now, done_before)
        allocation = _allocated(spent + room, done - done_before, end)
        if known:
            step = round(self.adjustment_rate * PPM)
            factor = PPM - step if spent > allocation else PPM + step
            rate = max(min((rate * factor + PPM // 2) // PPM, _WHOLE), _LEAST)
        goal = _allocated(spent + room, done - done_before + now.traffic, end) - spent
        return Plan(
            goal_micros=min(max(goal, 0), room),
            allowance_micros=room,
            participation_ppm=rate * PPM // _WHOLE,
            memory=(*moment, rate, spent_before, done_before),
        )

    def _rate(self, now: Situation) -> int:
        # A new day starts slowly; under new terms the rate of the day goes on.
        if now.memory and now.memory[0] == now.day.number:
            return now.memory[2]
        return max(round(self.initial_ptr * _WHOLE), _LEAST)

    def _end(self, now: Situation, done_before: int) -> int:
        # Traffic, from where the allocation begins, by the end of which all is allocated.
        fast = now.day.traffic - sum(now.day.hours[self.forecast_hours :]) - done_before
        return fast if fast > 0 else now.day.traffic - done_before


def _of_day(now: Situation, spent_before: int, done_before: int) -> int:
    # What the day may have of the flight, from where the allocation begins.
    dawn = now.dawn
    left = dawn.micros - spent_before
    today, ahead = now.day.traffic - done_before, dawn.traffic - done_before
    if ahead <= 0:
        today, ahead = now.day.ticks_left, max(now.flight.ticks, 1)
    return -(-left * min(today, ahead) // ahead)


def _allocated(micros: int, traffic: int, end: int) -> int:
    return micros * min(traffic, end) // end if end > 0 else micros
