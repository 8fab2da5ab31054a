"""Every bid of some viewers, written down with what became of it, inlined into the tick."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.events import BID_OUTCOMES
from sim.kernels.numbers import HALF, SALT, columns, person_draw

OUTCOME = columns(BID_OUTCOMES, range(len(BID_OUTCOMES)))
"""What becomes of a bid, by its name."""
NOBODY, AMBIENT = -2, -1
"""Whom a bid lost to that lost to no line item."""


@njit(cache=True, nogil=True, forceinline=True)
def is_written(bids_of, salts, person):
    """Return whether the bids of the viewer of that id are written, where a share of *bids_of* is."""
    return bids_of > 0 and np.int64(person_draw(person, salts[SALT.sample]) >> HALF) < bids_of


@njit(cache=True, nogil=True, forceinline=True)
def note_bid(notes, k, i, bid, floor, outcome):
    """Note the bid of line item *i* as number *k* of its slot, and what is known to become of it."""
    notes.bid_items[k], notes.bids[k], notes.bid_floors[k] = i, bid, floor
    notes.bid_outcomes[i], notes.lost_to[i] = outcome, NOBODY


@njit(cache=True, nogil=True)
def write_bids(notes, count, bids, bids_written, slot, second, person, ambient):
    """Write the *count* bids that are noted of the slot of that id."""
    for k in range(count):
        i = notes.bid_items[k]
        record = bids[bids_written[0] + k]
        record.slot_id = slot
        record.bid_micros = notes.bids[k]
        record.floor_micros = notes.bid_floors[k]
        record.ambient_micros = ambient
        record.ts = second
        record.viewer_id = person
        record.line_item = i
        record.lost_to = notes.lost_to[i]
        record.outcome = notes.bid_outcomes[i]
    bids_written[0] += count
