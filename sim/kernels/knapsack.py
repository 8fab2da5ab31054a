"""The best set of ads for a pod of so many seconds: a knapsack with one choice for each group, exact."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.layout import FIRST, LAST

_EITHER = FIRST | LAST


@njit(cache=True, nogil=True)
def knapsack(options, seconds, ads):
    """Return the positions of the best set among *options* (OPTION records), in the order of play, int64.

    What makes a set the best, and its order, the readable twin says.

    Multiple-choice knapsack (Kellerer, Pferschy and Pisinger, 2004, chapter 11), by dynamic programming over
    groups, with the state (seconds in their greatest common divisor, ads, ends of the pod).
    """
    unit, width, layers, states = _shape(options, seconds, ads)
    first, following, groups = _by_group(options)
    lengths = options.seconds // unit
    cells = (width + 1) * layers * states
    value, tie = np.zeros(cells, np.int64), np.zeros(cells, np.int64)
    choice = np.full((groups, cells), -1, np.int32)
    step = 1 if layers > 1 else 0
    for g in range(groups):
        for u in range(width, 0, -1):
            for k in range(step, layers):
                for s in range(states):
                    cell = (u * layers + k) * states + s
                    most, luck, pick = value[cell], tie[cell], np.int64(-1)
                    o = first[g]
                    while o >= 0:
                        left = u - lengths[o]
                        ends = np.int64(options[o].ends)
                        if left >= 0:
                            # Without an end to take there is one way to add it, at an end there may be two.
                            for end in range(3):
                                if (end & ends) != end or (end == 0) != (ends == 0) or (s & end) != end:
                                    continue
                                source = (left * layers + k - step) * states + (s ^ end)
                                sum_ = value[source] + options[o].value
                                lucky = tie[source] + options[o].tie
                                if sum_ > most or (sum_ == most and lucky > luck):
                                    most, luck, pick = sum_, lucky, 4 * o + end
                        o = following[o]
                    if pick >= 0:
                        value[cell], tie[cell], choice[g, cell] = most, luck, pick
    chosen = np.empty(min(groups, ads), np.int64)
    n = 0
    u, k, s = width, layers - 1, states - 1
    for g in range(groups - 1, -1, -1):
        pick = np.int64(choice[g, (u * layers + k) * states + s])
        if pick >= 0:
            chosen[n] = pick >> 2
            n += 1
            u -= lengths[pick >> 2]
            k -= step
            s ^= pick & 3
    return _in_order(options, chosen[:n])


@njit(cache=True, nogil=True)
def worth(options, seconds, ads, without):
    """Return the value of the best set of *options* other than those of the advertiser *without*."""
    unit, width, layers, states = _shape(options, seconds, ads)
    first, following, groups = _by_group(options)
    lengths = options.seconds // unit
    value = np.zeros((width + 1) * layers * states, np.int64)
    step = 1 if layers > 1 else 0
    for g in range(groups):
        for u in range(width, 0, -1):
            for k in range(step, layers):
                for s in range(states):
                    most = value[(u * layers + k) * states + s]
                    o = first[g]
                    while o >= 0:
                        left = u - lengths[o]
                        ends = np.int64(options[o].ends)
                        if left >= 0 and options[o].advertiser != without:
                            for end in range(3):
                                if (end & ends) != end or (end == 0) != (ends == 0) or (s & end) != end:
                                    continue
                                source = (left * layers + k - step) * states + (s ^ end)
                                most = max(most, value[source] + options[o].value)
                        o = following[o]
                    value[(u * layers + k) * states + s] = most
    return value[-1]


@njit(cache=True, nogil=True)
def _shape(options, seconds, ads):
    # The unit of time, and the size of the table: units, numbers of ads, and ends of the pod.
    unit, shortest, ends = np.int64(0), np.int64(seconds) + 1, 0
    for o in range(len(options)):
        length = np.int64(options[o].seconds)
        shortest = min(shortest, length)
        ends |= options[o].ends
        while length != 0:
            unit, length = length, unit % length
    if unit == 0:
        return np.int64(1), np.int64(0), np.int64(1), np.int64(1)
    # Where the seconds are full before the number of ads is, they need not be counted.
    layers = np.int64(1) if seconds // shortest <= ads else np.int64(ads) + 1
    return unit, np.int64(seconds) // unit, layers, np.int64(4) if ends != 0 else np.int64(1)


@njit(cache=True, nogil=True)
def _by_group(options):
    # Chains of options: the first of each group, and what follows on each.
    groups = 0
    for o in range(len(options)):
        groups = max(groups, options[o].group + 1)
    first, following = np.full(groups, -1, np.int64), np.full(len(options), -1, np.int64)
    for o in range(len(options)):
        following[o] = first[options[o].group]
        first[options[o].group] = o
    return first, following, groups


@njit(cache=True, nogil=True)
def _in_order(options, chosen):
    for a in range(1, len(chosen)):
        b = a
        while b > 0 and _before(options, chosen[b], chosen[b - 1]):
            chosen[b], chosen[b - 1] = chosen[b - 1], chosen[b]
            b -= 1
    # Who must be first or last is; who may be either takes the end that is left, the best of them the first.
    opening = closing = np.int64(-1)
    for o in chosen:
        if options[o].ends == FIRST:
            opening = o
        elif options[o].ends == LAST:
            closing = o
    for o in chosen:
        if options[o].ends == _EITHER:
            if opening < 0:
                opening = o
            else:
                closing = o
    ordered = np.empty(len(chosen), np.int64)
    n = 0
    if opening >= 0:
        ordered[0] = opening
        n = 1
    for o in chosen:
        if o != opening and o != closing:
            ordered[n] = o
            n += 1
    if closing >= 0:
        ordered[n] = closing
    return ordered


@njit(cache=True, nogil=True, forceinline=True)
def _before(options, a, b):
    one, other = options[a], options[b]
    return one.value > other.value or (one.value == other.value and one.tie > other.tie)
