"""A shard: some households, what is remembered of them, and the tick that serves their ad breaks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.auction import AuctionFormat
from sim.engine.traffic import Loops, Traffic
from sim.events import EVENT, FREQUENCY_BUCKETS, FUNNEL, INVENTORY, POD_SHIFT, events_digest
from sim.layout import (
    COUNTED_DEVICE,
    BookArrays,
    MarketArrays,
    ShardArrays,
    TickArrays,
    TickResult,
    notes_for,
)


class Served(NamedTuple):
    """What happened in a shard in one tick."""

    events: NDArray[np.uint8]
    """EVENT records; as bytes, because NumPy copies records field by field."""
    digest: bytes
    """Their `events_digest`; empty where nobody wants it."""
    funnel: NDArray[np.int64]
    inventory: NDArray[np.int64]
    frequency: NDArray[np.int64]
    landscape: NDArray[np.int64]


class Shard:
    """Some households and their state, which one worker at a time reads and writes."""

    def __init__(
        self,
        traffic: Traffic,
        book: BookArrays,
        market: MarketArrays,
        auction: AuctionFormat,
        loops: Loops = kernels,
        *,
        dynamic: bool = False,
        digests: bool = True,
    ) -> None:
        self._book, self._auction, self._digests = book, auction, digests
        self._traffic, viewers = traffic, traffic.viewers
        self._sell = loops.serve_pods if dynamic else loops.serve_slots
        self._shape = (*market.floors.shape, len(INVENTORY))
        items = len(book.line_items)
        self._holding = int((book.line_items["held_out"] > 0).sum())
        # One counter per viewer, of which a household uses its first viewer's, or one per viewer and device.
        counters = len(viewers) * (len(market.floors) if market.counted_by == COUNTED_DEVICE else 1)
        self.state = ShardArrays(
            viewers=viewers,
            sessions=self._traffic.sessions,
            counts=np.zeros((counters, len(book.caps)), np.uint32),
            homes=np.searchsorted(viewers["household"], viewers["household"]).astype(np.int32),
            seen=np.zeros((len(viewers), items), np.uint8),
            frequency=np.zeros((items, len(FREQUENCY_BUCKETS)), np.int64),
            lost_to=np.zeros((items + 1, items), np.int32),
            notes=notes_for(items, 1 << POD_SHIFT),
        )
        self._hour: int | None = None
        self._pods: NDArray[np.void]
        self._first: NDArray[np.int64]

    def serve(self, hour: int, seconds: slice, tick: TickArrays, market: MarketArrays) -> Served:
        """Return what happened in the tick of these *seconds* of *hour*; its leases are drawn down.

        *market* are the rules in force.
        """
        # Ticks shorter than an hour share its traffic, so that their length changes no viewer's evening.
        if hour != self._hour:
            self._pods, self._first = self._traffic.breaks(hour)
            self._hour = hour
        pods = self._pods[self._first[seconds.start // 60] : self._first[seconds.stop // 60]]
        result = TickResult(
            # A line item has one ghost a pod at most.
            events=np.empty(int(pods["slots"].sum(dtype=np.int64)) + len(pods) * self._holding, EVENT),
            funnel=np.zeros((len(self._book.line_items), len(FUNNEL)), np.int64),
            inventory=np.zeros(self._shape, np.int64),
            landscape=np.zeros(tick.shades.shape, np.int64),
        )
        won = self._sell(pods, self._book, market, tick, self.state, self._auction.price, result)
        events = result.events[:won]
        digest = events_digest(events) if self._digests else b""
        frequency = self.state.frequency.copy()
        return Served(
            events.view(np.uint8), digest, result.funnel, result.inventory, frequency, result.landscape
        )
