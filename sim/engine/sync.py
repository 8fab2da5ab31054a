"""Syncs: when spend becomes known to budgets and plans, after each tick or every few ticks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.events import FUNNEL


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
