"""Leases: what each shard may spend in a tick, so that all shards together keep within the budgets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.forecast import SHARE_BITS
from sim.streams import mix

UNLIMITED = 1 << 60
"""The lease where there is no budget, micros."""


def split(
    micros: NDArray[np.int64],
    highest: NDArray[np.int64],
    bounds: NDArray[np.int64],
    addresses: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """Return the leases, shards × line items, in whole multiples of each line item's highest possible bid.

    Of *micros* there may be several rows of line items, which each become such a table.
    *bounds* are where each shard's expected traffic begins (shards + 1 rows, in 1/2**SHARE_BITS). Bids lie on
    that scale at even steps, from a start that *addresses* (one hash per line item and tick) chooses, and
    each shard gets those between its bounds: systematic sampling.
    """
    units = micros[..., None, :] // np.maximum(highest, 1)
    rounds, rest = units >> SHARE_BITS, units & ((1 << SHARE_BITS) - 1)
    first = (addresses >> np.uint64(64 - SHARE_BITS)).astype(np.int64)
    marks = rounds * bounds + ((rest * bounds + first) >> SHARE_BITS)
    given = marks[..., 1:, :] - marks[..., :-1, :]
    unlimited = micros[..., None, :] >= UNLIMITED
    leases: NDArray[np.int64] = np.where(unlimited, UNLIMITED, given * np.maximum(highest, 1))
    return leases


def rotation(salt: int, tick: int, keys: list[int]) -> NDArray[np.uint64]:
    """Return the hash of each line item's key in this tick, uint64."""
    moment = mix(salt + tick)
    return np.array([mix(moment ^ key) for key in keys], np.uint64)
