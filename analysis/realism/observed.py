"""What passes through the loops of a run: who watches, what comes up, and what is won of it when."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.auction.second_price import SecondPrice
from sim.events import FUNNEL
from sim.layout import BookArrays, MarketArrays, TickArrays, TickResult
from sim.memory import MemoryArrays

TENTHS = 6
"""Parts of ten minutes in an hour."""
TIES_EVERY = 7
"""Ties are counted in every seventh hour, which meets all hours of the day."""
_DECIDED = [FUNNEL.index(name) for name in ("requests_matched", "wins")]


class Observed:
    """The compiled loops of an hour and a tick, with aggregates of what they are given and find.

    It stands in for `sim.kernels` in a run, whose bytes stay as they are. Shards may run at the same time.
    """

    def __init__(self, regions: int) -> None:
        self._regions, self._lock = regions, threading.Lock()
        self.watched_seconds: defaultdict[int, int] = defaultdict(int)
        """By hour; nothing where there are no sessions."""
        self.avails: defaultdict[int, NDArray[np.int64]] = defaultdict(lambda: np.zeros(regions, np.int64))
        """Slots by region, by hour."""
        self.by_viewer: dict[int, NDArray[np.int64]] = {}
        """Slots of each viewer of a batch of shards, by the id of the first of them."""
        self.tenths: NDArray[np.int64] = np.zeros((TENTHS, 0, 2), np.int64)
        """Ten minutes of the hour × line items: slots matched, and slots won."""
        self.decided = self.tied = 0
        """Slots won in the hours in which ties are counted, and those in which the next bid was as high."""

    def __getattr__(self, name: str) -> Any:
        return getattr(kernels, name)

    def session_breaks(
        self,
        hour: int,
        viewing: Any,
        viewers: NDArray[np.void],
        sessions: NDArray[np.void],
        begins: NDArray[np.int64],
    ) -> Any:
        """Return the breaks of an hour, counted with the seconds watched."""
        before = sessions[["start", "end", "number"]].copy()
        found = kernels.session_breaks(hour, viewing, viewers, sessions, begins)
        if hour >= 0:
            begin, end = 3600 * hour, 3600 * hour + 3600
            new = sessions["number"] != before["number"]
            seconds = _inside(before, begin, end) + _inside(sessions[new], begin, end)
            with self._lock:
                self.watched_seconds[hour] += seconds
            self._meet(hour, found[0], viewers)
        return found

    def poisson_breaks(
        self,
        hour: int,
        viewing: Any,
        viewers: NDArray[np.void],
        sessions: NDArray[np.void],
        begins: NDArray[np.int64],
    ) -> Any:
        """Return the breaks of an hour without sessions, counted."""
        found = kernels.poisson_breaks(hour, viewing, viewers, sessions, begins)
        if hour >= 0:
            self._meet(hour, found[0], viewers)
        return found

    def _meet(self, hour: int, pods: NDArray[np.void], viewers: NDArray[np.void]) -> None:
        slots = pods["slots"].astype(np.int64)
        regions = np.bincount(viewers["region"][pods["viewer"]], slots, self._regions).astype(np.int64)
        met = np.bincount(pods["viewer"], slots, len(viewers)).astype(np.int64)
        if not len(viewers):
            return
        with self._lock:
            self.avails[hour] += regions
            first = int(viewers["id"][0])
            self.by_viewer[first] = met + self.by_viewer.get(first, 0)

    def serve_slots(self, *given: Any) -> int:
        """Return what `serve_slots` of the kernels does, called for ten minutes after another."""
        return self._serve(kernels.serve_slots, *given)

    def serve_crowds(self, *given: Any) -> int:
        """Return what `serve_crowds` of the kernels does, called for ten minutes after another."""
        return self._serve(kernels.serve_crowds, *given)

    def serve_pods(self, *given: Any) -> int:
        """Return what `serve_pods` of the kernels does, called for ten minutes after another."""
        return self._serve(kernels.serve_pods, *given)

    def _serve(
        self,
        serve: Any,
        pods: NDArray[np.void],
        book: BookArrays,
        market: MarketArrays,
        tick: TickArrays,
        memory: MemoryArrays,
        price: Any,
        result: TickResult,
    ) -> int:
        won = 0
        for shard in range(len(tick.spans)):
            own = slice(shard, shard + 1)
            alone = tick._replace(quotes=tick.quotes[own], releases=tick.releases[own])
            rest = result._replace(events=result.events[won:], ends=result.ends[own].copy())
            here = pods[slice(*tick.spans[shard])]
            won += self._serve_shard(serve, here, book, market, alone, memory, price, rest)
            result.ends[shard] = won
        return won

    def _serve_shard(
        self,
        serve: Any,
        pods: NDArray[np.void],
        book: BookArrays,
        market: MarketArrays,
        tick: TickArrays,
        memory: MemoryArrays,
        price: Any,
        result: TickResult,
    ) -> int:
        begin = int(pods["second"][0]) if len(pods) else 0
        hour = begin // 3600
        if len(pods) and hour % TIES_EVERY == 0:
            self._count_ties(serve, pods, book, market, tick, memory, result)
        counted = np.zeros((TENTHS, len(book.line_items), 2), np.int64)
        marks = np.searchsorted(pods["second"], 3600 * hour + 600 * np.arange(TENTHS + 1))
        won, released = 0, 0
        for tenth in range(TENTHS):
            some = pods[marks[tenth] : marks[tenth + 1]]
            if not len(some):
                continue
            # Parts of the tick that begin until the last of these slots are released by this call.
            until = int(np.searchsorted(tick.parts, some["second"][-1], side="right"))
            parts = tick._replace(
                spans=_all_of(some),
                parts=tick.parts[released:until],
                releases=np.ascontiguousarray(tick.releases[:, released:until]),
            )
            before = result.funnel[:, _DECIDED].copy()
            won += serve(
                some, book, market, parts, memory, price, result._replace(events=result.events[won:])
            )
            released = until
            counted[tenth] = result.funnel[:, _DECIDED] - before
        with self._lock:
            if not self.tenths.shape[1]:
                self.tenths = np.zeros_like(counted)
            self.tenths = self.tenths + counted
        return won

    def _count_ties(
        self,
        serve: Any,
        pods: NDArray[np.void],
        book: BookArrays,
        market: MarketArrays,
        tick: TickArrays,
        memory: MemoryArrays,
        blank: TickResult,
    ) -> None:
        # On copies, and priced by the next bid, whatever the format: so the events tell what it was.
        constant = ("viewers", "sessions", "homes", "notes")
        changed = [name for name in memory._fields if name not in constant]
        again = memory._replace(**{name: getattr(memory, name).copy() for name in changed})
        blanks = {name: np.zeros_like(getattr(blank, name)) for name in blank._fields}
        result = blank._replace(**blanks)
        won = serve(
            pods,
            book,
            market._replace(needs_rival=1),
            tick._replace(spans=_all_of(pods), quotes=tick.quotes.copy()),
            again,
            SecondPrice().price,
            result,
        )
        events = result.events[:won]
        events = events[events["ghost"] == 0]
        bid, price, floor = (events[name] for name in ("bid_micros", "price_micros", "floor_micros"))
        tied = (bid == price) & ((bid > floor) | (events["ambient_micros"] == bid))
        with self._lock:
            self.decided += len(events)
            self.tied += int(tied.sum())


def _all_of(pods: NDArray[np.void]) -> NDArray[np.int64]:
    return np.array([[0, len(pods)]], np.int64)


def _inside(sessions: NDArray[np.void], begin: int, end: int) -> int:
    until = np.minimum(sessions["end"].astype(np.int64), end)
    return int((until - np.maximum(sessions["start"].astype(np.int64), begin)).clip(0).sum())
