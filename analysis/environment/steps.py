"""A market that agents play step by step: what they see, what a step brings them, and the run it makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.environment.observations import Seen
from analysis.environment.rewards import Gained
from analysis.environment.setups import Setups
from analysis.runs.played import PlayedRun
from entities.errors import InputError
from scenarios.models import Scenario
from sim.book.records import Book
from sim.engine.agents import Asked, Decision
from sim.engine.executors import Executor
from sim.engine.ledger import Account
from sim.engine.run import Simulation
from sim.events import FUNNEL, Hour
from sim.pacing import Situation, Span

_COUNTED = {
    "matched": FUNNEL.index("requests_matched"),
    "bids": FUNNEL.index("bids"),
    "wins": FUNNEL.index("wins"),
    "impressions": FUNNEL.index("impressions"),
    "spend_micros": FUNNEL.index("spend_micros"),
    "worth_micros": FUNNEL.index("worth_sum_micros"),
}


class Step(NamedTuple):
    """What a step was for an agent."""

    seen: Seen
    """When it was over."""
    gained: Gained
    terminated: bool
    """Whether its flight is over."""
    truncated: bool
    """Whether the market ends before its flight."""

    @property
    def over(self) -> bool:
        """Return whether it was the last one."""
        return self.terminated or self.truncated


@dataclass
class _Course:
    # An agent on its way through an episode, as of its last step.
    place: int
    account: Account
    seen: Seen
    counted: NDArray[np.int64]
    known: NDArray[np.int64]
    overspent: int = 0


class Steps:
    """Plays episodes of a market, one after another, in which some line items are agents."""

    def __init__(self, scenario: Scenario, book: Book, agents: Mapping[str, int], every_ticks: int) -> None:
        """Let *agents*, places in the book by name, decide *every_ticks*."""
        items = list(book.line_items)
        for place in agents.values():
            items[place] = replace(items[place], pacing=Decision())
        self.scenario, self.book = scenario, replace(book, line_items=tuple(items))
        self._agents, self._every = dict(agents), every_ticks
        self._setups = Setups(scenario, self.book)
        self._run: Simulation | None = None
        self._going: dict[str, _Course] = {}
        self.hours: list[Hour] = []
        """Those of the episode that are over."""

    @property
    def agents(self) -> list[str]:
        """Return the agents that have a decision to make."""
        return list(self._going)

    def begin(self, seed: int) -> dict[str, Seen]:
        """Return what each agent sees at the beginning of a new episode with that *seed*."""
        self.hours = []
        setup, places = self._setups.of(seed), self._agents.values()
        self._run = run = Simulation(setup, self.hours.append, Executor(), agents=places, every=self._every)
        asked = run.asked()
        self._going = {
            name: _Course(
                place,
                run.bidders[place].account,
                Seen(asked[place], asked[place].now, Decision()),
                run.counted[place].copy(),
                asked[place].known,
            )
            for name, place in self._agents.items()
        }
        return {name: course.seen for name, course in self._going.items()}

    def check(self) -> None:
        """Raise InputError where there is nothing to decide."""
        if self._run is None:
            raise InputError("step: reset the environment first")
        if not self._going:
            raise InputError("step: the episode is over; reset the environment")

    def step(self, decisions: Mapping[str, Decision]) -> dict[str, Step]:
        """Return what came of one decision for each agent that has one to make."""
        assert self._run
        self._run.decide({course.place: decisions[name] for name, course in self._going.items()})
        asked = self._run.asked()
        steps = {
            name: self._step(course, decisions[name], asked.get(course.place))
            for name, course in self._going.items()
        }
        self._going = {name: course for name, course in self._going.items() if not steps[name].over}
        return steps

    def run(self) -> PlayedRun:
        """Return the run that the episode was; InputError while an agent has a decision to make."""
        if self._run is None or self._going:
            raise InputError("run: an episode is a run when it is over, and not before")
        return PlayedRun(self.scenario, self.book, self._run.run(), self.hours)

    def _step(self, course: _Course, decision: Decision, asked: Asked | None) -> Step:
        assert self._run
        counted, before = self._run.counted[course.place].copy(), course.seen
        ended = asked is None
        if asked is None:
            asked = self._left(course, counted)
        course.seen = Seen(asked, before.first, decision)
        overspent = max(course.account.over, course.account.over_daily)
        brought = counted - course.counted
        gained = Gained(
            **{name: int(brought[at]) for name, at in _COUNTED.items()},
            overspent_micros=overspent - course.overspent,
            due_micros=_due(before.first, asked.now) - _due(before.first, before.now),
            budget_micros=before.first.budget_micros,
        )
        course.counted, course.overspent = counted, overspent
        course.known = course.known + asked.known
        truncated = ended and asked.now.flight.ticks > 0
        return Step(course.seen, gained, terminated=ended and not truncated, truncated=truncated)

    def _left(self, course: _Course, counted: NDArray[np.int64]) -> Asked:
        # What is left of a flight that is over, or goes on after the market; all of it is known now.
        now, hours, per_hour = (
            course.seen.now,
            self.scenario.market.horizon.hours,
            self.scenario.market.ticks_per_hour,
        )
        assert self._run
        calendar = self._run.bidders[course.place].calendar
        spent = course.account.spent
        flight = Span(
            ticks=int(calendar.hours_after[hours]) * per_hour,
            traffic=int(calendar.traffic_after[hours]) * per_hour,
            micros=max(now.flight.micros - (spent - now.spent_micros), 0),
        )
        over = replace(now, traffic=0, flight=flight, spent_micros=spent)
        return Asked(over, can_deliver=False, known=counted - course.known)


def _due(first: Situation, now: Situation) -> int:
    # What of the budget its course has spent by now.
    total = first.flight.traffic
    if not total:
        total, left = max(first.flight.ticks, 1), now.flight.ticks
    else:
        left = now.flight.traffic
    return first.budget_micros * (total - left) // total
