"""Leases of a tick: what each shard may spend, and when in the tick it may."""

from __future__ import annotations

import numpy as np
from numba import njit

from sim.kernels.memory import borrowed
from sim.kernels.numbers import HALF, STAGE, mix
from sim.layout import QUOTE, SHARE_BITS, UNLIMITED

_ONE = 1 << SHARE_BITS
_BELOW = _ONE - 1
_FIRST_SHIFT = np.uint64(64 - SHARE_BITS)
_FINE = 1 << 40


@njit(cache=True, nogil=True)
def lease(quotes, highest, bounds, addresses):
    """Return the leases of a tick, QUOTE records of shards × line items.

    *quotes* are those of all shards together, whose budgets and allowances are divided by `split`, to which
    the other arguments belong.
    """
    quotes = borrowed(quotes)
    shards, items = len(bounds) - 1, len(quotes)
    leased = np.empty((shards, items), QUOTE)
    micros = np.empty((3, items), np.int64)
    for i in range(items):
        micros[0, i], micros[1, i], micros[2, i] = quotes[i].lifetime, quotes[i].daily, quotes[i].allowance
    lifetime, daily = (
        split(micros[0], highest, bounds, addresses),
        split(micros[1], highest, bounds, addresses),
    )
    allowance = split(micros[2], highest, bounds, addresses)
    for s in range(shards):
        for i in range(items):
            leased[s, i] = quotes[i]
            leased[s, i].lifetime, leased[s, i].daily = lifetime[s, i], daily[s, i]
            leased[s, i].allowance = allowance[s, i]
    return leased


@njit(cache=True, nogil=True)
def split(micros, highest, bounds, addresses):
    """Return what each shard gets of *micros*, shards × line items, in whole multiples of the *highest* bid.

    *bounds* are where each shard's expected traffic begins (shards + 1 rows, in 1/2**SHARE_BITS). Bids lie on
    that scale at even steps, from a start that *addresses* (one hash per line item and tick) chooses, and
    each shard gets those between its bounds: systematic sampling.
    """
    micros, highest, bounds, addresses = borrowed((micros, highest, bounds, addresses))
    found = np.empty((len(bounds) - 1, len(micros)), np.int64)
    for i in range(len(micros)):
        unit = max(highest[i], 1)
        units = micros[i] // unit
        rounds, rest = units >> SHARE_BITS, units & _BELOW
        first = np.int64(addresses[i] >> _FIRST_SHIFT)
        before = rounds * bounds[0, i] + ((rest * bounds[0, i] + first) >> SHARE_BITS)
        for s in range(len(found)):
            mark = rounds * bounds[s + 1, i] + ((rest * bounds[s + 1, i] + first) >> SHARE_BITS)
            found[s, i] = UNLIMITED if micros[i] >= UNLIMITED else (mark - before) * unit
            before = mark
    return found


@njit(cache=True, nogil=True)
def released_at_once(allowances, carried, paced):
    """Return which share of each allowance is there from the beginning of a tick, in 1/2**SHARE_BITS.

    It is what of it was *carried* into the tick, and all of it where nobody has it *paced* over the tick.
    """
    found = np.full(len(allowances), _ONE, np.int64)
    for i in range(len(allowances)):
        if not paced[i]:
            continue
        # Both may be so large that there is no room for SHARE_BITS more.
        if allowances[i] < _FINE:
            share = (min(carried[i], _FINE) << SHARE_BITS) // max(allowances[i], 1)
        else:
            share = carried[i] // (allowances[i] >> SHARE_BITS)
        found[i] = min(share, _ONE)
    return found


@njit(cache=True, nogil=True)
def releases(leases, bids, prices, at_once, shares, addresses):
    """Return what each part of the tick adds to what may be spent, shards × parts × line items, micros.

    *leases* are shards × line items. With a part the share of the lease is released that the traffic until
    its end has in the tick, *shares* of parts × line items in 1/2**SHARE_BITS, beside what comes *at_once*:
    ahead of that by less than a mean bid, by no more than the price less than it: by how much, *addresses*
    (one hash per line item and tick) and the shard say. With the last part it is all. So what pays a bid
    comes out at even steps of the traffic, from a start that is hashed, and none is late on average:
    systematic sampling, as between the shards.
    """
    leases, bids, prices = borrowed(leases), borrowed(bids), borrowed(prices)
    parts = len(shares)
    added = np.empty((len(leases), parts, leases.shape[1]), np.int64)
    for s in range(len(leases)):
        for i in range(leases.shape[1]):
            given = leases[s, i]
            whole, rest = given >> SHARE_BITS, given & _BELOW
            draw = mix(addresses[i] + np.uint64(s + 1)) >> HALF
            ahead = np.int64((draw * np.uint64(max(prices[i], 1))) >> HALF) + bids[i] - prices[i]
            before = np.int64(0)
            for part in range(parts):
                share = at_once[i] + (((_ONE - at_once[i]) * shares[part, i]) >> SHARE_BITS)
                due = min(whole * share + ((rest * share) >> SHARE_BITS) + ahead, given)
                if part + 1 == parts:
                    due = given
                added[s, part, i] = due - before
                before = due
    return added


@njit(cache=True, nogil=True)
def learn_prices(left, funnel, bids, prices):
    """Return what a tick released and nobody needed, though it was enough for a bid, by line item, micros.

    *left* is what shards have left of their leases, shards × line items. The means of *bids* and *prices*
    become those of the tick's *funnel*, where there were some.
    """
    unspent = np.zeros(len(bids), np.int64)
    for i in range(len(bids)):
        if funnel[i, STAGE.bids] > 0:
            bids[i] = funnel[i, STAGE.bid_sum_micros] // funnel[i, STAGE.bids]
        if funnel[i, STAGE.wins] > 0:
            prices[i] = funnel[i, STAGE.clearing_sum_micros] // funnel[i, STAGE.wins]
        for s in range(len(left)):
            unspent[i] += left[s, i] // max(bids[i], 1) * bids[i]
    return unspent


@njit(cache=True, nogil=True)
def rotation(moment, keys):
    """Return the hash of each of the *keys* at a *moment*, itself a hash; uint64."""
    found = np.empty(len(keys), np.uint64)
    for i in range(len(keys)):
        found[i] = mix(np.uint64(moment) ^ keys[i])
    return found
