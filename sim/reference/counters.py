"""Counters: what caps have counted of each viewer, as a dictionary and as the blocks that are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sim.memory import AT_LIMIT, BLOCK, COUNT_BITS, WINDOW_BITS, MemoryArrays

Counted = dict[tuple[int, int], tuple[int, int]]
"""For a counter and a cap: the window of the latest impression, and how many that window holds."""

_USED_UP = 1 << 32
"""In the last word of a counter's first block: how many of its caps are at their limit, above the link."""


def remembered(memory: MemoryArrays, counters: int) -> Counted:
    """Return what the blocks of so many *counters* hold."""
    found: Counted = {}
    for counter in range(counters):
        block = counter
        while True:
            *words, last = memory.counts[block].tolist()
            following = last % _USED_UP
            for word in words:
                rest, count = divmod(word % AT_LIMIT, 1 << COUNT_BITS)
                cap, window = divmod(rest, 1 << WINDOW_BITS)
                if cap:
                    found[counter, cap - 1] = window, count
            if not following:
                break
            block = following
    return found


def remember(
    memory: MemoryArrays,
    counters: int,
    counted: Mapping[tuple[int, int], tuple[int, int]],
    limits: Sequence[int],
) -> None:
    """Write all that is *counted* to the blocks, beginning with none; *limits* are those of the caps."""
    memory.counts[:] = 0
    memory.used[0] = counters
    last = {counter: (counter, 0) for counter in range(counters)}
    for (counter, cap), (window, count) in sorted(counted.items()):
        block, place = last[counter]
        if place == BLOCK - 1:
            memory.counts[block, place] += np.uint64(memory.used[0])
            block, place = int(memory.used[0]), 0
            memory.used[0] += 1
        word = ((cap + 1 << WINDOW_BITS) + window << COUNT_BITS) + count
        memory.counts[block, place] = np.uint64(word + AT_LIMIT * (count >= limits[cap]))
        last[counter] = block, place + 1
        memory.counts[counter, BLOCK - 1] += np.uint64(_USED_UP * (count >= limits[cap]))
