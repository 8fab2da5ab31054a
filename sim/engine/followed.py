"""What viewers do after they saw an ad, and where caps leak: followed where their events are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.book.records import Book
from sim.engine.conversions import ConversionTracker
from sim.engine.kept import State, part, under
from sim.engine.leaks import Leaks
from sim.engine.lift import LiftCount
from sim.engine.site import Followed
from sim.market.market import Market


class Follower:
    """Follows some viewers, hour after hour. What is counted of others adds up to it."""

    def __init__(
        self,
        market: Market,
        book: Book,
        masks: NDArray[np.uint64],
        salts: NDArray[np.uint64],
        viewers: NDArray[np.void],
    ) -> None:
        """Take VIEWER records; *masks* say by their kinds which line items may reach them."""
        # Memory is by the position of a viewer, in the order of ids.
        viewers = viewers[np.argsort(viewers["id"])]
        self._ids = viewers["id"].astype(np.int64)
        self._leaks = None if market.identity.perfect else Leaks(market, book, len(viewers))
        self._tracker = self._lift = None
        if market.conversions.on:
            self._tracker = ConversionTracker(market.conversions, book, self._ids, salts)
            self._lift = LiftCount(market.conversions, book, viewers, masks, salts)

    def add(self, hour: int, events: NDArray[np.void], *, day_over: bool) -> Followed:
        """Return what became of the EVENT records of the next *hour*; lift where the *day* is *over*."""
        events = events.copy()
        events["viewer_id"] = np.searchsorted(self._ids, events["viewer_id"])
        if self._leaks:
            self._leaks.add(hour, events)
        if not (self._tracker and self._lift):
            return Followed(None, None)
        conversions = self._tracker.add(hour, events)
        self._lift.add(hour, events, self._tracker.converted)
        return Followed(conversions, self._lift.rows() if day_over else None)

    def leaked(self) -> NDArray[np.int64]:
        """Return billed impressions, and those beyond a cap, 2 × line items; none where no cap leaks."""
        leaks = self._leaks
        return np.stack([leaks.billed, leaks.beyond]) if leaks else np.zeros((2, 0), np.int64)

    def keep(self) -> State:
        """Return what is counted so far."""
        kept: State = {}
        for name, count in (("leaks", self._leaks), ("conversions", self._tracker), ("lift", self._lift)):
            kept |= under(name, count.keep()) if count else {}
        return kept

    def restore(self, state: State, hours: int) -> None:
        """Go on from what was kept after so many *hours*."""
        if self._leaks:
            self._leaks.restore(part("leaks", state))
        if self._tracker and self._lift:
            self._tracker.restore(part("conversions", state), hours)
            self._lift.restore(part("lift", state))
