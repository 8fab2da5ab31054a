"""Which line items a pod matches: flight, status and targeting, by words of bits, inlined into the tick."""

from __future__ import annotations

import numpy as np
from numba import literal_unroll, njit

from sim.events import NO_GENRE
from sim.layout import ONE_VALUED

# Position of a single bit, by the top six bits of its product with a de Bruijn sequence.
_DE_BRUIJN = 0x03F79D71B4CB0A89
_BIT = np.zeros(64, np.int64)
for _i in range(64):
    _BIT[((_DE_BRUIJN << _i) & ((1 << 64) - 1)) >> 58] = _i
_SEQUENCE = np.uint64(_DE_BRUIJN)


@njit(cache=True, nogil=True, inline="always")
def matching(pod, person, live, masks, candidates):  # type: ignore[no-untyped-def]
    """Return how many line items match a *pod*, their positions written to *candidates* in their order."""
    matched = 0
    for w in range(len(live)):
        admits, refuses = masks.genre[pod.genre, w], masks.not_genre[pod.genre, w]
        if pod.second_genre != NO_GENRE:
            admits |= masks.genre[pod.second_genre, w]
            refuses |= masks.not_genre[pod.second_genre, w]
        word = live[w] & admits & ~refuses & masks.kind[person.kind, w]
        k = 0
        for trait in literal_unroll(ONE_VALUED):
            word &= masks.pod[k, pod[trait], w]
            k += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
        while word != 0:
            lowest = word & (~word + np.uint64(1))
            candidates[matched] = 64 * w + _BIT[np.int64((lowest * _SEQUENCE) >> np.uint64(58))]
            matched += 1
            word ^= lowest
    return matched
