"""Messages: what the exchange, the campaigns and the bidders send each other, once per tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from simpy import Environment, Event

from sim.pacing import Plan


class Division(NamedTuple):
    """What a line item may draw from its campaign's budgets, micros; None where there is no such budget."""

    lifetime: int | None
    daily: int | None
    plan: Plan | None = None
    """What its campaign plans for it; None where it plans for itself."""
    meant: int | None = None
    """What such a campaign means it to spend in the rest of its flight: a guess, which limits nothing."""


class Divided:
    """What a campaign answers: the parts of its line items, divided when one of them first asks."""

    def __init__(self, divide: Callable[[Opening], Mapping[int, Division]], opening: Opening) -> None:
        self._divide, self._opening = divide, opening
        self._parts: Mapping[int, Division] | None = None

    def parts(self) -> Mapping[int, Division]:
        """Return the parts by place in the book."""
        if self._parts is None:
            self._parts = self._divide(self._opening)
        return self._parts


class Request(NamedTuple):
    """A bidder's answer: its plan, and what its own and its campaign's budgets leave it.

    Both are micros, None where neither has a budget of that kind.
    """

    plan: Plan
    lifetime_micros: int | None
    daily_micros: int | None
    carried_micros: int = 0
    """What of the plan's allowance earlier ticks had released: it may be spent at once."""


ASKED = np.dtype(
    [
        (name, np.int64)
        for name in ("made", *Plan._fields[:-1], *Request._fields[1:])  # no policy's memory, which is its own
    ]
)
"""Requests as columns, with UNLIMITED for None; all are 0 where none was *made*."""


class Means(NamedTuple):
    """A bidder's answer where a desk plans: the budgets that it plans from, micros."""

    lifetime_micros: int | None
    """What budgets leave it, as in a Request."""
    daily_micros: int | None
    flight_micros: int
    """What is left for the rest of its flight."""


class Answers:
    """The answers of a tick by line item, and the event that all are there: one for everybody to succeed."""

    def __init__(self, env: Environment, line_items: int, expected: int) -> None:
        """Wait for the answers *expected* of so many line items; the others cannot deliver."""
        self.given: list[Request | Means | None] = [None] * line_items
        self._missing = expected
        self._complete = env.event()

    def ask(self) -> Event:
        """Return the event that all are there; call it when the bell has rung, which all hear before it."""
        if self._missing == 0:
            self._complete.succeed()
        return self._complete

    def give(self, place: int, answer: Request | Means | None) -> None:
        """Answer for the line item at *place*, once a tick; None where it cannot deliver after all."""
        self.given[place] = answer
        self._missing -= 1
        if self._missing == 0:
            self._complete.succeed()


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens a tick: says what happened in the last one, and how to answer.

    All are Python's own numbers, by line item: who plans reads a few of each, which arrays are slow at.
    """

    tick: int
    hour: int
    part: int
    """Which tick of the hour."""
    last: Sequence[Sequence[int]]
    """FUNNEL of the last tick, or of all ticks that the last sync made known."""
    asked: Sequence[int]
    """What line items were allowed to spend in them, micros."""
    outcomes: Sequence[Sequence[int]]
    """PAID_FOR to date, as far as is known; all 0 where no policy plans by them."""
    synced: bool
    """Whether anything became known; it does before every opening unless spend is synced less often."""
    active: Sequence[bool]
    """Line items that are not paused, nor is their campaign."""
    able: Sequence[bool]
    """Those of them that are in flight and in their dayparts."""
    max_bids: Sequence[int]
    """Micros per impression."""
    divisions: tuple[Event, ...]
    """One per campaign; succeeds with what it has Divided."""
    answers: Answers


class Bell:
    """Rings once per tick; all that bidders and campaigns see of the exchange."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self.event = env.event()
        """Succeeds with the next Opening."""

    def until(self, hour: int) -> Event:
        """Return the event that *hour* begins, just before it rings."""
        return self._env.timeout(60 * hour - self._env.now)

    def ring(self, opening: Opening) -> None:
        """Send *opening* to everyone who listens."""
        # Replaced before it rings, so that whoever hears it waits for the next one.
        event, self.event = self.event, self._env.event()
        event.succeed(opening)
