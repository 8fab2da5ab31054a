"""What a dynamic pod is offered: a bid's place among the others, its floor, and the ad that is shown."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.numbers import HALF, mix
from sim.layout import DEAL_BITS, DEAL_SHIFT, TIE_BITS

IN_AUCTION = (1 << DEAL_SHIFT) - 1
"""The bits of a value that are a bid's, below the weight of a deal."""
_DEALS = 8
_TIE_SHIFT = np.uint64(64 - TIE_BITS)
_TIE_MIDDLE = np.int64(1 << (TIE_BITS - 1))


@njit(cache=True, nogil=True, forceinline=True)
def offer(option, bid, draw):
    """Write a bid and its tie, by a 64-bit *draw*, to an OPTION record."""
    option.value = bid
    option.tie = np.int64(draw >> _TIE_SHIFT) - _TIE_MIDDLE


@njit(cache=True, nogil=True, forceinline=True)
def ad_floor(ad_floors, item, seconds, device, placement):
    """Return the floor of an ad of *item* of so many seconds: its deal's, or the market's."""
    if item.floor >= 0:
        return item.floor
    return ad_floors[1 if item.ends != 0 else 0, seconds, device, placement]


@njit(cache=True, nogil=True, forceinline=True)
def weight_of(priorities, priority):
    """Return the weight of a deal's *priority* among the *priorities* of the pod's bids, a bit for each."""
    if priority == 0:
        return np.int64(0)
    rank = 0
    for lower in range(1, priority):
        rank += (priorities >> lower) & 1
    return np.int64(1) << (DEAL_SHIFT + DEAL_BITS * min(rank, _DEALS - 1))


@njit(cache=True, nogil=True, forceinline=True)
def rotate_within(creatives, item, ad_floors, bid, room, device, placement, address):
    """Return what `rotate` does, among creatives that fit the room and whose floor the bid reaches."""
    last = item.first_creative + item.creatives
    total = 0
    for k in range(item.first_creative, last):
        length = np.int64(creatives[k].seconds)
        if length <= room and bid >= ad_floor(ad_floors, item, length, device, placement):
            total += creatives[k].weight
    draw = np.int64(((mix(address) >> HALF) * np.uint64(total)) >> HALF)
    for k in range(item.first_creative, last):
        length = np.int64(creatives[k].seconds)
        if length <= room and bid >= ad_floor(ad_floors, item, length, device, placement):
            draw -= creatives[k].weight
            if draw < 0:
                return k
    return last - 1
