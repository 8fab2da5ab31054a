"""The best bid for each worth, by what has been learned of the least bids that win."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def shade(landscape, apart, wide, ever, near):
    """Return the bid for each worth, both in steps of the maximum bid, float64."""
    steps = len(landscape) - 2
    won = np.empty(steps + 1, np.int64)
    total = 0
    for step in range(steps + 1):
        total += landscape[step]
        won[step] = total
    first = 0
    while total and won[first] * ever <= total:
        first += 1
    best = np.empty(steps // apart + 1, np.float64)
    for row in range(len(best)):
        worth = row * apart
        if worth <= first:
            best[row] = worth
            continue
        most = 0
        for bid in range(worth):
            most = max(most, (worth - bid) * won[bid])
        least, count, bids = max(most - most // near, 1), 0, 0
        for bid in range(worth):
            if (worth - bid) * won[bid] >= least:
                count += 1
                bids += bid
        best[row] = bids / max(count, 1)
    sums = np.zeros(steps + 2, np.float64)
    for step in range(steps + 1):
        row, off = step // apart, step % apart
        between = best[row]
        if off:
            between += (best[row + 1] - best[row]) / apart * off
        sums[step + 1] = sums[step] + between
    found = np.empty(steps + 1, np.float64)
    for step in range(steps + 1):
        if step <= first:
            found[step] = step
            continue
        around = min(wide, step - first, steps - step)
        mean = (sums[step + around + 1] - sums[step - around]) / (2 * around + 1)
        found[step] = min(max(mean, first), step)
    return found
