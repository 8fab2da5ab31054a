"""What follows a win: the creative, what became of the ad, and what is remembered, inlined into the tick."""

from __future__ import annotations

import numpy as np
from numba import literal_unroll, njit

from entities.enums.outcomes import FLAGS, SUMS
from sim.events import POD_SHIFT
from sim.kernels.numbers import HALF, LOW, RATE, STAGE, STOCK, mix
from sim.layout import POD_TRAITS, VIEWER_TRAITS

_OUTCOMES = FLAGS + SUMS


@njit(cache=True, nogil=True, forceinline=True)
def rotate(creatives, item, seconds, address):
    """Return which creative of *item* is shown, by weight among those that fit."""
    if item.creatives == 1:
        return item.first_creative
    last = item.first_creative + item.creatives
    total = 0
    for k in range(item.first_creative, last):
        if creatives[k].seconds <= seconds:
            total += creatives[k].weight
    draw = np.int64(((mix(address) >> HALF) * np.uint64(total)) >> HALF)
    for k in range(item.first_creative, last):
        if creatives[k].seconds <= seconds:
            draw -= creatives[k].weight
            if draw < 0:
                return k
    return last - 1


@njit(cache=True, nogil=True, forceinline=True)
def describe(event, pod, person, identity):
    """Write into *event* who sees it, and in which break."""
    event.viewer_id = person.id
    event.session_id = pod.session
    event.identity = identity
    for trait in literal_unroll(VIEWER_TRAITS):
        event[trait] = person[trait]
    for trait in literal_unroll(POD_TRAITS):
        event[trait] = pod[trait]


@njit(cache=True, nogil=True, forceinline=True)
def locate(event, pod, position, slots, second):
    """Write into *event* which of the *slots* of its break it has, and when that begins."""
    event.slot_id = (pod.id << POD_SHIFT) + position
    event.ts = second
    event.pod_position = position
    event.pod_slots = slots
    event.pod_offset_s = second - pod.second


@njit(cache=True, nogil=True, forceinline=True)
def settle(event, i, quote, worth, bid, paid, floor, ambient):
    """Write into *event* what line item *i* bid and pays for it, and why."""
    event.line_item = i
    event.worth_micros = worth
    event.multiplier_ppm = quote.multiplier
    event.bid_micros = bid
    event.price_micros = paid
    event.floor_micros = floor
    event.ambient_micros = ambient


@njit(cache=True, nogil=True, forceinline=True)
def play(event, book, creative, pod, ghost, draw):
    """Write into *event* which ad is shown, or would be if it is a *ghost*, and what becomes of it."""
    event.ghost = ghost
    event.creative = creative
    event.duration_s = book.creatives[creative].seconds
    show(event, book.rates, creative, pod.device, pod.placement, draw)


@njit(cache=True, nogil=True, forceinline=True)
def show(event, rates, c, d, p, draw):
    """Write into *event* what became of the ad, by the rates of creative, device and placement."""
    event.charged_micros = 0
    for outcome in literal_unroll(_OUTCOMES):
        event[outcome] = 0
    event.rendered = (draw & LOW) >= rates[c, d, p, RATE.error]
    event.invalid = event.rendered == 1 and (draw >> HALF) < rates[c, d, p, RATE.invalid]
    if event.rendered == 0 or event.invalid == 1:
        return
    draw = mix(draw)
    seen, watched = draw & LOW, draw >> HALF
    if watched >= rates[c, d, p, RATE.started]:
        return
    event.started = 1
    event.measurable = seen < rates[c, d, p, RATE.measurable]
    event.viewable = seen < rates[c, d, p, RATE.viewable]
    event.q25 = watched < rates[c, d, p, RATE.q25]
    event.q50 = watched < rates[c, d, p, RATE.q50]
    event.q75 = watched < rates[c, d, p, RATE.q75]
    event.completed = watched < rates[c, d, p, RATE.completed]
    if event.completed == 1:
        event.watch_seconds = event.duration_s
    else:
        # Where in its quarter the viewer left, in proportion to the draw.
        quarter = np.int64(event.q25) + np.int64(event.q50) + np.int64(event.q75)
        above = np.int64(rates[c, d, p, RATE.started + quarter])
        below = np.int64(rates[c, d, p, RATE.started + quarter + 1])
        width = above - below
        event.watch_seconds = (
            event.duration_s * (quarter * width + above - 1 - np.int64(watched)) // (4 * width)
        )
    draw = mix(draw)
    event.skipped = event.completed == 0 and (draw & LOW) < rates[c, d, p, RATE.skipped]
    event.muted = (draw >> HALF) < rates[c, d, p, RATE.muted]
    draw = mix(draw)
    event.clicked = (draw & LOW) < rates[c, d, p, RATE.clicked]
    event.qr_scanned = (draw >> HALF) < rates[c, d, p, RATE.qr_scanned]


@njit(cache=True, nogil=True, forceinline=True)
def bill(event, quote, stages, stock):
    """Return whether the ad of *event* is an impression, which is charged to *quote*; count it as what it is.

    *stages* are the line item's row of the funnel, and *stock* that of the place in the inventory.
    """
    paid, billed = event.price_micros, False
    stages[STAGE.wins] += 1
    stages[STAGE.clearing_sum_micros] += paid
    stages[STAGE.floor_sum_micros] += event.floor_micros
    stock[STOCK.filled] += 1
    if event.rendered == 0:
        stages[STAGE.errors] += 1
    elif event.invalid == 1:
        stages[STAGE.invalid] += 1
    else:
        billed = True
        event.charged_micros = paid
        quote.lifetime -= paid
        quote.daily -= paid
        quote.allowance -= paid
        stages[STAGE.impressions] += 1
        stages[STAGE.impression_bid_sum_micros] += event.bid_micros
        stages[STAGE.worth_sum_micros] += event.worth_micros
        stages[STAGE.spend_micros] += paid
        stock[STOCK.revenue_micros] += paid
    return billed


@njit(cache=True, nogil=True, forceinline=True)
def remember(seen, frequency, viewer, i):
    """Return 1 for a viewer that line item *i* had not reached, else 0; reach and frequency follow."""
    before = np.int64(seen[viewer, i])
    if before == 255:
        return 0
    seen[viewer, i] = before + 1
    if before > 0:
        frequency[i, bucket(before)] -= 1
    frequency[i, bucket(before + 1)] += 1
    return 1 if before == 0 else 0


@njit(cache=True, nogil=True, forceinline=True)
def bucket(count):
    """Return the place of *count* among FREQUENCY_BUCKETS."""
    if count <= 2:
        return count - 1
    if count <= 5:
        return 2
    return 3 if count <= 9 else 4
