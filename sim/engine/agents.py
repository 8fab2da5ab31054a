"""Agents: line items whose bids are decided outside of the market, a step at a time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Generator, Mapping
from operator import itemgetter
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from simpy import Environment, Event

from sim.engine.bidder import Bidder
from sim.engine.messages import Bell, Divided, Opening
from sim.events import FUNNEL
from sim.pacing import Plan, Situation, Span
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
        """Return that an agent decides."""
        return {"kind": "agent"}


class Decided(FixedMultiplier):
    """All that an agent decided in a run, by the tick: with it the run can be played again."""

    decisions: tuple[tuple[int, float, float], ...]
    """In order: first tick, multiplier, participation. Before the first of them it bids in full."""

    def plan(self, now: Situation) -> Plan:
        """Return the plan of the decision that holds at the tick."""
        place = bisect_right(self.decisions, now.tick, key=itemgetter(0))
        _, multiplier, participation = self.decisions[place - 1] if place else (0, 1.0, 1.0)
        return Decision.model_construct(multiplier=multiplier, participation=participation).plan(now)

    def as_booked(self) -> dict[str, Any]:
        """Return the decisions."""
        return {"kind": "agent", "decisions": [list(each) for each in self.decisions]}


class Asked(NamedTuple):
    """What an agent knows when it is to decide."""

    now: Situation
    can_deliver: bool
    """Whether its line item may deliver in this tick: in flight, in its dayparts and not paused."""
    known: NDArray[np.int64]
    """FUNNEL sums of what has become known since it was asked before."""
    ticks: int
    """The ticks that they are of."""
    forecast: int
    """The slots that were expected to match in these."""


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

    always_answers: ClassVar[bool] = True

    def __init__(self, agents: Agents, *bidder: Any) -> None:
        super().__init__(*bidder)
        self._agents = agents
        self._told = np.zeros(len(FUNNEL), np.int64)
        self._known = np.zeros(len(FUNNEL), np.int64)
        """FUNNEL sums of which the agent was told, and those that are known."""
        self._ticks = self._slots = 0
        """Of what is known and not told: its ticks, and the slots that were expected."""
        self._open_ticks = self._open_slots = 0
        """Of what is not known yet."""

    def run(self, bell: Bell) -> Generator[Event, Any, None]:
        """Answer every opening, as all bidders do, after asking where a step begins."""
        while True:
            opening: Opening = yield bell.event
            divided: Divided = yield opening.divisions[self.item.campaign]
            division = divided.parts()[self.place]
            if opening.synced:
                self._known += opening.last[self.place]
                self._learn()
            if self._agents.asks(self.place, opening.tick):
                now = self.situation(opening, division)
                asked = self._asked(now, self._known, can_deliver=opening.able[self.place])
                self.planner.policy = yield self._agents.ask(self.place, opening.tick, asked)
            self._open_ticks += 1
            if opening.active[self.place] and self.calendar.live[opening.hour]:
                self._open_slots += int(self.calendar.avails[opening.hour])
            answer = None
            if opening.able[self.place]:
                answer = self.answer(opening, division)
            else:
                self.planner.drop_carry()
            opening.answers.give(self.place, answer)

    def at_end(self, counted: NDArray[np.int64], hours: int) -> Asked:
        """Return what is known when its flight is over, or the market after so many *hours*.

        Of a flight that goes on it has what is left; all that was *counted* of FUNNEL is known by then.
        """
        self._learn()
        assert self._now
        calendar, per_hour = self.calendar, 60 // self._now.tick_minutes
        flight = Span(
            ticks=int(calendar.hours_after[hours]) * per_hour,
            traffic=int(calendar.traffic_after[hours]) * per_hour,
            micros=max(self._now.flight.micros - (self.account.spent - self._now.spent_micros), 0),
        )
        now = self._now._replace(traffic=0, flight=flight, spent_micros=self.account.spent)
        return self._asked(now, counted, can_deliver=False)

    def _learn(self) -> None:
        self._ticks, self._slots = self._ticks + self._open_ticks, self._slots + self._open_slots
        self._open_ticks = self._open_slots = 0

    def _asked(self, now: Situation, known: NDArray[np.int64], *, can_deliver: bool) -> Asked:
        slots = self._slots * now.tick_minutes // 60
        asked = Asked(now, can_deliver, known - self._told, self._ticks, slots)
        self._told, self._ticks, self._slots = known.copy(), 0, 0
        return asked


def flight_ticks(flights: Collection[tuple[int, int]], hours: int, ticks_per_hour: int) -> tuple[int, int]:
    """Return the first tick of *flights* within *hours*, and the end of the last."""
    within = [(max(first, 0), min(last, hours)) for first, last in flights if first < hours and last > 0]
    first, last = min(first for first, _ in within), max(last for _, last in within)
    return first * ticks_per_hour, last * ticks_per_hour
