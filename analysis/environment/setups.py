"""The setups of seeds that come again: whoever trains plays the same ones many times."""

from __future__ import annotations

from scenarios.models import Scenario
from sim.book.records import Book
from sim.engine.setup import Setup

VIEWER_HOURS_KEPT = 20_000_000
"""Setups are kept while they have no more hours of viewers than so many, all together; the latest always is.
With their traffic that is some 300 MB."""
WITH_TRAFFIC = 2_000_000
"""Whoever has more keeps no traffic."""


class Setups:
    """Makes the setup of a seed once, for as long as there is room."""

    def __init__(self, scenario: Scenario, book: Book) -> None:
        market = scenario.market
        self._market, self._book = market, book
        hours = market.population.viewers * market.horizon.hours
        self._most, self._with_traffic = max(VIEWER_HOURS_KEPT // hours, 1), hours <= WITH_TRAFFIC
        self._kept: dict[int, Setup] = {}

    def of(self, seed: int) -> Setup:
        """Return the setup of *seed*."""
        found = self._kept.pop(seed, None)
        if found is None:
            other = next(iter(self._kept.values()), None)
            if other is None:
                found = Setup(self._market, self._book, seed, keeps=self._with_traffic)
            else:
                found = other.reseeded(seed)
        self._kept[seed] = found  # as the last one
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return found
