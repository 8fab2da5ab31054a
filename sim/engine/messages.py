"""Messages: what the exchange, the campaigns and the bidders send each other, once per tick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from simpy import Environment, Event

from sim.pacing import Plan


@dataclass(frozen=True, slots=True)
class Division:
    """What a line item may draw from its campaign's budgets, micros; None where there is no such budget."""

    lifetime: int | None
    daily: int | None
    plan: Plan | None = None
    """What its campaign plans for it; None where it plans for itself."""
    meant: int | None = None
    """What such a campaign means it to spend in the rest of its flight: a guess, which limits nothing."""


@dataclass(frozen=True, slots=True)
class Request:
    """A bidder's answer: its plan, and what its own and its campaign's budgets leave it.

    Both are micros, None where neither has a budget of that kind.
    """

    plan: Plan
    lifetime_micros: int | None
    daily_micros: int | None
    carried_micros: int = 0
    """What of the plan's allowance earlier ticks had released: it may be spent at once."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens a tick: says what happened in the last one, and through which events to answer."""

    tick: int
    hour: int
    part: int
    """Which tick of the hour."""
    last: NDArray[np.int64]
    """Line items × FUNNEL of the last tick, or of all ticks that the last sync made known."""
    asked: NDArray[np.int64]
    """What line items were allowed to spend in them, micros."""
    outcomes: NDArray[np.int64]
    """Line items × PAID_FOR to date, as far as is known; all 0 where no policy plans by them."""
    synced: bool
    """Whether anything became known; it does before every opening unless spend is synced less often."""
    active: NDArray[np.bool_]
    """Line items that are not paused, nor is their campaign."""
    max_bids: NDArray[np.int64]
    """Micros per impression."""
    divisions: tuple[Event, ...]
    """One per campaign; succeeds with its line items' Division by place."""
    answers: tuple[Event, ...]
    """One per line item; succeeds with its Request, or None where it cannot deliver."""


class Bell:
    """Rings once per tick; all that bidders and campaigns see of the exchange."""

    def __init__(self, env: Environment) -> None:
        self._env = env
        self.event = env.event()
        """Succeeds with the next Opening."""

    def ring(self, opening: Opening) -> None:
        """Send *opening* to everyone who listens."""
        # Replaced before it rings, so that whoever hears it waits for the next one.
        event, self.event = self.event, self._env.event()
        event.succeed(opening)
