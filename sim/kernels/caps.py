"""Frequency caps: what has been counted of a viewer, and which line items that keeps from it."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim import layout as at
from sim.kernels.memory import lowest
from sim.kernels.numbers import HALF, LOW
from sim.memory import AT_LIMIT, BLOCK, COUNT_BITS, WINDOW_BITS

WINDOW_MASK = (1 << WINDOW_BITS) - 1
_MOST = np.int64((1 << COUNT_BITS) - 1)
_COUNT = np.uint64(_MOST)
_CAP_SHIFT = np.uint64(COUNT_BITS + WINDOW_BITS)
_CAP = np.uint64((AT_LIMIT >> COUNT_BITS + WINDOW_BITS) - 1)
_TOP = np.uint64(AT_LIMIT.bit_length() - 1)
_AT_LIMIT = np.uint64(AT_LIMIT)
_LINK = BLOCK - 1
_ONE_USED_UP = np.uint64(1 << 32)


@njit(cache=True, nogil=True)
def tell_time(caps, windows, begun, present):
    """Write the windows that caps are in at second *begun* to *present*, and return when that changes.

    Those of pods and streams are told by the pod.
    """
    until = np.int64(1 << 62)
    for c in range(len(caps)):
        present[c] = windows[c]
        if caps[c].clock == at.CLOCK_MINUTE:
            # By when the pod began: a slot's own second can go back where two pods of a viewer overlap.
            present[c] = ((begun // 60 + np.int64(windows[c])) // caps[c].length) & WINDOW_MASK
            until = (begun // 60 + 1) * 60
    return until


@njit(cache=True, nogil=True, forceinline=True)
def _bar(caps, capped, c, barred, pod):
    for k in range(caps[c].first_item, caps[c].first_item + caps[c].items):
        barred[capped[k]] = pod


@njit(cache=True, nogil=True, forceinline=True)
def bar_known(book, memory, known, viewer, session, by, streams, pod):
    """Note who is kept out of the *pod* of that number by what was counted before.

    Caps of windows by the clock go by counter *known*, -1 for none, those of *streams* by the viewer's own.
    """
    caps, capped, counts = book.caps, book.capped, memory.counts
    present, barred = memory.notes.present, memory.notes.barred
    own = known == viewer and by == at.COUNTED_PERSON
    row, of_clock, of_stream = known, True, own
    if known < 0:
        row, of_clock, of_stream = viewer, False, True
    while True:
        used_up, block = np.int64(counts[row, _LINK] >> HALF), row
        while used_up > 0:
            at_limit = np.uint64(0)
            for k in range(_LINK):
                at_limit |= (counts[block, k] >> _TOP) << np.uint64(k)
            while at_limit != 0:
                k = lowest(at_limit)
                at_limit &= at_limit - np.uint64(1)
                used_up -= 1
                word = counts[block, k]
                c = np.int64(word >> _CAP_SHIFT & _CAP) - 1
                window = np.int64(word & LOW) >> COUNT_BITS
                if caps[c].clock == at.CLOCK_STREAM:
                    if of_stream and window == session & WINDOW_MASK:
                        _bar(caps, capped, c, barred, pod)
                elif of_clock and window == present[c]:
                    _bar(caps, capped, c, barred, pod)
                elif of_clock and window < present[c]:
                    # It is over: nobody looks at it again, until it counts anew.
                    counts[block, k] = word & ~(_COUNT | _AT_LIMIT)
                    counts[row, _LINK] -= _ONE_USED_UP
            block = np.int64(counts[block, _LINK] & LOW)
        if of_stream or not streams:
            return
        row, of_clock, of_stream = viewer, False, True


@njit(cache=True, nogil=True, forceinline=True)
def count(book, memory, item, viewer, known, session, pod):
    """Count a billed impression in every cap of *item*, and note who is kept out of the rest of the pod."""
    caps, capped, notes = book.caps, book.capped, memory.notes
    for k in range(item.first_cap, item.first_cap + item.caps):
        c = np.int64(book.cap_links[k])
        clock = caps[c].clock
        if clock == at.CLOCK_POD:
            # A viewer never meets a pod again: nothing of it is remembered.
            word = notes.in_pod[c]
            if word >> COUNT_BITS != pod:
                word = pod << COUNT_BITS
            many = min((word & _MOST) + 1, _MOST)
            notes.in_pod[c] = (pod << COUNT_BITS) + many
        else:
            row, window = known, notes.present[c]
            if clock == at.CLOCK_STREAM:
                row, window = viewer, session & WINDOW_MASK
            if row < 0:
                continue
            many = _add(caps, memory, row, c, window)
        if many >= caps[c].limit:
            _bar(caps, capped, c, notes.barred, pod)


@njit(cache=True, nogil=True, forceinline=True)
def _add(caps, memory, row, c, window):
    # Return how many impressions there are with this one.
    counts, block = memory.counts, row
    limit, name = np.int64(caps[c].limit), np.uint64(c + 1)
    while True:
        same = np.uint64(0)
        for k in range(_LINK):  # all of them, for no branch can be foretold
            same |= np.uint64((counts[block, k] >> _CAP_SHIFT) & _CAP == name) << np.uint64(k)
        following = np.int64(counts[block, _LINK] & LOW)
        if same != 0 or following == 0:
            break
        block = following
    if same != 0:
        k = lowest(same)
        word = counts[block, k]
        goes_on = np.int64(word & LOW) >> COUNT_BITS == window
        # A ghost and an ad in one slot may both count, beyond a limit that both kept.
        many = min((np.int64(word & _COUNT) if goes_on else np.int64(0)) + 1, _MOST)
    else:
        block, k = _room(caps, memory, row)
        word, many = counts[block, k], np.int64(1)
    reached = many >= limit
    counts[row, _LINK] += (np.uint64(reached) - (word >> _TOP)) << HALF
    known = (name << _CAP_SHIFT) | np.uint64((window << COUNT_BITS) + many)
    counts[block, k] = known | np.uint64(reached) << _TOP
    return many


@njit(cache=True, nogil=True)
def _room(caps, memory, row):
    # The block and the place of a word for another cap. What is over makes room for what begins.
    counts, present, block = memory.counts, memory.notes.present, row
    while True:
        for k in range(_LINK):
            word = counts[block, k]
            other = np.int64(word >> _CAP_SHIFT & _CAP) - 1
            if other < 0:
                return block, k
            lasts = caps[other].clock == at.CLOCK_STREAM
            if not lasts and np.int64(word & LOW) >> COUNT_BITS < present[other]:
                return block, k
        following = np.int64(counts[block, _LINK] & LOW)
        if following == 0:
            last, block = block, memory.used[0]
            memory.used[0] += 1
            counts[last, _LINK] |= np.uint64(block)
            return block, 0
        block = following
