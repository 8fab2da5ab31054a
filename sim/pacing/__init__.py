"""Pacing policies: how a line item spreads its budget over its flight. Each policy is one file."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Literal, NamedTuple

import numpy as np

from entities.errors import PacelineError
from sim.family import Part, attributed, blamed, source_of
from sim.pacing.columns import Column, Situations
from sim.units import PPM


class Span(NamedTuple):
    """What is left of a period, the present tick included; all counts are of ticks that can deliver."""

    ticks: int
    """Ticks left in flight and daypart, at least 1."""
    traffic: int
    """Forecast avails of those ticks, in any unit."""
    micros: int
    """Budget left."""


class Day(NamedTuple):
    """The local day, with a daily budget or without; ticks and traffic are those that can deliver."""

    number: int
    """Ordinal of the local date."""
    minute: int
    """Of the wall clock, at the start of the tick."""
    ticks: int
    """In the whole day, at least 1."""
    traffic: int
    """Forecast avails of the whole day."""
    ticks_left: int
    """The present tick included."""
    traffic_left: int
    spent_micros: int
    hours: tuple[int, ...] = ()
    """Traffic of the whole day by the hour of the wall clock, 24 values in the unit of *traffic*."""
    clock: tuple[int, ...] = ()
    """Ticks of the whole day by the same hours: where clocks go back, one hour has twice as many."""


class Situation(NamedTuple):
    """What a line item knows when it plans a tick; amounts are micros."""

    tick: int
    tick_minutes: int
    traffic: int
    """Forecast avails of this tick, in the unit of the spans."""
    flight: Span
    today: Span | None
    """What is left of the day where there is a daily budget."""
    day: Day
    budget_micros: int
    spent_micros: int
    max_bid_micros: int
    last_matched: int = 0
    """Slots of the last tick that its targeting matched. Where spend is synced less often than planned, what
    is known as the last tick is all that the last sync made known, and between syncs nothing."""
    last_bids: int = 0
    last_wins: int = 0
    last_impressions: int = 0
    last_spend_micros: int = 0
    last_worth_micros: int = 0
    """Σ of what the last tick's impressions were worth, before the multiplier."""
    multiplier_ppm: int = PPM
    participation_ppm: int = PPM
    memory: tuple[int, ...] = ()
    """The *memory* of the policy's last plan."""
    clicks: int = 0
    """To date, as far as is known; counted only where a policy plans by it, as completions are."""
    completions: int = 0
    terms: int = 0
    """How often its own terms or its campaign's were changed; when it rises, policies start over."""

    @property
    def spendable_micros(self) -> int:
        """Return the most that may be spent now."""
        return self.flight.micros if self.today is None else min(self.flight.micros, self.today.micros)

    @property
    def dawn(self) -> Span:
        """Return what was left of the flight when the day began, as far as is known."""
        return Span(
            ticks=self.flight.ticks + self.day.ticks - self.day.ticks_left,
            traffic=self.flight.traffic + self.day.traffic - self.day.traffic_left,
            micros=self.flight.micros + self.day.spent_micros,
        )


class Plan(NamedTuple):
    """What a line item asks for in one tick."""

    goal_micros: int
    """What it means to spend, no more than its allowance."""
    allowance_micros: int
    """What it may spend at most, a part in each part of the tick where the policy's plans are *released*."""
    multiplier_ppm: int = PPM
    participation_ppm: int = PPM
    memory: tuple[int, ...] = ()


