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
    share = (steps * rates[max(number, 0)]) >> RIVAL_BITS  # of the values, those above its own
    wide = share >= 1 << _WIDE
    part, shift = (0, _WIDE) if wide else (1, _NARROW)
    index, way = min(share >> shift, RIVAL_STEPS - 1), share & ((1 << shift) - 1)
    below, above = rivals[max(number, 0), place, part, index], rivals[max(number, 0), place, part, index + 1]
    bid = below + (((above - below) * way) >> shift)
    return bid if (number >= 0) & (share < heard[place]) & (bid >= floor) else np.int64(0)


@njit(cache=True, nogil=True, forceinline=True)
def outside_of(market, slot, salt, cell, place, floor):
    """Return the draw of a *slot* for outside demand, its best bid, 0 as above, and the rival's steps."""
    draw, steps = mix(slot ^ salt), np.int64(0)
    if len(market.rival_rates) == 0:
        return draw, outside_bid(market.ambient, market.ambient_presence, cell, floor, draw), steps
    draw = mix(draw)
    steps = quantile(market.ambient, draw)
    best = rival_bid(market.rivals, market.rival_rates, market.rivals_heard, cell, place, floor, steps)
    return draw, best, steps


@njit(cache=True, nogil=True, forceinline=True)
def second_outside(market, draw, steps, cell, place, floor):
    """Return the bid of the next rival after that of `outside_of`: seldom asked for, and dear."""
    steps += quantile(market.ambient, mix(draw))
    return rival_bid(market.rivals, market.rival_rates, market.rivals_heard, cell, place, floor, steps)
