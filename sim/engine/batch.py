"""A batch: some shards of households that one call serves, and what is remembered of their viewers."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.auction import AuctionFormat
from sim.engine.kept import State
from sim.engine.room import Room
from sim.engine.traffic import Breaks, Loops, Traffic
from sim.events import BID, FREQUENCY_BUCKETS, FUNNEL, INVENTORY, LOST, POD_SHIFT
from sim.layout import (
    COUNTED_DEVICE,
    BookArrays,
    MarketArrays,
    TickArrays,
    TickResult,
)
from sim.memory import CROWD, MemoryArrays, empty_blocks, notes_for
from sim.streams import sampled

_KEPT = ("sessions", "used", "seen", "frequency", "lost_to")


BIDS_TOGETHER = 1 << 22
"""Bids for which a call has room; it is reserved for as many as there may be, and few are made."""


class Served(NamedTuple):
    """What happened in the shards of a batch in one tick."""

    events: NDArray[np.void]
    """EVENT records, shard after shard."""
    ends: NDArray[np.int64]
    """Where the records of each shard end."""
    bids: NDArray[np.void]
    """BID records of the viewers that the tick names."""
    funnel: NDArray[np.int64]
    inventory: NDArray[np.int64]
    frequency: NDArray[np.int64]
    landscape: NDArray[np.int64]


class Batch:
    """Some shards and their state, which one worker at a time reads and writes."""

    def __init__(
        self,
        traffic: Traffic,
        book: BookArrays,
        market: MarketArrays,
        auction: AuctionFormat,
        loops: Loops = kernels,
        *,
        dynamic: bool = False,
        again: bool = False,
    ) -> None:
        """Take the *traffic* of the viewers of the shards; the `room` of events may be used *again*."""
        self._book, self._auction = book, auction
        self._traffic, viewers = traffic, traffic.viewers
        self._loops, self._dynamic = loops, dynamic
        self._shape = (*market.floors.shape, len(INVENTORY))
        items = len(book.line_items)
        self._most_caps = int(book.line_items["caps"].max(initial=0))
        self._holding = int((book.line_items["held_out"] > 0).sum())
        # One counter per viewer, of which a household uses its first viewer's, or one per viewer and device.
        counters = len(viewers) * (len(market.floors) if market.counted_by == COUNTED_DEVICE else 1)
        self.state = MemoryArrays(
            viewers=viewers,
            sessions=traffic.sessions,
            counts=empty_blocks(counters),
            used=np.array([counters], np.int64),
            homes=_homes(traffic),
            seen=np.zeros((len(viewers), items), np.uint8),
            frequency=np.zeros((items, len(FREQUENCY_BUCKETS)), np.int64),
            lost_to=np.zeros((items + 1, items), np.int32),
            notes=notes_for(items, len(book.caps), 1 << POD_SHIFT),
        )
        self.room = Room(again=again)
        """Where events are until their hours are closed."""
        self._written: NDArray[np.bool_] | None = None
        """Whose bids are written, once a tick has asked: it is the same in all of them."""
        self._hour: int | None = None
        self._coming: dict[int, Breaks] = {}
        """The ad breaks of hours that were foreseen and not begun."""
        self._pods: NDArray[np.void]
        self._first: NDArray[np.int64]
        self._slots: NDArray[np.int64]
        """How many there are before each of the pods, and in all."""

    def foresee(self, hour: int) -> None:
        """Make the ad breaks of *hour*, the next one; they depend on nothing that is sold."""
        self._coming[hour] = self._traffic.breaks(hour)

    def spans(self, hour: int, seconds: slice) -> NDArray[np.int64]:
        """Return which of the ad breaks of *hour* come up in these *seconds* of it, as TickArrays has it.

        The hour was foreseen.
        """
        # Ticks shorter than an hour share its traffic, so that their length changes no viewer's evening.
        if hour != self._hour:
            self._pods, self._first = self._coming.pop(hour)
            self._slots = np.zeros(len(self._pods) + 1, np.int64)
            np.cumsum(self._pods["slots"], out=self._slots[1:])
            self._hour = hour
        return np.ascontiguousarray(self._first[:, [seconds.start // 60, seconds.stop // 60]])

    def serve(self, tick: TickArrays, market: MarketArrays) -> Served:
        """Return what happened in a tick of the hour that `spans` was asked for last.

        Its leases are drawn down. *market* are the rules in force.
        """
        come = int(np.diff(self._slots[tick.spans]).sum())
        # A line item has one ghost a pod at most.
        ghosts = int((tick.spans[:, 1] - tick.spans[:, 0]).sum()) * self._holding
        self._make_room((come + ghosts) * self._most_caps)
        result = TickResult(
            events=self.room.most(come + ghosts),
            ends=np.zeros(len(tick.spans), np.int64),
            bids=np.empty(0, BID),
            bids_written=np.zeros(1, np.int64),
            funnel=np.zeros((len(self._book.line_items), len(FUNNEL)), np.int64),
            inventory=np.zeros(self._shape, np.int64),
            landscape=np.zeros(tick.shades.shape, np.int64),
        )
        won, bids = self._serve(tick, market, result)
        self.room.fill(won)
        return Served(
            result.events[:won],
            result.ends,
            bids,
            result.funnel,
            result.inventory,
            self.state.frequency.copy(),
            result.landscape,
        )

    def _serve(
        self, tick: TickArrays, market: MarketArrays, result: TickResult
    ) -> tuple[int, NDArray[np.void]]:
        # How many EVENT records were written to *result*, and all BID records.
        serve = loop_of(self._loops, len(self._book.line_items), tick.bids_of, dynamic=self._dynamic)
        given, price = (self._pods, self._book, market), self._auction.price
        most = self._most_bids(tick, market) if tick.bids_of else np.zeros(0, np.int64)
        if (total := int(most.sum())) <= BIDS_TOGETHER:
            result = result._replace(bids=np.empty(total, BID))
            won = serve(*given, tick, self.state, price, result)
            return won, result.bids[: result.bids_written[0]]
        # Room for all that there might be would be gigabytes: some pods are served after others.
        seconds, room, found, won = self._pods["second"], np.empty(0, BID), [], 0
        for shard, (begin, end) in enumerate(tick.spans.tolist()):
            bounds, own, released = _cuts(most[begin:end]), slice(shard, shard + 1), 0
            for first, last in pairwise(begin + bound for bound in bounds):
                # Parts of the tick that begin until the last of these pods are released by this call.
                until = int(np.searchsorted(tick.parts, seconds[last - 1], side="right"))
                some = tick._replace(
                    spans=np.array([[first, last]], np.int64),
                    quotes=tick.quotes[own],
                    parts=tick.parts[released:until],
                    releases=np.ascontiguousarray(tick.releases[own, released:until]),
                )
                if len(room) < (needed := int(most[first:last].sum())):
                    room = np.empty(needed, BID)
                rest = result._replace(
                    events=result.events[won:],
                    ends=np.zeros(1, np.int64),
                    bids=room,
                    bids_written=np.zeros(1, np.int64),
                )
                won += serve(*given, some, self.state, price, rest)
                found.append(room[: rest.bids_written[0]].view(np.uint8).copy())
                released = until
            result.ends[shard] = won
        return won, np.concatenate(found).view(BID)

    def keep(self) -> State:
        """Return what is remembered of the viewers after an hour, whose next one was not foreseen."""
        assert not self._coming
        kept = {name: getattr(self.state, name) for name in _KEPT}
        return kept | {"counts": self.state.counts[: int(self.state.used[0])]}

    def restore(self, state: State) -> None:
        """Remember what was kept."""
        blocks = empty_blocks(len(state["counts"]))
        blocks[:] = state["counts"]
        self.state = self.state._replace(counts=blocks)
        for name in _KEPT:
            # Sessions are those of the traffic, which goes on with them.
            getattr(self.state, name)[:] = state[name]

    def lost(self) -> NDArray[np.void]:
        """Return LOST records since this was last asked, by line item and winner, ambient demand last."""
        counts = self.state.lost_to
        item, winner = np.nonzero(counts.T)
        lost = np.zeros(len(item), LOST)
        lost["line_item"], lost["bids"] = item, counts[winner, item]
        lost["winner"] = np.where(winner == counts.shape[1], -1, winner)
        counts[:] = 0
        return lost

    def _most_bids(self, tick: TickArrays, market: MarketArrays) -> NDArray[np.int64]:
        # Of each pod of the hour, as if all line items in flight bid for all of its slots, where its bids are
        # written; 0 for one that does not come up in the tick.
        if self._written is None:
            self._written = sampled(self.state.viewers["id"], market.salts, tick.bids_of)
        live = sum(int(word).bit_count() for word in tick.live)
        most = np.zeros(len(self._pods), np.int64)
        for first, last in tick.spans.tolist():
            some = self._pods[first:last]
            most[first:last] = self._written[some["viewer"]] * (live * some["slots"].astype(np.int64))
        return most

    def _make_room(self, blocks: int) -> None:
        # As many as a tick may need, if each impression is the first one in all its caps, and each counter
        # full: what is not used takes up no memory.
        counts, used = self.state.counts, int(self.state.used[0])
        if used + blocks > len(counts):
            larger = empty_blocks(used + blocks + used // 2)
            larger[:used] = counts[:used]
            self.state = self.state._replace(counts=larger)


def _cuts(most: NDArray[np.int64]) -> list[int]:
    # Where to cut pods, so that those from one cut to the next have BIDS_TOGETHER bids at most, or are one.
    cuts, sums = [0], np.cumsum(most)
    while cuts[-1] < len(most):
        before = int(sums[cuts[-1] - 1]) if cuts[-1] else 0
        fit = int(np.searchsorted(sums, before + BIDS_TOGETHER, side="right"))
        cuts.append(max(fit, cuts[-1] + 1))
    return cuts


def loop_of(loops: Loops, line_items: int, bids_of: int = 0, *, dynamic: bool) -> Callable[..., int]:
    """Return which of the *loops* serves a tick of a book of so many *line_items*."""
    if dynamic:
        return cast("Callable[..., int]", loops.serve_pods)
    crowds = line_items >= CROWD or bids_of > 0
    return cast("Callable[..., int]", loops.serve_crowds if crowds else loops.serve_slots)


def _homes(traffic: Traffic) -> NDArray[np.int32]:
    # The position of the first viewer of each one's household, which is in one shard.
    found = np.zeros(len(traffic.viewers), np.int32)
    for begin, end in pairwise(traffic.begins.tolist()):
        households = traffic.viewers["household"][begin:end]
        found[begin:end] = begin + np.searchsorted(households, households)
    return found
