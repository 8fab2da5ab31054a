"""Whole numbers in as few bits as their range needs, the lowest bits first."""

from __future__ import annotations

import numpy as np
from numba import njit

BLOCK, PARTS = 128, 4
"""Differences that share a least one, and parts of them that share a width."""
_PART = BLOCK // PARTS
_BYTE, _SEVEN, _HALF = np.uint64(0xFF), np.uint64(0x7F), np.uint64(32)


@njit(cache=True, nogil=True)
def pack(values, width, out, at):
    """Write the lowest *width* bits, at most 63, of *values* to *out* from *at* on; return where they end.

    *out* are bytes. What is left of the last four is zeros.
    """
    waiting, bits, step = np.uint64(0), np.uint64(0), np.uint64(width)
    mask = (np.uint64(1) << step) - np.uint64(1)
    for value in values:
        taken = np.uint64(value) & mask
        waiting |= taken << bits
        if bits + step < 64:
            bits += step
        else:  # the rest of it waits
            at = _half(waiting, out, at)
            waiting = (waiting >> _HALF) | ((taken >> (np.uint64(63) - bits)) >> np.uint64(1)) << _HALF
            bits += step - _HALF
        while bits >= _HALF:
            at = _half(waiting, out, at)
            waiting >>= _HALF
            bits -= _HALF
    return _half(waiting, out, at) if bits else at


def room_for(values: int) -> int:
    """Return how many bytes `delta` may need: 8 for each of *values*, in full blocks, and what is between."""
    blocks = values // BLOCK + 1
    return 8 * BLOCK * blocks + (10 + PARTS) * blocks + 40


@njit(cache=True, nogil=True)
def delta(values, out):
    """Write *values*, at least one, to *out* as DELTA_BINARY_PACKED; return how many bytes that takes.

    *out* are bytes, as many as `room_for` says. Differences need at most 63 bits.
    """
    n = len(values)
    at = _varint(np.uint64(BLOCK), out, 0)
    at = _varint(np.uint64(PARTS), out, at)
    at = _varint(np.uint64(n), out, at)
    at = _varint(_zigzag(np.int64(values[0])), out, at)
    steps = np.empty(BLOCK, np.int64)
    for begin in range(1, n, BLOCK):
        count = min(BLOCK, n - begin)
        least = np.int64(values[begin]) - np.int64(values[begin - 1])
        for i in range(count):
            steps[i] = np.int64(values[begin + i]) - np.int64(values[begin + i - 1])
            least = min(least, steps[i])
        for i in range(count, BLOCK):
            steps[i] = least
        at = _varint(_zigzag(least), out, at)
        widths, at = at, at + PARTS
        for part in range(PARTS):
            first = part * _PART
            used = np.uint64(0)
            for i in range(first, first + _PART):
                steps[i] -= least
                used |= np.uint64(steps[i])
            width = 0
            while used:
                width += 1
                used >>= np.uint64(1)
            out[widths + part] = width
            if first < count:  # others have a width, and nothing else
                at = pack(steps[first : first + _PART], width, out, at)
    return at


@njit(cache=True, nogil=True)
def _half(word, out, at):
    for k in range(4):
        out[at + k] = (word >> np.uint64(8 * k)) & _BYTE
    return at + 4


@njit(cache=True, nogil=True)
def _varint(number, out, at):
    while number > _SEVEN:
        out[at] = (number & _SEVEN) | np.uint64(0x80)
        number >>= np.uint64(7)
        at += 1
    out[at] = number
    return at + 1


@njit(cache=True, nogil=True)
def _zigzag(number):
    return (np.uint64(number) << np.uint64(1)) ^ np.uint64(number >> 63)
