"""Room for the events of ticks that are not closed: memory that is new has to be cleared first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.events import EVENT

_MORE = 4
"""A tick fills a small part of its room: in one that is so many times as large, several find place."""


class Room:
    """Hands out room for EVENT records, one tick's behind what the one before has filled."""

    def __init__(self) -> None:
        self._arrays: list[NDArray[np.void]] = []
        self._at = self._filled = 0
        """Which of the arrays is being filled, and how far."""

    def most(self, records: int) -> NDArray[np.void]:
        """Return room for so many *records*, which are undefined."""
        while self._at < len(self._arrays) and self._filled + records > len(self._arrays[self._at]):
            self._at, self._filled = self._at + 1, 0
        if self._at == len(self._arrays):
            self._arrays.append(np.empty(_MORE * records, EVENT))
        return self._arrays[self._at][self._filled : self._filled + records]

    def fill(self, records: int) -> None:
        """Keep the first *records* of the room that was handed out last."""
        self._filled += records

    def empty(self, *, again: bool) -> None:
        """Keep nothing; *again* is whether the memory may be used again, as nobody else looks at it."""
        self._at = self._filled = 0
        if not again:
            self._arrays = []
