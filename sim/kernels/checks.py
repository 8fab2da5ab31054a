"""The checks that an opportunity meets before its bid, targeting first, inlined into the tick."""

from __future__ import annotations

import numpy as np
from numba import literal_unroll, njit

from sim import layout as at
from sim.events import NO_GENRE
from sim.kernels.bids import factor_at
from sim.kernels.numbers import LOW, mix, person_draw
from sim.layout import ONE_VALUED


@njit(cache=True, nogil=True, forceinline=True)
def matching(pod, person, live, masks, w):
    """Return the bits of the line items of word *w* that match a *pod*."""
    # Of a title with one genre it is read twice: where no branch is, none is foretold wrongly.
    second = pod.genre if pod.second_genre == NO_GENRE else pod.second_genre
    admits = masks.genre[pod.genre, w] | masks.genre[second, w]
    refuses = masks.not_genre[pod.genre, w] | masks.not_genre[second, w]
    word = live[w] & admits & ~refuses & masks.kind[np.uint32(person.kind), w]
    k = 0
    for trait in literal_unroll(ONE_VALUED):
        word &= masks.pod[k, pod[trait], w]
        k += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
    return word


@njit(cache=True, nogil=True, forceinline=True)
def bid_of(values, item, quote, address):
    """Return the bid of a plain line item for the slot at *address*, micros per impression."""
    if item.values < 0:
        return quote.bid
    factor = factor_at(values, item.values, item.form, mix(address))
    return min((quote.bid * factor) >> at.FACTOR_BITS, quote.max_bid)


@njit(cache=True, nogil=True, forceinline=True)
def recognised(match, salt, person, session):
    """Return whether a session of a viewer is matched to an identity; *match* is a share on 32 bits."""
    draw = mix(person_draw(person, salt) + np.uint64(session))
    return np.int64(draw & LOW) < match


@njit(cache=True, nogil=True, forceinline=True)
def counter(by, viewer, home, device, devices):
    """Return the row of counts by which caps go for a recognised viewer on *device*, *by* COUNTED_BY."""
    if by == at.COUNTED_HOUSEHOLD:
        return home
    if by == at.COUNTED_DEVICE:
        return viewer * devices + device
    return viewer


@njit(cache=True, nogil=True, forceinline=True)
def separated(advertisers, categories, shown, item):
    """Return whether an ad of the same advertiser, or separated category, is in the pod."""
    found = False
    for k in range(shown):
        found |= alike(item, advertisers[k], categories[k])
    return found


@njit(cache=True, nogil=True, forceinline=True)
def alike(item, advertiser, category):
    """Return whether *item* is of that advertiser or separated category."""
    return (item.advertiser == advertiser) | ((item.category >= 0) & (item.category == category))


@njit(cache=True, nogil=True, forceinline=True)
def floor_of(item, floor, position_floor):
    """Return the floor of a bid of *item*: its deal's, or the slot's, that of a position if it buys one."""
    if item.floor >= 0:
        return item.floor
    return position_floor if item.ends != 0 else floor
