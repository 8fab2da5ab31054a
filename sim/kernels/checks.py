"""The checks that an opportunity meets before its bid, targeting first, inlined into the tick."""

from __future__ import annotations

import numpy as np
from numba import literal_unroll, njit

from sim import layout as at
from sim.events import NO_GENRE
from sim.kernels.bids import factor_at
from sim.kernels.numbers import LOW, mix, person_draw
from sim.layout import ONE_VALUED

# Position of a single bit, by the top six bits of its product with a de Bruijn sequence.
_DE_BRUIJN = 0x03F79D71B4CB0A89
_BIT = np.zeros(64, np.int64)
for _i in range(64):
    _BIT[((_DE_BRUIJN << _i) & ((1 << 64) - 1)) >> 58] = _i
_SEQUENCE = np.uint64(_DE_BRUIJN)


@njit(cache=True, nogil=True, forceinline=True)
def matching(pod, person, live, masks, candidates):
    """Return how many line items match a *pod*, their positions written to *candidates* in their order."""
    matched = 0
    for w in range(len(live)):
        matched = _add_members(_word(pod, person, live, masks, w), w, candidates, matched)
    return matched


@njit(cache=True, nogil=True, forceinline=True)
def note_matching(pod, person, live, masks, met):
    """Write the bits of the line items that match a *pod* to the words of *met*."""
    for w in range(len(live)):
        met[w] = _word(pod, person, live, masks, w)


@njit(cache=True, nogil=True, forceinline=True)
def members(met, those, candidates):
    """Return how many bits *met* and *those* share, their positions written to *candidates* in order."""
    matched = 0
    for w in range(len(met)):
        matched = _add_members(met[w] & those[w], w, candidates, matched)
    return matched


@njit(cache=True, nogil=True, forceinline=True)
def _word(pod, person, live, masks, w):
    admits, refuses = masks.genre[pod.genre, w], masks.not_genre[pod.genre, w]
    if pod.second_genre != NO_GENRE:
        admits |= masks.genre[pod.second_genre, w]
        refuses |= masks.not_genre[pod.second_genre, w]
    word = live[w] & admits & ~refuses & masks.kind[person.kind, w]
    k = 0
    for trait in literal_unroll(ONE_VALUED):
        word &= masks.pod[k, pod[trait], w]
        k += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
    return word


@njit(cache=True, nogil=True, forceinline=True)
def _add_members(word, w, candidates, matched):
    while word != 0:
        lowest = word & (~word + np.uint64(1))
        candidates[matched] = 64 * w + _BIT[np.int64((lowest * _SEQUENCE) >> np.uint64(58))]
        matched += 1
        word ^= lowest
    return matched


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
    for k in range(shown):
        if advertisers[k] == item.advertiser or (item.category >= 0 and categories[k] == item.category):
            return True
    return False


@njit(cache=True, nogil=True, forceinline=True)
def floor_of(item, floor, position_floor):
    """Return the floor of a bid of *item*: its deal's, or the slot's, that of a position if it buys one."""
    if item.floor >= 0:
        return item.floor
    return position_floor if item.ends != 0 else floor
