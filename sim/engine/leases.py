"""Leases: what each shard may spend in a tick, so that all shards together never spend too much."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.engine.forecast import SHARE_BITS
from sim.streams import mix

UNLIMITED = 1 << 60
"""The lease of a budget that does not exist."""


def split(
    micros: NDArray[np.int64],
    highest: NDArray[np.int64],
    shares: NDArray[np.int64],
    addresses: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """Return the leases, shards × line items, in whole multiples of each line item's highest possible bid.

    *shares* are the shards' expected traffic in 1/2**SHARE_BITS; what they leave over goes around the shards,
    one bid each, from a place that *addresses* (one hash per line item) chooses anew for every tick.
    """
    shards = len(shares)
    units = micros // np.maximum(highest, 1)
    given = (units >> SHARE_BITS) * shares + (((units & ((1 << SHARE_BITS) - 1)) * shares) >> SHARE_BITS)
    left = units - given.sum(axis=0)
    first = (addresses % np.uint64(shards)).astype(np.int64)
    turn = (np.arange(shards)[:, None] - first) % shards
    given += left // shards + (turn < left % shards)
    leases: NDArray[np.int64] = np.where(micros >= UNLIMITED, UNLIMITED, given * np.maximum(highest, 1))
    return leases


def rotation(salt: int, tick: int, keys: list[int]) -> NDArray[np.uint64]:
    """Return the hash of each line item's key in this tick, uint64."""
    moment = mix(salt + tick)
    return np.array([mix(moment ^ key) for key in keys], np.uint64)
