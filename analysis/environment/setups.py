"""The setups of seeds that come again: whoever trains plays the same ones many times."""

from __future__ import annotations

from scenarios.models import Scenario
from sim.book.records import Book
from sim.engine.setup import Setup

VIEWERS_KEPT = 1_000_000
"""Setups are kept while they have no more viewers than so many, all together; the latest always is."""


class Setups:
    """Makes the setup of a seed once, for as long as there is room."""

    def __init__(self, scenario: Scenario, book: Book) -> None:
        self._market, self._book = scenario.market, book
        self._most = max(VIEWERS_KEPT // scenario.market.population.viewers, 1)
        self._kept: dict[int, Setup] = {}

    def of(self, seed: int) -> Setup:
        """Return the setup of *seed*."""
        found = self._kept.pop(seed, None)
        if found is None:
            other = next(iter(self._kept.values()), None)
            found = other.reseeded(seed) if other else Setup(self._market, self._book, seed)
        self._kept[seed] = found  # as the last one
        if len(self._kept) > self._most:
            del self._kept[next(iter(self._kept))]
        return found
