"""Who saw what in an hour, for reading."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


def reached(
    items: NDArray[np.int32],
    viewers: NDArray[np.int32],
    billed: NDArray[np.bool_],
    ends: NDArray[np.int64],
    found: NDArray[np.int64],
) -> None:
    """Write how many viewers each line item reached to *found*, int64, hours × line items.

    *items* and *viewers* are those of won slots, of which those that are *billed* count, and *ends* where
    each hour's end.
    """
    found[:] = 0
    for hour, (begin, end) in enumerate(pairwise([0, *ends.tolist()])):
        pairs = zip(items[begin:end].tolist(), viewers[begin:end].tolist(), billed[begin:end], strict=True)
        for item, _ in {(item, viewer) for item, viewer, counts in pairs if counts}:
            found[hour, item] += 1
