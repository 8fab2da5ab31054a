"""What viewers remember in small random markets: nothing, or counts that are already near their limits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim import layout as at
from sim.events import FREQUENCY_BUCKETS, POD_SHIFT
from sim.memory import BLOCK, MemoryArrays, notes_for
from sim.reference.counters import Counted, remember
from tests.shapes import Shape


def random_memory(
    shape: Shape, rng: np.random.Generator, viewers: NDArray[np.void], book: at.BookArrays, devices: int
) -> MemoryArrays:
    """Return what *viewers* remember of *book*."""
    viewers["household"] = viewers["household"][np.arange(shape.viewers) // shape.household * shape.household]
    counters = shape.viewers * (devices if shape.counted_by == at.COUNTED_DEVICE else 1)
    counted: Counted = {}
    seen = np.zeros((shape.viewers, shape.items), np.uint8)
    if not shape.cold:
        size = counters, shape.caps
        reached = book.caps["limit"].astype(np.int64) - rng.choice([0, 1, 2, 100], size)
        window, reached = rng.integers(0, 3, size), np.maximum(reached, 0)
        lasting = np.argwhere((book.caps["clock"] != at.CLOCK_POD) & (reached > 0)).tolist()
        counted = {(who, c): (int(window[who, c]), int(reached[who, c])) for who, c in lasting}
        seen[:] = rng.choice([0, 0, 1, 2, 5, 9, 250, 254, 255], seen.shape)
    frequency = np.zeros((shape.items, len(FREQUENCY_BUCKETS)), np.int64)
    for bucket, (least, most) in enumerate([(1, 1), (2, 2), (3, 5), (6, 9), (10, 255)]):
        frequency[:, bucket] = ((seen >= least) & (seen <= most)).sum(axis=0)
    homes = np.searchsorted(viewers["household"], viewers["household"]).astype(np.int32)
    sessions = np.zeros(shape.viewers, at.SESSION)
    lost_to = np.zeros((shape.items + 1, shape.items), np.int32)
    # As many blocks as if each counter had a word of every cap.
    blocks = counters * (1 + -(-shape.caps // (BLOCK - 1)))
    memory = MemoryArrays(
        viewers,
        sessions,
        np.zeros((blocks, BLOCK), np.uint64),
        np.array([counters]),
        homes,
        seen,
        frequency,
        lost_to,
        notes=notes_for(shape.items, shape.caps, 1 << POD_SHIFT),
    )
    remember(memory, counters, counted, book.caps["limit"].tolist())
    return memory
