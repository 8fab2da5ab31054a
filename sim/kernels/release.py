"""What the parts of a tick release: how the allowance grows while the tick goes on."""

from __future__ import annotations

import numpy as np
from numba import njit

NEVER = np.int64((1 << 63) - 1)
"""When the part after the last begins."""


@njit(cache=True, nogil=True)
def release(quotes, parts, releases, coming, second):
    """Return which part comes next and when, after those that began until *second* from part *coming* on.

    What they release is added to the allowance of each line item in *quotes*.
    """
    while coming < len(parts) and parts[coming] <= second:
        for i in range(len(quotes)):
            quotes[i].allowance += releases[coming, i]
        coming += 1
    return coming, parts[coming] if coming < len(parts) else NEVER
