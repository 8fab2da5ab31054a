"""Events of a tick are hashed, shard by shard."""

from __future__ import annotations

from itertools import compress, pairwise

import numpy as np
from numpy.typing import NDArray

from sim.engine.traffic import Loops
from sim.events import ALWAYS, OPTIONAL, bytes_of, digest_of


class Hashed:
    """Hashes the events of one tick after another, in memory that is used again."""

    def __init__(self, loops: Loops) -> None:
        self._loops = loops
        self._room = np.empty((0, ALWAYS.itemsize), np.uint8)

    def digests(self, events: NDArray[np.void], ends: NDArray[np.int64]) -> bytes:
        """Return the `events_digest` of each shard, one after the other; its EVENT records end at *ends*."""
        if len(self._room) < len(events):
            self._room = np.empty((len(events) * 5 // 4, ALWAYS.itemsize), np.uint8)
        used = np.zeros((len(ends), len(OPTIONAL)), np.bool_)
        self._loops.pack(bytes_of(events), ends, self._room, used)
        return b"".join(
            digest_of(self._room[begin:end], events[begin:end], list(compress(OPTIONAL, columns)))
            for (begin, end), columns in zip(pairwise([0, *ends.tolist()]), used, strict=True)
        )
