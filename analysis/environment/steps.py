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
from analysis.runs.played import PlayedRun, play_in_memory
from analysis.runs.run import EventsForm
from analysis.runs.stored import StoredRun
from entities.arguments import File, Folder
from entities.errors import InputError
from scenarios.models import Scenario
from sim.book.records import Book
from sim.engine.agents import Asked, Decided, Decision
from sim.engine.executors.here import here
from sim.engine.ledger import Account
from sim.engine.run import Simulation
from sim.events import FUNNEL
from sim.pacing import PacingPolicy, Situation

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
    overspent: int = 0


class Episode(PlayedRun):
    """The run that an episode was: its book has what the agents decided, so that it can be played again."""

    def save(self, database: File, events: Folder = None, *, events_of: EventsForm = "all") -> StoredRun:
        """Refuse: no later version could read from a database what agents decided."""
        del database, events, events_of
        raise InputError(f"run {self.run_id}: agents decided in it; it is not stored, and can be exported")


class Steps:
    """Plays episodes of a market, one after another, in which some line items are agents."""

    def __init__(self, scenario: Scenario, book: Book, agents: Mapping[str, int], every_ticks: int) -> None:
        """Let *agents*, places in the book by name, decide *every_ticks*."""
        self.scenario, self.book = scenario, _booked(book, dict.fromkeys(agents.values(), Decision()))
        self._agents, self._every = dict(agents), every_ticks
        self._setups = Setups(scenario, self.book)
        self._run: Simulation | None = None
        self._going: dict[str, _Course] = {}
        self._decided: dict[int, list[tuple[int, float, float]]] = {}
        self._played: Episode | None = None

    @property
    def agents(self) -> list[str]:
        """Return the agents that have a decision to make."""
        return list(self._going)

    def begin(self, seed: int) -> dict[str, Seen]:
        """Return what each agent sees at the beginning of a new episode with that *seed*."""
        self.seed, self._played = seed, None
        setup, places = self._setups.of(seed), self._agents.values()
        self._run = run = Simulation(setup, None, here(), agents=places, every=self._every)
        self._decided = {place: [] for place in places}
        asked = run.asked()
        self._going = {
            name: _Course(
                place,
                run.bidders[place].account,
                Seen(asked[place], asked[place].now, Decision()),
                run.counted[place].copy(),
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
        for name, course in self._going.items():
            decision = decisions[name]
            told = course.seen.now.tick, decision.multiplier, decision.participation
            self._decided[course.place].append(told)
        self._run.decide({course.place: decisions[name] for name, course in self._going.items()})
        asked = self._run.asked()
        steps = {
            name: self._step(course, decisions[name], asked.get(course.place))
            for name, course in self._going.items()
        }
        self._going = {name: course for name, course in self._going.items() if not steps[name].over}
        return steps

    def run(self) -> Episode:
        """Return the run that the episode was; InputError while an agent has a decision to make."""
        if self._run is None or self._going:
            raise InputError("run: an episode is a run when it is over, and not before")
        if self._played is None:
            scenario = self.scenario.reseeded(self.seed)
            decided = {place: Decided(decisions=tuple(each)) for place, each in self._decided.items()}
            book = _booked(self.book, decided)
            # Steps keep no hours, which most episodes are not asked for: it is played again.
            run = play_in_memory(scenario, book)
            self._played = Episode(scenario, book, run.outcome, run.hours, seconds=run.seconds)
        return self._played

    def _step(self, course: _Course, decision: Decision, asked: Asked | None) -> Step:
        assert self._run
        first, before, ended = course.seen.first, course.seen.now, asked is None
        course.seen = Seen(asked or self._run.at_end(course.place), first, decision)
        counted = self._run.counted[course.place].copy()
        overspent = max(course.account.over, course.account.over_daily)
        now, brought = course.seen.now, counted - course.counted
        gained = Gained(
            **{name: int(brought[at]) for name, at in _COUNTED.items()},
            overspent_micros=overspent - course.overspent,
            due_micros=_due(first, now) - _due(first, before),
            budget_micros=first.budget_micros,
        )
        course.counted, course.overspent = counted, overspent
        truncated = ended and now.flight.ticks > 0
        return Step(course.seen, gained, terminated=ended and not truncated, truncated=truncated)


def _booked(book: Book, policies: Mapping[int, PacingPolicy]) -> Book:
    # With other pacing of the line items at some places.
    items = list(book.line_items)
    for place, policy in policies.items():
        items[place] = replace(items[place], pacing=policy)
    return replace(book, line_items=tuple(items))


def _due(first: Situation, now: Situation) -> int:
    # What of the budget its course has spent by now.
    total = first.flight.traffic
    if not total:
        total, left = max(first.flight.ticks, 1), now.flight.ticks
    else:
        left = now.flight.traffic
    return first.budget_micros * (total - left) // total
