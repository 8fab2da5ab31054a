"""What an agent sees: a few numbers within bounds, made of what a pacing policy knows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.engine.agents import Asked, Decision
from sim.events import FUNNEL
from sim.pacing import Situation

_MATCHED, _BIDS, _WINS, _IMPRESSIONS, _SPEND, _WORTH = map(
    FUNNEL.index, ("requests_matched", "bids", "wins", "impressions", "spend_micros", "worth_sum_micros")
)
MOST = 10.0
"""Where ratios without a bound of their own are cut."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What an agent knows when a step begins."""

    asked: Asked
    first: Situation
    """What was known when it decided first."""
    last: Decision
    """What it decided last; ones before it decided anything."""

    @property
    def now(self) -> Situation:
        """Return what a pacing policy would be told."""
        return self.asked.now

    def known(self, at: int) -> int:
        """Return a sum of the funnel, of what has become known since the step before."""
        return int(self.asked.known[at])


@dataclass(frozen=True, slots=True)
class Observation:
    """One number of what an agent sees."""

    name: str
    text: str
    unit: str
    low: float
    high: float
    of: Callable[[Seen], float]


def _part(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


OBSERVATIONS = (
    Observation(
        "can_deliver", "whether it may deliver now", "0 or 1", 0, 1, lambda seen: seen.asked.can_deliver
    ),
    Observation(
        "time_left",
        "ticks of its flight that can deliver and are left",
        "share of those when it began",
        0,
        1,
        lambda seen: _part(seen.now.flight.ticks, seen.first.flight.ticks),
    ),
    Observation(
        "traffic_left",
        "forecast avails of its flight that are left",
        "share of those when it began",
        0,
        1,
        lambda seen: _part(seen.now.flight.traffic, seen.first.flight.traffic),
    ),
    Observation(
        "budget_left",
        "money left for the flight",
        "share of its budget",
        0,
        1,
        lambda seen: _part(seen.now.flight.micros, seen.now.budget_micros),
    ),
)
"""In the order in which they stand in an observation."""
LOW, HIGH = (np.array([getattr(one, end) for one in OBSERVATIONS], np.float32) for end in ("low", "high"))


def observed(seen: Seen) -> NDArray[np.float32]:
    """Return the OBSERVATIONS of what is *seen*, within their bounds."""
    return np.clip(np.array([one.of(seen) for one in OBSERVATIONS], np.float32), LOW, HIGH)
