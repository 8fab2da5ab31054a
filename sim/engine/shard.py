"""A shard: some households, what they remember, and the tick that serves their ad breaks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.auction import AuctionFormat
from sim.events import EVENT, FREQUENCY_BUCKETS, FUNNEL, INVENTORY
from sim.layout import (
    COUNTED_DEVICE,
    SESSION,
    BookArrays,
    MarketArrays,
    ShardArrays,
    TickArrays,
    TickResult,
    Viewing,
)

WARM_UP_HOURS = 6
"""Hours watched before the start, so that the first hour finds people in the middle of a session."""


class Loops(Protocol):
    """The loops of an hour: `sim.kernels`, or `sim.reference`, where the same is told for reading."""

    @property
    def watch(self) -> Callable[..., Any]:
        """Return what finds the ad breaks of an hour's sessions."""

    @property
    def expose(self) -> Callable[..., Any]:
        """Return what finds those of viewers without sessions."""

    @property
    def serve(self) -> Callable[..., Any]:
        """Return what sells the slots of a tick."""


class Order(NamedTuple):
    """What the exchange sends to one shard for one tick: nothing in it is shared with another shard."""

    hour: int
    first_second: int
    last_second: int
    """Seconds of the hour that the tick covers, the last one excluded."""
    week_hours: NDArray[np.int64]
    """Local hour of the week in each region."""
    tick: TickArrays


class Served(NamedTuple):
    """What a shard answers."""

    events: bytes
    """EVENT records; as bytes, because NumPy copies records field by field."""
    digest: bytes
    """SHA-256 of the events."""
    funnel: NDArray[np.int64]
    inventory: NDArray[np.int64]
    frequency: NDArray[np.int64]


class Shard:
    """State that one worker owns between barriers."""

    def __init__(
        self,
        viewers: NDArray[np.void],
        viewing: Viewing,
        book: BookArrays,
        market: MarketArrays,
        auction: AuctionFormat,
        start: NDArray[np.int64],
        loops: Loops = kernels,
    ) -> None:
        self._viewing, self._book, self._market, self._auction = viewing, book, market, auction
        self._loops = loops
        self._shape = (*market.floors.shape, len(INVENTORY))
        items = len(book.line_items)
        # One counter a viewer, of which households use their first viewer's, or one for each of the devices.
        counters = len(viewers) * (len(market.floors) if market.counted_by == COUNTED_DEVICE else 1)
        self.state = ShardArrays(
            viewers=viewers,
            sessions=np.zeros(len(viewers), SESSION),
            counts=np.zeros((counters, len(book.caps)), np.uint32),
            homes=np.searchsorted(viewers["household"], viewers["household"]).astype(np.int32),
            seen=np.zeros((len(viewers), items), np.uint8),
            frequency=np.zeros((items, len(FREQUENCY_BUCKETS)), np.int64),
        )
        self.state.sessions["end"] = np.iinfo(np.int32).min
        self._hour: int | None = None
        self._pods: NDArray[np.void]
        self._first: NDArray[np.int64]
        for back in range(WARM_UP_HOURS, 0, -1):
            self._watch(-back, (start - back) % 168)

    def serve(self, order: Order) -> Served:
        """Return what happened in the tick of *order*; the leases in it are drawn down in place."""
        if order.hour != self._hour:
            self._watch(order.hour, order.week_hours)
        pods = self._pods[self._first[order.first_second] : self._first[order.last_second]]
        result = TickResult(
            events=np.empty(int(pods["slots"].sum(dtype=np.int64)), EVENT),
            funnel=np.zeros((len(self._book.line_items), len(FUNNEL)), np.int64),
            inventory=np.zeros(self._shape, np.int64),
        )
        price = self._auction.price
        won = self._loops.serve(pods, self._book, self._market, order.tick, self.state, price, result)
        events = result.events[:won].tobytes()
        digest = hashlib.sha256(events).digest()
        return Served(events, digest, result.funnel, result.inventory, self.state.frequency.copy())

    def _watch(self, hour: int, week_hours: NDArray[np.int64]) -> None:
        # Ticks shorter than an hour share its traffic, so that their length changes no viewer's evening.
        viewing = self._viewing._replace(
            starts=self._viewing.starts[week_hours],
            carried=self._viewing.carried[week_hours],
            due=self._viewing.due[week_hours],
        )
        meet = self._loops.expose if len(viewing.gaps) else self._loops.watch
        self._pods, self._first = meet(hour, viewing, self.state.viewers, self.state.sessions)
        self._hour = hour
