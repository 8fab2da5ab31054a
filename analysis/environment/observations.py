"""What an agent sees: a few numbers within bounds, made of what a pacing policy is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from sim.engine.agents import Asked, Decision
from sim.events import FUNNEL
from sim.pacing import Situation

_MATCHED, _BIDS, _WINS, _IMPRESSIONS, _SPEND, _WORTH = map(
    FUNNEL.index, ("requests_matched", "bids", "wins", "impressions", "spend_micros", "worth_sum_micros")
)
MOST = 10.0
"""Where ratios that have no bound of their own are cut."""


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
        """Return what a pacing policy is told."""
        return self.asked.now

    def known(self, column: int) -> int:
        """Return what has become known of a column of FUNNEL since the last step began."""
        return int(self.asked.known[column])


Of = Callable[[Seen], float]


@dataclass(frozen=True, slots=True)
class Observation:
    """One of the numbers that an agent sees."""

    name: str
    text: str
    unit: str
    of: Of
    low: float = 0.0
    high: float = 1.0


def _part(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _traffic(seen: Seen) -> float:
    # Forecast for one tick over that of the mean tick of the flight.
    flight = seen.first.flight
    return _part(seen.now.traffic * flight.ticks, flight.traffic)


def _day_budget(seen: Seen) -> float:
    now = seen.now
    return 1.0 if now.today is None else _part(now.today.micros, now.today.micros + now.day.spent_micros)


def _ahead(seen: Seen) -> float:
    now = seen.now
    gone = 1 - _part(now.flight.traffic, seen.first.flight.traffic)
    return _part(now.spent_micros, now.budget_micros) - gone


def _spend(seen: Seen) -> float:
    return _part(
        seen.known(_SPEND) * seen.first.flight.ticks, seen.first.budget_micros * max(seen.asked.ticks, 1)
    )


def _of_bid(seen: Seen, column: int) -> float:
    return _part(seen.known(column), seen.known(_IMPRESSIONS) * seen.now.max_bid_micros)


def _clock(seen: Seen, wave: Callable[[float], float]) -> float:
    return wave(2 * pi * seen.now.day.minute / 1440)


OF_FLIGHT, OF_BUDGET = "share of those of its flight", "share of its budget"
OBSERVATIONS = (
    Observation(
        "can_deliver",
        "whether it may deliver now: in flight, in its dayparts, not paused",
        "0 or 1",
        lambda s: s.asked.can_deliver,
    ),
    Observation(
        "time_left",
        "ticks left in which it can deliver",
        OF_FLIGHT,
        lambda s: _part(s.now.flight.ticks, s.first.flight.ticks),
    ),
    Observation(
        "traffic_left",
        "forecast avails left",
        OF_FLIGHT,
        lambda s: _part(s.now.flight.traffic, s.first.flight.traffic),
    ),
    Observation(
        "budget_left", "money left", OF_BUDGET, lambda s: _part(s.now.flight.micros, s.now.budget_micros)
    ),
    Observation(
        "day_budget_left", "money left today; 1 without a daily budget", "share of the day's", _day_budget
    ),
    Observation(
        "ahead", "money spent, less the share of forecast avails that is gone", OF_BUDGET, _ahead, -1.0
    ),
    Observation(
        "traffic",
        "forecast avails of this tick",
        "times those of a mean tick of its flight",
        _traffic,
        high=MOST,
    ),
    Observation(
        "hour_sin", "the local hour, on a circle: its sine", "-1 to 1", partial(_clock, wave=sin), -1.0
    ),
    Observation("hour_cos", "its cosine", "-1 to 1", partial(_clock, wave=cos), -1.0),
    Observation(
        "matched",
        "slots that its targeting matched",
        "times the forecast",
        lambda s: _part(s.known(_MATCHED), s.asked.forecast),
        high=MOST,
    ),
    Observation(
        "bid", "bids made", "share of the slots matched", lambda s: _part(s.known(_BIDS), s.known(_MATCHED))
    ),
    Observation("won", "auctions won", "share of the bids", lambda s: _part(s.known(_WINS), s.known(_BIDS))),
    Observation("price", "price paid", "share of the maximum bid", lambda s: _of_bid(s, _SPEND)),
    Observation(
        "worth",
        "what an impression was worth",
        "times the maximum bid",
        lambda s: _of_bid(s, _WORTH),
        high=MOST,
    ),
    Observation(
        "spent", "money spent in a tick", "times the budget of a mean tick of its flight", _spend, high=MOST
    ),
    Observation("multiplier", "what it decided last", "parts of one", lambda s: s.last.multiplier),
    Observation("participation", "what it decided last", "parts of one", lambda s: s.last.participation),
)
"""In the order in which they stand in an observation. Those from `matched` to `spent` are of what has become
known since the last step began, and 0 where that is nothing."""
LOW, HIGH = (np.array([getattr(one, end) for one in OBSERVATIONS], np.float32) for end in ("low", "high"))
_OF = tuple(one.of for one in OBSERVATIONS)


def observed(seen: Seen) -> NDArray[np.float32]:
    """Return the OBSERVATIONS of what is *seen*, within their bounds."""
    numbers = np.array([of(seen) for of in _OF], np.float32)
    return np.minimum(np.maximum(numbers, LOW), HIGH)
