"""How far caps leak: billed impressions that a cap with perfect identity would have stopped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities.enums import CapUnit, FactKind
from sim import laws
from sim.book.calendar import windows_of
from sim.book.records import Book
from sim.engine.kept import State
from sim.events import Fact
from sim.market.market import Market

OWN = (CapUnit.pod, CapUnit.stream)
"""Units whose caps the player itself keeps, so that they never leak."""


class Leaks:
    """Counts each cap by person, hour after hour, in `billed` and `beyond`."""

    def __init__(self, market: Market, book: Book, viewers: int) -> None:
        """Count for so many *viewers*, by their positions, which events have for ids."""
        self._market, self._book = market, book
        self._windows = windows_of(book, market.horizon)
        self._caps = [place for place, cap in enumerate(book.caps) if cap.unit not in OWN]
        items = book.line_items
        self._bound = {place: np.array([place in item.caps for item in items]) for place in self._caps}
        # The window of each viewer's latest impression, and how many that window holds.
        self._window = {place: np.full(viewers, -1, np.int32) for place in self._caps}
        self._count = {place: np.zeros(viewers, np.int32) for place in self._caps}
        self.billed = np.zeros(len(items), np.int64)
        """Billed impressions of each line item."""
        self.beyond = np.zeros(len(items), np.int64)
        """Those that one of its caps would have stopped, had it known the viewer."""

    def add(self, hour: int, events: NDArray[np.void]) -> None:
        """Count the EVENT records of one more hour; called once for each, in order."""
        billed = events[(events["rendered"] == 1) & (events["invalid"] == 0) & (events["ghost"] == 0)]
        # Slots of a shard are in their order, and no viewer is in two.
        item, viewer = billed["line_item"], billed["viewer_id"].astype(np.int64)
        second = laws.break_seconds(billed)
        over = np.zeros(len(billed), bool)
        for place in self._caps:
            cap = self._book.caps[place]
            mine = np.flatnonzero(self._bound[place][item])
            if cap.unit == CapUnit.minute:
                off = self._windows[hour, place].astype(np.int32)
                window = (second[mine] // 60 + off) // cap.unit_count
            else:
                window = np.full(len(mine), self._windows[hour, place], np.int64)
            over[mine] |= self._rank(place, viewer[mine], window) >= cap.limit
        self.billed += np.bincount(item, minlength=len(self.billed))
        self.beyond += np.bincount(item[over], minlength=len(self.billed))

    def keep(self) -> State:
        """Return what is counted so far."""
        kept: State = {"billed": self.billed, "beyond": self.beyond}
        for place in self._caps:
            kept |= {f"window.{place}": self._window[place], f"count.{place}": self._count[place]}
        return kept

    def restore(self, state: State) -> None:
        """Go on from what was kept."""
        self.billed[:], self.beyond[:] = state["billed"], state["beyond"]
        for place in self._caps:
            self._window[place][:], self._count[place][:] = state[f"window.{place}"], state[f"count.{place}"]

    def facts(self) -> list[Fact]:
        """Return what leaked, at the end of the horizon."""
        return facts_of(self._market, self._book, self.billed, self.beyond)

    def _rank(self, place: int, viewer: NDArray[np.int64], window: NDArray[np.int64]) -> NDArray[np.int64]:
        # How many impressions of the same viewer and window came before each, in order.
        if not len(viewer):
            return viewer
        before = np.where(self._window[place][viewer] == window, self._count[place][viewer], 0)
        order = np.lexsort((np.arange(len(viewer)), window, viewer))
        who, when = viewer[order], window[order]
        first = np.concatenate([[True], (who[1:] != who[:-1]) | (when[1:] != when[:-1])])
        begin = np.maximum.accumulate(np.where(first, np.arange(len(who)), 0))
        rank = np.empty_like(viewer)
        rank[order] = np.arange(len(who)) - begin
        rank += before
        # The latest window of each viewer is the last in this order.
        last = order[np.concatenate([who[1:] != who[:-1], [True]])]
        self._window[place][viewer[last]] = window[last]
        self._count[place][viewer[last]] = rank[last] + 1
        return rank


def facts_of(market: Market, book: Book, billed: NDArray[np.int64], beyond: NDArray[np.int64]) -> list[Fact]:
    """Return what leaked of each line item that has a cap, at the end of the horizon."""
    capped = [any(book.caps[cap].unit not in OWN for cap in item.caps) for item in book.line_items]
    end = market.horizon.hours * 3600
    return [
        Fact(
            end,
            FactKind.caps_leaked,
            line_item=place,
            count=int(beyond[place]),
            total=int(billed[place]),
        )
        for place in np.flatnonzero(capped).tolist()
    ]
