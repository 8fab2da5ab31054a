"""What a slot is worth to a line item, and what is bid for it, where the draw alone does not say."""

from __future__ import annotations

import numpy as np
from numba import literal_unroll, njit

from sim import layout as at
from sim.kernels.numbers import (
    FRACTION_BITS,
    FRACTION_MASK,
    FRACTION_SHIFT,
    HALF,
    INDEX_SHIFT,
    LAST_STEP,
    LOW,
    SALT,
    TABLE_SHIFT,
    TABLE_STEPS,
    mix,
    person_draw,
)
from sim.layout import ONE_VALUED, SHADE_STEPS, VIEWER_TRAITS

_ONE = 1 << at.FACTOR_BITS
_ALONE = 1 << at.WEIGHT_BITS
_MOST = np.int64(at.MOST_FACTOR)
_SPAN = at.NORMAL_MOST << at.NORMAL_BITS
_STEP_BITS = at.NORMAL_BITS + at.NORMAL_MOST.bit_length() - at.TABLE_BITS  # of 2 × NORMAL_MOST in the table
_STEP_MASK = (1 << _STEP_BITS) - 1
_SCALE_BITS = 36
_UP = (1 << _SCALE_BITS) - 1
_POINT = 20
_POINT_MASK = (1 << _POINT) - 1
_TWO = np.uint64(2)
_SIGN = np.uint64(1)


@njit(cache=True, nogil=True, forceinline=True)
def factor_at(values, row, form, draw):
    """Return the factor that *row* of the value tables, read as *form*, has at a 64-bit *draw*."""
    # As `quantile`, on a row of the tables.
    index = np.int64(draw >> INDEX_SHIFT)
    part = np.int64((draw >> FRACTION_SHIFT) & FRACTION_MASK)
    if form == at.ATOMS:
        part = np.int64(part >= values[row, TABLE_STEPS + index]) << FRACTION_BITS
    elif form == at.TAILED and index == LAST_STEP:
        draw <<= TABLE_SHIFT
        index += np.int64(draw >> INDEX_SHIFT)
        part = np.int64((draw >> FRACTION_SHIFT) & FRACTION_MASK)
    below = values[row, index]
    return below + (((values[row, index + 1] - below) * part) >> FRACTION_BITS)


@njit(cache=True, nogil=True, forceinline=True)
def codes_of(pod, person, hours, codes):
    """Write the values that TILTED have for a pod and its viewer to *codes*."""
    k = 0
    for trait in literal_unroll(VIEWER_TRAITS):
        codes[k] = person[trait]
        k += 1
    for trait in literal_unroll(ONE_VALUED):
        codes[k] = pod[trait]
        k += 1
    codes[k] = pod.genre
    codes[k + 1] = hours[person.region]


@njit(cache=True, nogil=True, forceinline=True)
def valued_bid(book, shades, salts, item, quote, slot, person, codes):
    """Return the bid of a line item of *book* that is not plain, micros per impression."""
    affinity = affinity_of(book.normal, salts, item, person)
    return paced_bid(shades, salts, item, quote, slot, bid_factor(book, salts, item, slot, affinity, codes))


@njit(cache=True, nogil=True, forceinline=True)
def affinity_of(normal, salts, item, person):
    """Return the part of a worth's deviate that the id of a *person* alone decides, weighted."""
    if item.affinity == 0:
        return np.int64(0)
    met = mix(person_draw(person, salts[SALT.affinity]) ^ item.key)
    return item.affinity * _deviate(normal, met)


@njit(cache=True, nogil=True, forceinline=True)
def bid_factor(book, salts, item, slot, affinity, codes):
    """Return what multiplies the paced maximum of a line item that is not plain, in 1/2**FACTOR_BITS.

    *affinity* is the `affinity_of` the person.
    """
    draw = _draw(book.normal, book.below, salts, item, slot, affinity)
    return _factor(book, item, item.values, item.form, draw, codes)


@njit(cache=True, nogil=True, forceinline=True)
def paced_bid(shades, salts, item, quote, slot, factor):
    """Return the bid of a line item that is not plain, micros per impression, by its `bid_factor`."""
    bid = min((quote.bid * factor) >> at.FACTOR_BITS, quote.max_bid)
    if item.shade < 0:
        return bid
    return _shaded(shades, item, quote, bid, mix(slot ^ item.key ^ salts[SALT.shade]))


