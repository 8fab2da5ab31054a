"""Bids for a slot from outside the registry: one, inlined into the tick, or the best two of several."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.numbers import LOW, mix, quantile
from sim.layout import AMBIENT_MOST, FACTOR_BITS, RIVAL_BITS, RIVAL_STEPS

_MOST = np.int64(AMBIENT_MOST)
_NARROW = RIVAL_STEPS.bit_length() - 1
_WIDE = 2 * _NARROW


@njit(cache=True, nogil=True, forceinline=True)
def outside_bid(table, presence, scale, floor, draw):
    """Return the bid of ambient demand, micros per impression, 0 for none at the *floor* or above."""
    if np.int64(draw & LOW) >= presence:
        return np.int64(0)
    bid = min((quantile(table, mix(draw)) * scale) >> FACTOR_BITS, _MOST)
    return bid if bid >= floor else np.int64(0)


@njit(cache=True, nogil=True, forceinline=True)
def rival_bids(table, rivals, rates, heard, number, place, floor, draw):
    """Return the bids of the best two of a *number* of rivals, 0 for one below the *floor* or for nobody."""
    step, luck = quantile(table, mix(draw)), mix(mix(draw))
    best = rival_bid(rivals, rates, heard, number, place, floor, step)
    return best, rival_bid(rivals, rates, heard, number, place, floor, step + quantile(table, luck))


@njit(cache=True, nogil=True, forceinline=True)
def rival_bid(rivals, rates, heard, number, place, floor, steps):
    """Return the bid of a rival of a *number*, at those *steps* from the highest value; 0 as above."""
    if number < 0:
        return np.int64(0)
    bid = _bid(rivals, heard, number, place, (steps * rates[number]) >> RIVAL_BITS)
    return bid if bid >= floor else np.int64(0)


@njit(cache=True, nogil=True, forceinline=True)
def _bid(rivals, heard, number, place, share):
    # Of whoever has that share of the values above its own.
    if share >= heard[place]:
        return np.int64(0)
    part, shift = (0, _WIDE) if share >= (1 << _WIDE) else (1, _NARROW)
    index, way = share >> shift, share & ((1 << shift) - 1)
    below = rivals[number, place, part, index]
    return below + (((rivals[number, place, part, index + 1] - below) * way) >> shift)
