"""Viewers whom a line item holds out, and the slots that it would have won of them."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim import events as e
from sim.kernels.bids import worth_in
from sim.kernels.checks import count, floor_of
from sim.kernels.delivery import describe, rotate, show
from sim.kernels.numbers import HALF, SALT, STAGE, mix, person_draw
from sim.layout import POD_BITS, PRIORITY_BITS

_POD_MASK = (1 << POD_BITS) - 1
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
    book, market, tick, shard, price, result, written, pod, position, slot, known, identity,
    standing, candidates, missed, missed_bids, ghosted, bidders, bids, codes,
):  # fmt: skip
    """Return how many EVENT records and *bidders* there are with those that are *missed* in a slot.

    Each is held against what is *standing*, the bids of all who may be served, as if it alone might be too.
    One that would win is written as a ghost, and counted in its caps; all others are bidders that lose.
    """
    items, creatives, events, funnel, salts = (
        book.line_items, book.creatives, result.events, result.funnel, market.salts
    )  # fmt: skip
    best, best_bid, best_tie, rival, ambient = standing
    person, device, placement = shard.viewers[pod.viewer], pod.device, pod.placement
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
        ahead = bid > _IN_AUCTION
        bid &= _IN_AUCTION
        against = best_bid if best >= 0 and items[best].advertiser != item.advertiser else rival
        least = floor_of(item, floor, position_floor)
        event = events[written]
        written += 1
        event.slot_id = (pod.id << e.POD_SHIFT) + position
        event.ts = pod.second + position * slot_seconds
        event.pod_position = position
        event.pod_slots = pod.slots
        event.pod_offset_s = position * slot_seconds
        event.line_item = i
        quote = tick.quotes[i]
        event.worth_micros = worth_in(book, salts, item, quote, slot, person.id, codes)
        event.multiplier_ppm = quote.multiplier
        event.ghost = 1
        event.bid_micros = bid
        event.price_micros = bid if ahead else price(bid, against, ambient, least, market.parameter)
        event.floor_micros = least
        event.ambient_micros = ambient
        event.identity = identity
        describe(event, pod, person)
        creative = rotate(creatives, item, slot_seconds, slot ^ item.key ^ salts[SALT.rotation])
        event.creative = creative
        event.duration_s = creatives[creative].seconds
        show(event, book.rates, creative, device, placement, mix(slot ^ item.key ^ salts[SALT.delivery]))
        remembered(book, tick, shard, pod, known, event, item)
    return written, bids


@njit(cache=True, nogil=True)
def remembered(book, tick, shard, pod, known, event, item):
    """Count a ghost in every cap of its *item*, if it would have been an impression."""
    if event.rendered == 1 and event.invalid == 0:
        number, viewer = pod.id & _POD_MASK, np.int64(pod.viewer)
        session, begun = np.int64(pod.session), np.int64(pod.second)
        count(
            book.caps, book.cap_links, tick.windows, shard.counts, viewer, known, number, session, begun, item
        )
