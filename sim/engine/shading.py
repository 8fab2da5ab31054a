"""Shading: what the bidders that shade have learned of the least bids that win, and what they make of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from entities.errors import PacelineError
from entities.messages import short
from sim.bidding import BiddingRule, Learner
from sim.book.records import Book
from sim.family import attributed, source_of
from sim.layout import SHADE_STEPS
from sim.market.market import Market

_FRESH_MINUTES = 60
_INT64 = np.dtype(np.int64)


class Shading:
    """Keeps each such line item's landscape, which what happened joins when spend becomes known."""

    def __init__(self, book: Book, market: Market) -> None:
        rules = {place: item.bidding for place, item in enumerate(book.line_items)}
        learners = {place: rule for place, rule in rules.items() if isinstance(rule, Learner)}
        self._places, self._rules = list(learners), list(learners.values())
        self._answer, self._tick_minutes = market.auction.answer, market.tick_minutes
        self._ticks, self._age, self._tick = 0, _FRESH_MINUTES, 0
        self._landscapes = [self._told(rule, "begin", rule.begin) for rule in self._rules]
        self._max_bids = np.array([book.line_items[place].max_bid_micros for place in self._places], np.int64)
        self._unknown = np.zeros((len(self._places), SHADE_STEPS + 2), np.int64)
        self._table = np.zeros_like(self._unknown)

    def shades(self, max_bids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what is bid by worth, as TickArrays has it, where *max_bids* are those of all line items.

        Steps are parts of the maximum bid: with a new one a bidder begins anew. What has been learned makes
        new bids once an hour, however short the ticks.
        """
        most = max_bids[self._places]
        changed = np.flatnonzero(most != self._max_bids).tolist()
        for row in changed:
            rule = self._rules[row]
            self._landscapes[row], self._unknown[row] = self._told(rule, "begin", rule.begin), 0
        self._max_bids = most
        if changed or self._age >= _FRESH_MINUTES:
            self._age = 0
            answers = zip(self._rules, self._landscapes, most.tolist(), strict=True)
            bids = [
                self._told(rule, "answers", partial(rule.answers, landscape, bid, self._answer), bid)
                for rule, landscape, bid in answers
            ]
            self._table = np.array(bids, np.int64).reshape(self._unknown.shape)
        return self._table

    def saw(self, landscape: NDArray[np.int64]) -> None:
        """Take what a tick counted: line items that shade × (SHADE_STEPS + 2)."""
        self._unknown += landscape
        self._ticks, self._tick = self._ticks + 1, self._tick + 1

    def sync(self) -> None:
        """Make known what was counted since the last time."""
        minutes, self._ticks = self._ticks * self._tick_minutes, 0
        self._age += minutes
        self._landscapes = [
            self._told(rule, "learned", partial(rule.learned, landscape, seen, minutes))
            for rule, landscape, seen in zip(self._rules, self._landscapes, self._unknown, strict=True)
        ]
        self._unknown = np.zeros_like(self._unknown)

    def _told(
        self, rule: Learner, method: str, find: Callable[[], NDArray[np.int64]], most: int | None = None
    ) -> NDArray[np.int64]:
        found: Any = attributed(find, lambda: self._where(rule, method))
        array = isinstance(found, np.ndarray)
        if not (array and found.shape == (SHADE_STEPS + 2,) and found.dtype == _INT64):
            told = f"{found.shape} of {found.dtype}" if array else short(repr(found), 60)
            where = self._where(rule, method)
            raise PacelineError(f"{where} returned {told}; it must be {SHADE_STEPS + 2} of int64")
        # As numbers without a sign those below zero are above all others.
        if most is not None and (found.view(np.uint64) > most).any():
            odd = found.min() if found.min() < 0 else found.max()
            raise PacelineError(
                f"{self._where(rule, method)} returned {odd:,}; it must be from 0 to {most:,}"
            )
        return cast("NDArray[np.int64]", found)

    def _where(self, rule: Learner, method: str) -> str:
        return f"{source_of(cast('BiddingRule', rule))}: {method} at tick {self._tick}"
