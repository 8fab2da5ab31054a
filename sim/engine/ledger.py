"""The ledger: what each budget holds, what was drawn from it, and what is left, to the micro."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.events import FUNNEL


@dataclass(slots=True)
class Account:
    """Budgets and spend of one line item or campaign; None is no budget of that kind.

    Plans and leases go by what is known, which is what was spent as of the last sync.
    """

    lifetime: int | None
    daily: int | None
    spent: int = 0
    spent_today: int = 0
    over: int = 0
    """Spent beyond the lifetime budget, before anyone knew that it was gone."""
    over_daily: int = 0
    """Spent beyond the daily budgets of all days."""
    known: int = 0
    known_today: int = 0
    known_over: int = 0
    known_over_daily: int = 0
    exhausted: bool = False
    """Whether its exhaustion is noted among the facts."""

    @property
    def left(self) -> int | None:
        """Return what is left of the lifetime budget, as far as is known."""
        return None if self.lifetime is None else max(self.lifetime - self.known, 0)

    @property
    def left_today(self) -> int | None:
        """Return what is left of the daily budget, as far as is known."""
        return None if self.daily is None else max(self.daily - self.known_today, 0)

    @property
    def known_within(self) -> int:
        """Return what is known to be spent without what is beyond the budget that it is measured by."""
        return self.known - (self.known_over_daily if self.lifetime is None else self.known_over)

    def draw(self, micros: int) -> None:
        """Book a spend; it is known at the next sync."""
        self.over += _beyond(self.lifetime, self.spent, micros)
        self.over_daily += _beyond(self.daily, self.spent_today, micros)
        self.spent += micros
        self.spent_today += micros

    def sync(self) -> None:
        """Make known what was spent."""
        self.known, self.known_today = self.spent, self.spent_today
        self.known_over, self.known_over_daily = self.over, self.over_daily

    def new_day(self) -> None:
        """Start the daily budget over; spend of the old day that is not known yet does not count."""
        self.spent_today = self.known_today = 0


class SyncBuffer:
    """Holds back what happened until a sync: then all since the sync before is known, and nothing in between.

    Where a sync follows each tick, the last tick is known.
    """

    def __init__(self, every_ticks: int, line_items: int) -> None:
        self._every = every_ticks
        self._unknown = self._nothing = np.zeros((line_items, len(FUNNEL)), np.int64)
        self._unasked = self._none = np.zeros(line_items, np.int64)
        self.funnel: NDArray[np.int64] = self._nothing
        """Line items × FUNNEL."""
        self.asked: NDArray[np.int64] = self._none
        """What line items were allowed to spend in those ticks, micros."""
        self.synced = True
        """Whether a sync came before this opening."""

    def take(self, tick: int, funnel: NDArray[np.int64], asked: NDArray[np.int64]) -> bool:
        """Take what happened in *tick*, and return whether a sync follows it."""
        self._unknown, self._unasked = self._unknown + funnel, self._unasked + asked
        self.synced = (tick + 1) % self._every == 0
        if self.synced:
            self.funnel, self.asked = self._unknown, self._unasked
            self._unknown, self._unasked = self._nothing, self._none
        else:
            self.funnel, self.asked = self._nothing, self._none
        return self.synced


def _beyond(budget: int | None, spent: int, micros: int) -> int:
    return 0 if budget is None else max(micros - max(budget - spent, 0), 0)


def divide(micros: int, weights: list[int]) -> list[int]:
    """Return *micros* in integer parts in proportion to *weights*; ties go to the first.

    The largest remainders get one more (Hamilton's method), so that parts add up; all are 0 if weights are.
    """
    total = sum(weights)
    if total == 0:
        return [0] * len(weights)
    parts = [micros * weight // total for weight in weights]
    if missing := micros - sum(parts):
        remainders = [-(micros * weight % total) for weight in weights]
        for place in sorted(range(len(weights)), key=remainders.__getitem__)[:missing]:
            parts[place] += 1
    return parts


def fill(micros: int, most: list[int], weights: list[int]) -> list[int]:
    """Return *micros* divided by *weights* with no part above its *most*; the excess goes to the others.

    Where all parts together cannot hold it, each is its most. A weight of zero gets nothing.
    """
    parts = [0] * len(most)
    open_ = [place for place, weight in enumerate(weights) if weight > 0]
    while open_ and micros > 0:
        shares = divide(micros, [weights[place] for place in open_])
        full = [place for place, share in zip(open_, shares, strict=True) if share >= most[place]]
        if not full:
            for place, share in zip(open_, shares, strict=True):
                parts[place] = share
            break
        for place in full:
            parts[place] = most[place]
            micros -= most[place]
        open_ = [place for place in open_ if place not in full]
    return parts


def whole_bids(parts: Mapping[int, int], bids: Mapping[int, int] | Sequence[int]) -> dict[int, int]:
    """Return *parts* by place, of which those below a bid, which buy nothing alone, are made whole bids.

    Together they may buy some: those that lack least are raised to a bid first.
    """
    poor = [i for i, part in parts.items() if 0 < part < bids[i]]
    if not poor:
        return dict(parts)
    together = sum(parts[i] for i in poor)
    rounded = dict(parts)
    for i in sorted(poor, key=lambda i: (bids[i] - parts[i], i)):
        rounded[i] = bids[i] if together >= bids[i] else 0
        together -= rounded[i]
    return rounded


def least(one: int | None, other: int | None) -> int | None:
    """Return the tighter of two limits, where None is no limit."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
