"""The forecast: how much matching traffic to expect, by hour for pacing and by shard for leases."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.audience.viewing import PRESENCE_ONE, presence
from sim.engine.market import Market
from sim.layout import Masks

SHARE_BITS = 20


class Forecast:
    """Expected viewing of the viewers that a line item can reach, in whole units without a name.

    What a slot must be besides (device, genre, placement) scales all hours alike, so it is left out.
    """

    def __init__(self, market: Market, masks: Masks, shards: list[NDArray[np.void]], line_items: int) -> None:
        self._market = market
        kinds = len(masks.kind)
        regions = len(market.regions)
        reaches = unpacked(masks.kind, line_items).reshape(regions, kinds // regions, line_items)
        activity = np.stack([_by_kind(viewers, kinds) for viewers in shards])
        by_region = activity.reshape(len(shards), regions, kinds // regions)
        # Shards × regions × line items: activity of the viewers that match.
        self._activity = np.einsum("srk,rkl->srl", by_region, reaches)
        week = presence(market.viewing, market.population)
        curve = np.array([round(share * PRESENCE_ONE) for share in week], np.int64)
        local = [market.horizon.local(region.timezone) for region in market.regions.values()]
        # Hours × regions: viewing of a mean viewer.
        self._curve = np.array([[curve[h.hour_of_week] for h in hours] for hours in zip(*local, strict=True)])

    def by_hour(self) -> NDArray[np.int64]:
        """Return expected viewing, hours × line items."""
        total: NDArray[np.int64] = self._curve @ self._activity.sum(axis=0)
        # Sums over a horizon times a budget must stay far below 2**63 in micros: keep 24 bits an hour.
        shift = max(int(total.max(initial=0)).bit_length() - 24, 0)
        return total >> shift

    def by_shard(self, hour: int) -> NDArray[np.int64]:
        """Return each shard's share of the traffic in *hour*, shards × line items, in 1/2**SHARE_BITS."""
        weight = np.einsum("r,srl->sl", self._curve[hour], self._activity)
        total = weight.sum(axis=0)
        scaled = (weight >> _excess(total)) << SHARE_BITS
        shares: NDArray[np.int64] = scaled // np.maximum(total >> _excess(total), 1)
        return shares


def _excess(total: NDArray[np.int64]) -> int:
    return max(int(total.max(initial=0)).bit_length() - 40, 0)


def unpacked(words: NDArray[np.uint64], line_items: int) -> NDArray[np.int64]:
    """Return a mask's rows as zeros and ones, rows × line items."""
    places = np.arange(line_items)
    return ((words[:, places // 64] >> (places % 64).astype(np.uint64)) & np.uint64(1)).astype(np.int64)


def _by_kind(viewers: NDArray[np.void], kinds: int) -> NDArray[np.int64]:
    sums = np.zeros(kinds, np.int64)
    np.add.at(sums, viewers["kind"], viewers["activity"].astype(np.int64))
    return sums
