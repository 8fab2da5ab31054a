"""Release: what a lease may spend in each part of its tick, with the traffic that is expected in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.engine.forecast import SHARE_BITS
from sim.engine.leases import rotation
from sim.events import FUNNEL
from sim.streams import mix_all

PART_SECONDS = 60
"""A tick is released in parts of a minute, in which nobody sees a beginning and an end."""
AT_ONCE_MINUTES = 2
"""Ticks that are no longer are released at once."""
_MINUTES = 60


class Release:
    """Releases the leases of one tick after another, by the traffic that is expected of each line item."""

    def __init__(
        self,
        sums: Callable[[int], NDArray[np.int64]],
        paced: NDArray[np.bool_],
        salt: int,
        keys: list[int],
    ) -> None:
        """Take the *sums* of each hour, by `within_hour`, and whether line items are *paced* over a tick."""
        self._sums, self._paced, self._salt, self._keys = sums, paced, salt, keys
        items = len(keys)
        self._bid, self._price = np.full((2, items), np.iinfo(np.int64).max)
        """Of each line item in the mean, as far as is known."""
        self._unspent: NDArray[np.int64] = np.zeros(items, np.int64)
        """What the last tick released, and was enough for a bid that nobody needed."""

    def by_part(
        self,
        hour: int,
        tick: int,
        seconds: slice,
        leases: NDArray[np.int64],
        highest: NDArray[np.int64],
        carried: NDArray[np.int64],
        allowances: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the seconds of *hour* at which the parts of a tick begin, and the `releases` of each.

        The tick covers *seconds* of the hour. What is *carried* in the *allowances* was released before: that
        share of each lease comes with the first part, and all of it for who is not paced.
        """
        parts = parts_of(seconds)
        if len(parts) == 1:
            return parts, leases[:, None]
        at_once = self._at_once(np.minimum(carried, self._unspent), allowances)
        due = shares(self._sums(hour), parts, seconds.stop)
        due = at_once + ((((1 << SHARE_BITS) - at_once) * due) >> SHARE_BITS)
        bid = np.minimum(self._bid, highest)
        price = np.minimum(self._price, bid)
        return parts, releases(leases, bid, price, due, rotation(self._salt, tick, self._keys))

    def learn(self, left: NDArray[np.int64], funnel: NDArray[np.int64]) -> None:
        """Take note of what shards have *left* of their leases after a tick, and of mean bid and price."""
        columns = dict(zip(FUNNEL, funnel.T, strict=True))
        bids, wins = columns["bids"], columns["wins"]
        self._bid = np.where(bids, columns["bid_sum_micros"] // np.maximum(bids, 1), self._bid)
        self._price = np.where(wins, columns["clearing_sum_micros"] // np.maximum(wins, 1), self._price)
        bid = np.maximum(self._bid, 1)
        self._unspent = (left // bid).sum(axis=0) * np.where(left.any(axis=0), self._bid, 0)

    def _at_once(self, carried: NDArray[np.int64], allowances: NDArray[np.int64]) -> NDArray[np.int64]:
        # In 1/2**SHARE_BITS; both may be so large that there is no room for as many bits more.
        coarse = np.maximum(allowances >> SHARE_BITS, 1)
        part = np.minimum(carried // coarse, 1 << SHARE_BITS)
        fine = allowances < 1 << 40
        part = np.where(fine, (np.minimum(carried, 1 << 40) << SHARE_BITS) // np.maximum(allowances, 1), part)
        return np.where(self._paced, np.minimum(part, 1 << SHARE_BITS), 1 << SHARE_BITS)


def parts_of(seconds: slice) -> NDArray[np.int64]:
    """Return the seconds at which the parts of a tick begin, the first of them being the tick's own."""
    length = seconds.stop - seconds.start
    return np.arange(seconds.start, seconds.stop, PART_SECONDS if length > 60 * AT_ONCE_MINUTES else length)


def within_hour(
    before: NDArray[np.int64], now: NDArray[np.int64], after: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the traffic of an hour up to each of its minutes, 61 × line items, in a unit of each one's own.

    *before*, *now* and *after* are the expected traffic of the hour and of those around it. Viewing moves on
    between hours: at the full hour it is the mean of both, and in between a parabola that holds the hour's
    sum. Where nothing is expected all sums are 0.
    """
    minute = np.arange(_MINUTES + 1, dtype=np.int64)[:, None]
    # All are times 4 · 60³, so that no fraction is left: 2 · begin and 2 · end, and the bulge between them.
    begin, end = before + now, now + after
    bulge = 4 * now - begin - end
    sums = (
        2 * begin * minute * _MINUTES**2
        + (end - begin) * minute**2 * _MINUTES
        + bulge * (3 * minute**2 * _MINUTES - 2 * minute**3)
    )
    # Beside hours that are ten times as high a parabola dips below zero.
    rising: NDArray[np.int64] = np.maximum.accumulate(np.clip(sums, 0, sums[-1]), axis=0)
    return rising


def shares(hour: NDArray[np.int64], parts: NDArray[np.int64], end: int) -> NDArray[np.int64]:
    """Return which share of a tick's traffic comes until the end of each part, in 1/2**SHARE_BITS.

    *hour* is what `within_hour` found, *parts* are where the parts begin, and *end* where the tick ends, in
    seconds of the hour. Where no traffic is expected, it is the share of the time.
    """
    marks = np.append(parts, end) // _MINUTES
    sums = hour[marks] - hour[marks[0]]
    steps = np.arange(len(marks), dtype=np.int64)[:, None]
    sums = np.where(sums[-1] > 0, sums, steps)
    # A sum has 45 bits at most, of which the share needs the highest.
    excess = max(int(sums[-1].max(initial=0)).bit_length() - 62 + SHARE_BITS, 0)
    sums >>= excess
    found: NDArray[np.int64] = (sums[1:] << SHARE_BITS) // np.maximum(sums[-1], 1)
    return found


def releases(
    leases: NDArray[np.int64],
    bid: NDArray[np.int64],
    price: NDArray[np.int64],
    shares: NDArray[np.int64],
    addresses: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """Return what each part of the tick adds to what may be spent, shards × parts × line items, micros.

    *leases* are shards × line items. With a part the share of the lease is released that the traffic until
    its end has in the tick, ahead of it by less than a mean *bid*, by no more than the *price* less than it:
    by how much, *addresses* (one hash per line item and tick) and the shard say. With the last part it is
    all. So what pays a bid comes out at even steps of the traffic, from a start that is hashed, and none is
    late on average: systematic sampling, as between the shards.
    """
    draws = mix_all(addresses + np.arange(1, len(leases) + 1, dtype=np.uint64)[:, None])
    most = np.maximum(price, 1).astype(np.uint64)
    ahead = (((draws >> np.uint64(32)) * most) >> np.uint64(32)).astype(np.int64) + bid - price
    whole, rest = leases[:, None] >> SHARE_BITS, leases[:, None] & ((1 << SHARE_BITS) - 1)
    due = whole * shares + ((rest * shares) >> SHARE_BITS) + ahead[:, None]
    due = np.minimum(due, leases[:, None])
    due[:, -1] = leases
    added: NDArray[np.int64] = np.diff(due, axis=1, prepend=0)
    return added
