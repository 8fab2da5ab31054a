"""Agents: line items whose bids are decided outside of the market, a step at a time."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from simpy import Environment, Event

from sim.engine.bidder import Bidder
from sim.engine.messages import Bell, Division, Opening
from sim.events import FUNNEL
from sim.pacing import Plan, Situation
from sim.pacing.fixed_multiplier import FixedMultiplier
from sim.units import PPM


class Decision(FixedMultiplier):
    """What an agent decided: the policy of its line item until it decides again.

    It bids as `fixed_multiplier` and `fixed_participation` do, and watches no budget. No scenario can name
    it: it only stands in for the former.
    """

    participation: float = Field(default=1.0, ge=0, le=1, description="The share of slots it takes part in")

    def plan(self, now: Situation) -> Plan:
        """Return a plan to spend all that is left at that multiple of the bid, in that share of the slots."""
        return Plan(
            goal_micros=now.spendable_micros,
            allowance_micros=now.spendable_micros,
            multiplier_ppm=round(self.multiplier * PPM),
            participation_ppm=round(self.participation * PPM),
        )

    def as_booked(self) -> dict[str, Any]:
        """Return that an agent decides, of which a book cannot say how."""
        return {"kind": "agent"}


class Asked(NamedTuple):
    """What an agent knows when it is to decide."""

    now: Situation
    can_deliver: bool
    """Whether its line item may deliver in this tick: in flight, in its dayparts and not paused."""
    known: NDArray[np.int64]
    """FUNNEL sums of what has become known since it was asked before."""


class Agents:
    """Where agents ask: every so many ticks, all those whose flight is not over, until it is.

    The first to come into flight starts it for all.
    """

    def __init__(
        self, env: Environment, flights: Mapping[int, tuple[int, int]], every: int, tick_minutes: int
    ) -> None:
        """Let the line items of these places, each with its first tick and its end, ask *every* so often."""
        self._env, self._every = env, every
        self._first = min(first for first, _ in flights.values()) // every
        self._ends = {place: end for place, (_, end) in flights.items()}
        self.asked: dict[int, Asked] = {}
        """By place, of all who wait now."""
        self._answers: dict[int, Event] = {}
        self.waiting = env.event()
        """Succeeds when all wait who ask in a tick."""
        # Before the exchange opens that tick: what is scheduled first comes first.
        self.over = env.timeout(max(self._ends.values()) * tick_minutes)
        """Succeeds when the last of their flights is over."""

    def __contains__(self, place: int) -> bool:
        return place in self._ends

    def asks(self, place: int, tick: int) -> bool:
        """Return whether the line item at *place* asks at *tick*."""
        return tick % self._every == 0 and tick // self._every >= self._first and tick < self._ends[place]

    def ask(self, place: int, tick: int, asked: Asked) -> Event:
        """Return the event that succeeds with the Decision."""
        self.asked[place], self._answers[place] = asked, self._env.event()
        if len(self.asked) == sum(self.asks(one, tick) for one in self._ends):
            self.waiting.succeed()
        return self._answers[place]

    def answer(self, decisions: Mapping[int, Decision]) -> None:
        """Let all go on who wait."""
        answers, self._answers, self.asked = self._answers, {}, {}
        self.waiting = self._env.event()
        for place, event in answers.items():
            event.succeed(decisions[place])


class Agent(Bidder):
    """The process of a line item that waits for its decisions."""

    def __init__(self, agents: Agents, *bidder: Any) -> None:
        super().__init__(*bidder)
        self._agents = agents
        self._known = np.zeros(len(FUNNEL), np.int64)

    def run(self, bell: Bell) -> Generator[Event, Any, None]:
        """Answer every opening, as all bidders do, after asking where a step begins."""
        while True:
            opening: Opening = yield bell.event
            divisions: Mapping[int, Division] = yield opening.divisions[self.item.campaign]
            self._known += opening.last[self.place]
            if self._agents.asks(self.place, opening.tick):
                asked = self._asked(opening, divisions[self.place])
                self.planner.policy = yield self._agents.ask(self.place, opening.tick, asked)
            self.answer(opening, divisions[self.place])

    def _asked(self, opening: Opening, division: Division) -> Asked:
        known, self._known = self._known, np.zeros_like(self._known)
        return Asked(self.situation(opening, division), self.can_deliver(opening), known)


def flight_ticks(flights: Collection[tuple[int, int]], hours: int, ticks_per_hour: int) -> tuple[int, int]:
    """Return the first tick of *flights* within *hours*, and the end of the last."""
    within = [(max(first, 0), min(last, hours)) for first, last in flights if first < hours and last > 0]
    first, last = min(first for first, _ in within), max(last for _, last in within)
    return first * ticks_per_hour, last * ticks_per_hour