@njit(cache=True, nogil=True, forceinline=True)
def worth_of(book, salts, item, quote, slot, person, codes):
    """Return what a slot is worth to a line item of *book*, micros per impression."""
    draw = np.uint64(0)
    if item.worths >= 0:
        affinity = affinity_of(book.normal, salts, item, person)
        draw = _draw(book.normal, book.below, salts, item, slot, affinity)
    factor = _factor(book, item, item.worths, item.worth_form, draw, codes)
    return (quote.max_bid * factor) >> at.FACTOR_BITS


@njit(cache=True, nogil=True, forceinline=True)
def _factor(book, item, row, form, draw, codes):
    factor = np.int64(_ONE)
    if row >= 0:
        factor = factor_at(book.values, row, form, draw)
    for t in range(item.first_tilt, item.first_tilt + item.tilts):
        tilt = book.tilts[t, codes[book.tilted_by[t]]]
        factor = min((factor * tilt) >> at.FACTOR_BITS, _MOST)
    return factor


@njit(cache=True, nogil=True, forceinline=True)
def _draw(normal, below, salts, item, slot, affinity):
    # A normal deviate of all parts, and the share of such deviates that lie below it.
    draw = mix(slot ^ item.key ^ salts[SALT.value])
    if item.noise != _ALONE:
        deviate = item.noise * _deviate(normal, draw) + affinity
        if item.common != 0:
            deviate += item.common * _deviate(normal, mix(slot ^ salts[SALT.common]))
        place = min(max((deviate >> at.WEIGHT_BITS) + _SPAN, 0), 2 * _SPAN - 1)
        index, way = place >> _STEP_BITS, place & _STEP_MASK
        share = below[index] + (((below[index + 1] - below[index]) * way) >> _STEP_BITS)
        draw = np.uint64(share) << _TWO
    return draw


@njit(cache=True, nogil=True, forceinline=True)
def _deviate(normal, draw):
    sign = draw & _SIGN
    index = np.int64(draw >> INDEX_SHIFT)
    if index == LAST_STEP:
        draw <<= TABLE_SHIFT
        index += np.int64(draw >> INDEX_SHIFT)
    part = np.int64((draw >> FRACTION_SHIFT) & FRACTION_MASK)
    distance = normal[index] + (((normal[index + 1] - normal[index]) * part) >> FRACTION_BITS)
    return distance if sign == 0 else -distance


@njit(cache=True, nogil=True, forceinline=True)
def _shaded(shades, item, quote, worth, draw):
    place = (worth * quote.scale) >> (_SCALE_BITS - _POINT)
    index, way = place >> _POINT, place & _POINT_MASK
    below = shades[item.shade, index]
    bid = below + (((shades[item.shade, index + 1] - below) * way) >> _POINT)
    # Some bids explore; all others are spread over one step, or bidders who learned the same would tie.
    room = worth - bid
    if np.int64(draw & LOW) >= item.explore:
        room = min(room, quote.max_bid // SHADE_STEPS)
    return bid + ((room * np.int64(draw >> HALF)) >> 32)


@njit(cache=True, nogil=True, forceinline=True)
def observe(landscape, items, quotes, asked, bids, leasts, count, ambient):
    """Count, for each of *count* line items that bid and shade, the least bid that would have won the slot.

    *asked* are their positions, *bids* what they bid with a deal's priority above it, -1 below their floor,
    and *leasts* their floors; *ambient* is the bid from outside.
    """
    first, best, second = -1, ambient, np.int64(0)
    for b in range(count):
        if bids[b] > best:
            first, best, second = b, bids[b], best
        elif bids[b] > second:
            second = bids[b]
    for b in range(count):
        item, quote = items[asked[b]], quotes[asked[b]]
        if item.shade >= 0:
            least = max(leasts[b], second if b == first else best)
            landscape[item.shade, step_of(least, quote)] += 1


@njit(cache=True, nogil=True, forceinline=True)
def step_of(least, quote):
    """Return the step of the maximum bid that *least* micros are within."""
    if least > quote.max_bid:
        return SHADE_STEPS + 1
    return (least * quote.scale + _UP) >> _SCALE_BITS
