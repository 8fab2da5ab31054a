"""The forecast: how much matching traffic to expect, by hour for pacing and by shard for leases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.audience.population import ACTIVITY_ONE
from sim.audience.viewing import PRESENCE_ONE
from sim.layout import SHARE_BITS, Masks
from sim.market.market import Market


class Forecast:
    """What a line item may expect of the market: viewing of the viewers it can reach, and slots that match.

    *viewing* is the market's forecast; *rates*, hours × line items, are slots that match in an hour of
    viewing, by device, genre, placement and whatever titles draw.
    """

    def __init__(
        self,
        market: Market,
        viewing: NDArray[np.float64],
        masks: Masks,
        shards: Sequence[NDArray[np.void]],
        rates: NDArray[np.float64],
    ) -> None:
        kinds, line_items, self._rates = len(masks.kind), rates.shape[1], rates
        regions = len(market.regions)
        reaches = unpacked(masks.kind, line_items).reshape(regions, kinds // regions, line_items)
        activity = np.stack([_by_kind(viewers, kinds) for viewers in shards])
        by_region = activity.reshape(len(shards), regions, kinds // regions)
        _, places = market.ordinary.weeks
        of_week = np.eye(viewing.shape[2], dtype=np.int64)[places]
        self._everyone = np.einsum("srk,kw->rw", by_region, of_week).ravel()
        # Shards × regions and kinds of weeks × line items: activity of the viewers that match.
        found = np.einsum("srk,rkl,kw->srwl", by_region, reaches, of_week)
        self._activity = found.reshape(len(shards), -1, line_items)
        # Hours × regions and kinds of weeks: viewing of a mean viewer, or the ad breaks due.
        self._curve = np.rint(viewing * PRESENCE_ONE).astype(np.int64).reshape(len(viewing), -1)

    def by_hour(self, together: Iterable[Sequence[int]] = ()) -> NDArray[np.int64]:
        """Return expected viewing, hours × line items, in a unit of each line item's own.

        Line items whose places stand *together* have one unit, in which their sum fits as well.
        """
        total = self._total()
        # 24 bits an hour are enough to divide a budget by, and their sums stay small. Each line item has its
        # own unit, because one for all would round a narrow line item away beside a broad one.
        excess = _excess(total.max(axis=0, initial=0), 24)
        for places in together:
            excess[list(places)] = _excess(total[:, list(places)].sum(axis=1).max(keepdims=True), 24)
        return total >> excess

    def viewing(self) -> NDArray[np.float64]:
        """Return the expected viewing of everybody in each hour, in any unit."""
        return np.asarray(self._curve @ self._everyone, np.float64)

    def matched(self) -> NDArray[np.int64]:
        """Return the slots that are expected to match, hours × line items."""
        return np.asarray(np.rint(self._viewing() * self._rates / (PRESENCE_ONE * ACTIVITY_ONE)), np.int64)

    def _viewing(self) -> NDArray[np.int64]:
        total: NDArray[np.int64] = self._curve @ self._activity.sum(axis=0)
        return total

    def _total(self) -> NDArray[np.int64]:
        total, rates = self._viewing(), self._rates
        if (rates == rates[:1]).all():  # it scales all hours alike
            return total
        most = rates.max(axis=0, initial=0)
        times = np.divide(rates, most, out=np.ones(rates.shape), where=most > 0)
        return np.asarray(np.rint(total * times), np.int64)

    def by_shard(self, hour: int) -> NDArray[np.int64]:
        """Return where each shard's traffic in *hour* begins, shards + 1 × line items, in 1/2**SHARE_BITS.

        The first is 0 and the last 2**SHARE_BITS; a shard's share is the difference of its two bounds.
        """
        weight = np.einsum("r,srl->sl", self._curve[hour], self._activity)
        weight >>= _excess(weight.sum(axis=0), 40)
        # Where no viewer can be reached it does not matter which shard gets the lease.
        weight[:, weight.sum(axis=0) == 0] = 1
        bounds = np.zeros((len(weight) + 1, weight.shape[1]), np.int64)
        np.cumsum(weight, axis=0, out=bounds[1:])
        shares: NDArray[np.int64] = (bounds << SHARE_BITS) // bounds[-1]
        return shares


def _excess(totals: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    # By how many bits each total is longer than *bits*.
    lengths = np.array([int(total).bit_length() for total in totals], np.int64)
    return np.maximum(lengths - bits, 0)


def unpacked(words: NDArray[np.uint64], line_items: int) -> NDArray[np.int64]:
    """Return a mask's rows as zeros and ones, rows × line items."""
    bits = np.unpackbits(words.view(np.uint8), axis=1, count=line_items, bitorder="little")
    return bits.astype(np.int64)


def _by_kind(viewers: NDArray[np.void], kinds: int) -> NDArray[np.int64]:
    sums = np.zeros(kinds, np.int64)
    np.add.at(sums, viewers["kind"], viewers["activity"].astype(np.int64))
    return sums
