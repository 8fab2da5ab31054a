"""Leases of a tick, for reading: what each shard may spend, and when in the tick it may."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.events import FUNNEL
from sim.layout import SHARE_BITS, UNLIMITED
from sim.reference.numbers import halves
from sim.streams import mix

ONE = 1 << SHARE_BITS
Micros = NDArray[np.int64]
Addresses = NDArray[np.uint64]


def lease(
    quotes: NDArray[np.void], highest: Micros, bounds: Micros, addresses: Addresses
) -> NDArray[np.void]:
    """Return the leases of a tick, QUOTE records of shards × line items.

    *quotes* are those of all shards together, whose budgets and allowances are divided by `split`, to which
    the other arguments belong.
    """
    leased = np.stack([quotes] * (len(bounds) - 1))
    for name in ("lifetime", "daily", "allowance"):
        leased[name] = split(quotes[name], highest, bounds, addresses)
    return leased


def split(micros: Micros, highest: Micros, bounds: Micros, addresses: Addresses) -> Micros:
    """Return what each shard gets of *micros*, shards × line items, in whole multiples of the *highest* bid.

    *bounds* are where each shard's expected traffic begins (shards + 1 rows, in 1/2**SHARE_BITS). Bids lie on
    that scale at even steps, from a start that *addresses* (one hash per line item and tick) chooses, and
    each shard gets those between its bounds: systematic sampling.
    """
    found = np.zeros((len(bounds) - 1, len(micros)), np.int64)
    for i, whole in enumerate(micros.tolist()):
        if whole >= UNLIMITED:
            found[:, i] = UNLIMITED
            continue
        bid = max(int(highest[i]), 1)
        first = int(addresses[i]) >> (64 - SHARE_BITS)
        marks = [(whole // bid * bound + first) >> SHARE_BITS for bound in bounds[:, i].tolist()]
        found[:, i] = [(end - begin) * bid for begin, end in pairwise(marks)]
    return found


def released_at_once(allowances: Micros, carried: Micros, paced: NDArray[np.bool_]) -> Micros:
    """Return which share of each allowance is there from the beginning of a tick, in 1/2**SHARE_BITS.

    It is what of it was *carried* into the tick, and all of it where nobody has it *paced* over the tick.
    """

    def share(allowance: int, before: int) -> int:
        if allowance < 1 << 40:
            return before * ONE // max(allowance, 1)
        return before // (allowance >> SHARE_BITS)  # as exact as the compiled twin has room for

    each = zip(allowances.tolist(), carried.tolist(), paced.tolist(), strict=True)
    found = [min(share(allowance, before), ONE) if slow else ONE for allowance, before, slow in each]
    return np.array(found, np.int64)


def releases(
    leases: Micros, bids: Micros, prices: Micros, at_once: Micros, shares: Micros, addresses: Addresses
) -> Micros:
    """Return what each part of the tick adds to what may be spent, shards × parts × line items, micros.

    *leases* are shards × line items. With a part the share of the lease is released that the traffic until
    its end has in the tick, *shares* of parts × line items in 1/2**SHARE_BITS, beside what comes *at_once*:
    ahead of that by less than a mean bid, by no more than the price less than it: by how much, *addresses*
    (one hash per line item and tick) and the shard say. With the last part it is all. So what pays a bid
    comes out at even steps of the traffic, from a start that is hashed, and none is late on average:
    systematic sampling, as between the shards.
    """
    added = np.zeros((len(leases), *shares.shape), np.int64)
    for s, given in enumerate(leases.tolist()):
        for i, whole in enumerate(given):
            bid, price, first = int(bids[i]), int(prices[i]), int(at_once[i])
            _, draw = halves(mix(int(addresses[i]) + s + 1))
            ahead = (draw * max(price, 1) >> 32) + bid - price
            due = [first + ((ONE - first) * share >> SHARE_BITS) for share in shares[:, i].tolist()]
            released = [min((whole * share >> SHARE_BITS) + ahead, whole) for share in due[:-1]]
            added[s, :, i] = [now - before for before, now in pairwise([0, *released, whole])]
    return added


def learn_prices(left: Micros, funnel: Micros, bids: Micros, prices: Micros) -> Micros:
    """Return what a tick released and nobody needed, though it was enough for a bid, by line item, micros.

    *left* is what shards have left of their leases, shards × line items. The means of *bids* and *prices*
    become those of the tick's *funnel*, where there were some.
    """
    for means, sums, counts in ((bids, "bid_sum_micros", "bids"), (prices, "clearing_sum_micros", "wins")):
        some = np.flatnonzero(funnel[:, FUNNEL.index(counts)])
        means[some] = funnel[some, FUNNEL.index(sums)] // funnel[some, FUNNEL.index(counts)]
    each = zip(bids.tolist(), left.T.tolist(), strict=True)
    return np.array([sum(micros // max(bid, 1) * bid for micros in own) for bid, own in each], np.int64)


def rotation(moment: int, keys: Addresses) -> Addresses:
    """Return the hash of each of the *keys* at a *moment*, itself a hash; uint64."""
    return np.array([mix(int(moment) ^ key) for key in keys.tolist()], np.uint64)
