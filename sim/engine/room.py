"""Room for the events of ticks that are not closed: memory that is new has to be cleared first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.events import EVENT

_MORE, _LARGE = 4, 1 << 20
"""A tick fills a small part of its room: in one that is so many times as large, several find place. Where it
is LARGE, it is no larger."""


class Room:
    """Hands out room for EVENT records, one tick's behind what the one before has filled."""

    def __init__(self, *, again: bool) -> None:
        """Use it *again* when it was emptied; else each tick has memory of its own, for whoever keeps it."""
        self._again = again
        self._arrays: list[NDArray[np.void]] = []
        self._at = self._filled = 0
        """Which of the arrays is being filled, and how far."""

    def most(self, records: int) -> NDArray[np.void]:
        """Return room for so many *records*, which are undefined."""
        if not self._again:
            return np.empty(records, EVENT)
        while self._at < len(self._arrays) and self._filled + records > len(self._arrays[self._at]):
            self._at, self._filled = self._at + 1, 0
        if self._at == len(self._arrays):
            self._arrays.append(np.empty(max(records, min(_MORE * records, _LARGE)), EVENT))
        return self._arrays[self._at][self._filled : self._filled + records]

    def fill(self, records: int) -> None:
        """Keep the first *records* of the room that was handed out last."""
        self._filled += records

    def empty(self) -> None:
        """Keep nothing: nobody looks any more at what was handed out to be used again."""
        self._at = self._filled = 0