class PacingPolicy(Part):
    """A rule from situation to plan: a pure function, so that a plan can be repeated and compared."""

    used: ClassVar[str] = "pacing: NAME in YAML, or external; or create-campaign --pacing NAME"

    shape: ClassVar[Literal["time", "traffic"]] = "time"
    """Whether being on schedule means an even share of the time or of the forecast traffic."""
    published_minutes: ClassVar[int] = 60
    """The tick for which the policy was published; with longer ones it promises less."""

    released: ClassVar[bool] = True
    """Whether what it allows for a tick is released over the tick, with its traffic, or all at once."""

    @property
    def counts_outcomes(self) -> bool:
        """Return whether it plans by clicks or completions, which are counted only where one does."""
        return False

    @abstractmethod
    def plan(self, now: Situation) -> Plan:
        """Return the plan for the tick that begins, in whole numbers.

        It asks for no more than there is to spend, and in the last tick for all of it. Where there is enough
        to buy, its plans spend the budget by the end of the flight, but for less than a bid in each shard, at
        ticks of *published_minutes*.
        """

    def goals(self, now: Situations) -> Column:
        """Return what `plan` aims at and allows, for many line items at once; by default it cannot.

        For policies whose plans are a goal that is allowed and nothing else: a book of hundreds of line items
        is planned for sooner. It is a column of int64 with what `plan` finds for each. A policy that derives
        from another plans one by one, unless it has goals of its own.
        """
        raise NotImplementedError

    @property
    def in_columns(self) -> bool:
        """Return whether it plans for many line items at once."""
        return "goals" in vars(type(self))

    def planned(self, now: Situation) -> Plan:
        """Return `plan`, or raise PacelineError where it fails, is none or has a number that is not whole."""

        def where() -> str:
            return f"{source_of(self)}: plan at tick {now.tick}"

        plan = attributed(lambda: self.plan(now), where)
        if not isinstance(plan, Plan):
            raise PacelineError(f"{where()} must return a Plan, and returned {plan!r}")
        if not isinstance(plan.memory, tuple):
            raise PacelineError(f"{where()} returned memory {plan.memory!r}; it must be a tuple")
        amounts = plan.goal_micros, plan.allowance_micros, plan.multiplier_ppm, plan.participation_ppm
        if {*map(type, amounts), *map(type, plan.memory)} != {int}:
            raise PacelineError(f"{where()} {_not_whole(plan)}; it must be an int, as round() gives")
        if self.named:  # of ours, tests know
            self._within_bounds(plan, now, where())
        return plan

    def aimed(self, now: Situations, tick: int) -> Column:
        """Return `goals`, or raise PacelineError where they fail, or are not whole numbers within bounds."""

        def where() -> str:
            return f"{source_of(self)}: goals at tick {tick}"

        most = now.spendable_micros  # before the policy has the columns in its hands
        goals: Any = attributed(lambda: self.goals(now), where)
        if not isinstance(goals, np.ndarray) or (goals.dtype, goals.shape) != (most.dtype, most.shape):
            raise PacelineError(f"{where()} must return {len(most)} values of int64, and returned {goals!r}")
        beyond = np.flatnonzero((goals < 0) | (goals > most))
        if len(beyond):
            at = beyond[0]
            raise PacelineError(f"{where()} returned {goals[at]:,}; it must be from 0 to {most[at]:,}")
        return goals

    @staticmethod
    def _within_bounds(plan: Plan, now: Situation, where: str) -> None:
        for name, least, most in (
            ("goal_micros", 0, plan.allowance_micros),
            ("allowance_micros", 0, now.spendable_micros),
            ("multiplier_ppm", 0, None),
            ("participation_ppm", 0, PPM),
        ):
            value = getattr(plan, name)
            if value < least or (most is not None and value > most):
                bounds = f"at least {least}" if most is None else f"from {least} to {most:,}"
                raise PacelineError(f"{where} returned {name} {value:,}; it must be {bounds}")

    def due(self, hour: int, micros: int, done: int, total: int) -> int:
        """Return `expected` at the end of an *hour*, or raise PacelineError where that is no whole number."""

        def where() -> str:
            return f"{source_of(self)}: expected at hour {hour}"

        found: object = attributed(lambda: self.expected(micros, done, total), where)
        if type(found) is not int:
            raise PacelineError(f"{where()} returned {found!r}; it must be an int, as // gives")
        return found

    @property
    def counting(self) -> bool:
        """Return `counts_outcomes`, or raise PacelineError where that fails."""
        with blamed(f"{source_of(self)}: counts_outcomes"):
            return bool(self.counts_outcomes)

    def expected(self, micros: int, done: int, total: int) -> int:
        """Return what of a budget is spent on schedule after *done* of *total* units of the shape."""
        return micros * done // total if total else 0


def _not_whole(plan: Plan) -> str:
    for name in ("goal_micros", "allowance_micros", "multiplier_ppm", "participation_ppm", "memory"):
        value = getattr(plan, name)
        for number in value if name == "memory" else (value,):
            if type(number) is not int:
                return f"returned {name} {number!r}, {type(number).__name__}"
    raise AssertionError(plan)
