"""Who saw what in an hour: each viewer counts once, however often it was."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.memory import borrowed
from sim.kernels.numbers import GOLDEN, HALF

_LEAST = np.uint64(1)


@njit(cache=True, nogil=True)
def reached(items, viewers, billed, ends, found):
    """Write how many viewers each line item reached to *found*, int64, hours × line items.

    *items* and *viewers* are those of won slots, of which those that are *billed* count, and *ends* where
    each hour's end. Pairs are met in a table by their hash, twice as large as an hour has slots, in which a
    new one takes the next free place (Knuth, TAOCP, volume 3, section 6.4).
    """
    items, viewers, billed, found = borrowed((items, viewers, billed, found))
    found[:] = 0
    met, begin = np.empty(0, np.uint64), 0
    for hour in range(len(ends)):
        size, bits = np.int64(2), np.uint64(1)
        while size < 2 * (ends[hour] - begin):
            size, bits = 2 * size, bits + np.uint64(1)
        if len(met) < size:
            met = np.empty(size, np.uint64)
        met[:size] = 0
        for r in range(begin, ends[hour]):
            if not billed[r]:
                continue
            # Above zero, which is nobody.
            pair = (np.uint64(items[r]) << HALF | np.uint64(np.uint32(viewers[r]))) + _LEAST
            place = np.int64((pair * GOLDEN) >> (np.uint64(64) - bits))
            while met[place] != 0 and met[place] != pair:
                place = (place + 1) & (size - 1)
            if met[place] == 0:
                met[place] = pair
                found[hour, items[r]] += 1
        begin = ends[hour]
