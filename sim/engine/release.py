"""Release: what a lease may spend in each part of its tick, with the traffic that is expected in it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim.engine.kept import State
from sim.engine.traffic import Loops
from sim.layout import SHARE_BITS

PART_SECONDS = 60
"""A tick is released in parts of a minute, in which nobody sees a beginning and an end."""
AT_ONCE_MINUTES = 2
"""Ticks that are no longer are released at once."""
_MINUTES = 60


class Release:
    """Releases the leases of one tick after another, by the traffic that is expected of each line item."""

    def __init__(
        self, shares: Callable[[int], NDArray[np.int64]], paced: NDArray[np.bool_], loops: Loops
    ) -> None:
        """Take the *shares* of each tick's parts, and whether line items are *paced* over a tick."""
        self._shares, self._paced, self._loops = shares, paced, loops
        self._bids, self._prices = np.full((2, len(paced)), np.iinfo(np.int64).max)
        """Of each line item in the mean, as far as is known."""
        self._unspent: NDArray[np.int64] = np.zeros(len(paced), np.int64)
        """What the last tick released, and was enough for a bid that nobody needed."""

    def terms(
        self,
        tick: int,
        highest: NDArray[np.int64],
        carried: NDArray[np.int64],
        allowances: NDArray[np.int64],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Return mean bids and prices, what comes at once and the shares of parts, as `releases` takes them.

        What is *carried* in the *allowances* was released before: that share of each lease comes with the
        first part, and all of it for who is not paced.
        """
        at_once = self._loops.released_at_once(allowances, np.minimum(carried, self._unspent), self._paced)
        bids = np.minimum(self._bids, highest)
        return bids, np.minimum(self._prices, bids), at_once, self._shares(tick)

    def learn(self, left: NDArray[np.int64], funnel: NDArray[np.int64]) -> None:
        """Take note of what shards have *left* of their leases after a tick, and of mean bid and price."""
        self._unspent = self._loops.learn_prices(left, funnel, self._bids, self._prices)

    def keep(self) -> State:
        """Return what was learned."""
        return {"bids": self._bids, "prices": self._prices, "unspent": self._unspent}

    def restore(self, state: State) -> None:
        """Know what was kept."""
        self._bids[:], self._prices[:], self._unspent = (
            state["bids"],
            state["prices"],
            state["unspent"].copy(),
        )


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
