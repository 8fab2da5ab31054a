"""The best bid for each worth, as its compiled twin finds it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def shade(landscape: NDArray[np.int64], apart: int, wide: int, ever: int, near: int) -> NDArray[np.float64]:
    """Return the bid for each worth, both in steps of the maximum bid, float64.

    *landscape* is what a Learner keeps. The best bid is found for every worth that is a multiple of *apart*:
    the middle of those that gain the most but for one part in *near*. In between lie straight lines, and the
    mean of the neighbours up to *wide* steps away is taken. A bid that wins less often than once in *ever*
    auctions wins never; up to the first that does, the worth is bid.
    """
    won, steps = np.cumsum(landscape[:-1]), np.arange(len(landscape) - 1)
    worths = steps[::apart]
    first = int(np.argmax(won * ever > won[-1]))
    # A bid above the worth never gains.
    gains = np.maximum(worths[:, None] - steps, 0) * won
    most = gains.max(axis=1)
    among = gains >= np.maximum(most - most // near, 1)[:, None]
    best = (among * steps).sum(axis=1) / np.maximum(among.sum(axis=1), 1)
    # Below the lowest bid that ever wins nothing is to be gained: the truth keeps the table rising.
    best = np.interp(steps, worths, np.where(worths <= first, worths, best))
    sums = np.concatenate([[0.0], np.cumsum(best)])
    around = np.minimum(np.minimum(wide, np.maximum(steps - first, 0)), len(steps) - 1 - steps)
    smooth = (sums[steps + around + 1] - sums[steps - around]) / (2 * around + 1)
    smooth = np.where(steps > first, np.maximum(smooth, first), steps)
    return np.asarray(np.minimum(smooth, steps))
