"""Viewers whom a line item holds out, and the slots that it would have won of them."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.bids import worth_of
from sim.kernels.bids_written import OUTCOME
from sim.kernels.caps import count
from sim.kernels.checks import floor_of
from sim.kernels.delivery import describe, locate, play, rotate, settle
from sim.kernels.numbers import HALF, SALT, STAGE, mix, person_draw
from sim.layout import PRIORITY_BITS

_IN_AUCTION = (1 << PRIORITY_BITS) - 1


@njit(cache=True, nogil=True)
def absent_from(items, candidates, matched, viewer, salt, absent):
    """Write to *absent* which of the *matched* candidates never serve the viewer of that id."""
    draw = person_draw(viewer, salt)
    for c in range(matched):
        item = items[candidates[c]]
        absent[c] = np.int64(mix(draw ^ item.key) >> HALF) < item.held_out


@njit(cache=True, nogil=True)
def ghosts(
    book, market, quotes, memory, price, result, written, pod, position, slot, known, identity,
    standing, candidates, missed, missed_bids, ghosted, bidders, bids, codes, stamp,
):  # fmt: skip
    """Return how many EVENT records and *bidders* there are with those that are *missed* in a slot.

    Each is held against what is *standing*, the bids of all who may be served, as if it alone might be too.
    One that would win is written as a ghost, and counted in its caps; all others are bidders that lose.
    *stamp* is the pod's number in this call.
    """
    items, creatives, events, funnel, salts = (
        book.line_items, book.creatives, result.events, result.funnel, market.salts
    )  # fmt: skip
    best, best_bid, best_tie, rival, ambient = standing
    device, placement = pod.device, pod.placement
    floor, position_floor = market.floors[device, placement], market.position_floors[device, placement]
    slot_seconds, outside_tie = np.int64(pod.slot_seconds), mix(slot ^ salts[SALT.tie])
    for k in range(len(missed)):
        i, bid = candidates[missed[k]], missed_bids[k]
        item = items[i]
        tie = mix(slot ^ item.key ^ salts[SALT.tie])
        outbid = best >= 0 and (best_bid > bid or (best_bid == bid and best_tie > tie))
        if outbid or ambient > bid or (ambient == bid and outside_tie > tie):
            bidders[bids] = i
            bids += 1
            continue
        ghosted[missed[k]] = 1
        funnel[i, STAGE.ghosts] += 1
        memory.notes.bid_outcomes[i] = OUTCOME.ghost
        ahead = bid > _IN_AUCTION
        bid &= _IN_AUCTION
        against = best_bid if best >= 0 and items[best].advertiser != item.advertiser else rival
        least = floor_of(item, floor, position_floor)
        paid = bid if ahead else price(bid, against, ambient, least, market.parameter)
        creative = rotate(creatives, item, slot_seconds, slot ^ item.key ^ salts[SALT.rotation])
        second = np.int64(pod.second) + position * slot_seconds
        place, terms = (position, np.int64(pod.slots), second), (bid, paid, least, ambient)
        ghost(
            book, salts, quotes[i], memory, events[written], pod, slot, known, identity, codes, i,
            creative, place, terms, stamp,
        )  # fmt: skip
        written += 1
    return written, bids


@njit(cache=True, nogil=True)
def ghost(
    book, salts, quote, memory, event, pod, slot, known, identity, codes, i, creative, place, terms, stamp
):  # fmt: skip
    """Write the ghost of line item *i* into *event*, and count it in its caps if it would be an impression.

    *place* is its position, the slots of the pod and its second; *terms* are its bid, what it would pay, its
    floor and the ambient bid, micros per impression; *stamp* is the pod's number in this call.
    """
    item, person = book.line_items[i], memory.viewers[pod.viewer]
    position, slots, second = place
    bid, paid, floor, ambient = terms
    describe(event, pod, person, identity)
    locate(event, pod, position, slots, second)
    worth = worth_of(book, salts, item, quote, slot, person.id, codes)
    settle(event, i, quote, worth, bid, paid, floor, ambient)
    play(event, book, creative, pod, 1, mix(slot ^ item.key ^ salts[SALT.delivery]))
    if event.rendered == 1 and event.invalid == 0:
        count(book, memory, item, np.int64(pod.viewer), known, np.int64(pod.session), stamp)
