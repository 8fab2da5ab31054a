"""Even: the same each day and hour, a little ahead; what an hour misses is made good the same day."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from sim.pacing import PacingPolicy, Plan, Situation
from sim.pacing.columns import Column, Situations, part_of
from sim.units import PPM


class Even(PacingPolicy):
    """Evenly, as Google Ad Manager defines it (EVENLY; support.google.com/admanager/answer/82244).

    A day's goal is what was left when it began over the days that were left, times 1 + `ahead`, as a
    safeguard against under-delivery; the last day's is the rest. 10,000 impressions in ten days are 1050,
    1044.17, 1037.64, 1030.23, 1021.64, 1011.43, 998.78, 982.14, 957.58 and 866.39. Days count by their open
    ticks. Within the day the goal is what the day still lacks over its ticks left, so that a thin night is
    made good in the evening and not a week later; but never less than an even share of all that is left, or a
    budget cut at noon would leave the afternoon without ads. The last day, and a daily budget in every day,
    go by ticks as flights go by days. Goals are rounded up to a micro.

    Elsewhere: DV360 PACING_TYPE_EVEN; The Trade Desk PaceToEndOfFlight, and PaceToEndOfDay with a daily
    budget; Xandr lifetime_pacing. `ahead: 0` is their plain division.
    """

    kind: Literal["even"] = "even"
    ahead: float = Field(
        default=0.05, ge=0, le=1, description="How far above the even goal, as a share of it"
    )

    def plan(self, now: Situation) -> Plan:
        """Return a plan to spend an even share, a little ahead."""
        goal = self._of_flight(now)
        if now.today is not None:
            goal = min(goal, self._share(now.today.micros, 1, now.today.ticks))
        return Plan(goal_micros=goal, allowance_micros=goal)

    def _of_flight(self, now: Situation) -> int:
        flight, day, dawn = now.flight, now.day, now.dawn
        if flight.ticks <= day.ticks_left:
            return self._share(flight.micros, 1, flight.ticks)
        lacking = self._share(dawn.micros, day.ticks, dawn.ticks) - day.spent_micros
        return min(max(-(-lacking // day.ticks_left), -(-flight.micros // flight.ticks)), flight.micros)

    def _share(self, micros: int, ticks: int, of: int) -> int:
        if ticks >= of:
            return micros
        return min(-(-micros * ticks * self._ahead_ppm // (of * PPM)), micros)

    @property
    def _ahead_ppm(self) -> int:
        return PPM + round(self.ahead * PPM)

    def goals(self, now: Situations) -> Column:
        """Return an even share of what is left to each, a little ahead."""
        return now.tighter(self._of_flights(now), self._shares(now.today.micros, 1, now.today.ticks))

    def _of_flights(self, now: Situations) -> Column:
        flight, day, dawn = now.flight, now.day, now.dawn
        lacking = self._shares(dawn.micros, day.ticks, dawn.ticks) - day.spent_micros
        share = np.maximum(-(-lacking // day.ticks_left), -(-flight.micros // flight.ticks))
        last = self._shares(flight.micros, 1, flight.ticks)
        return np.where(flight.ticks <= day.ticks_left, last, np.minimum(share, flight.micros))

    def _shares(self, micros: Column, ticks: Column | int, of: Column) -> Column:
        some = np.minimum(ticks, of)  # or a part of which nothing is used might be beyond 64 bits
        share = np.minimum(part_of(micros, some * self._ahead_ppm, of * PPM), micros)
        return np.where(ticks >= of, micros, share)
