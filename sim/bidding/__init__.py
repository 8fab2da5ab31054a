"""Bidding rules: what a line item bids for a slot that is worth something to it. Each is one file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from sim.family import Part, blamed, source_of
from sim.tables import bounded

Quantile = Callable[[float], float]
"""From a share of slots to what that share lies below, a multiple of the maximum CPM."""


Landscape = NDArray[np.int64]
"""How often, by weight, the least bid that would have won was within each step of the maximum bid: first
those that nothing would have won, last those that no bid could; SHADE_STEPS + 2 values."""

Amount = TypeVar("Amount", float, NDArray[np.float64])


class Answer(Protocol):
    """What an auction format makes of a value and its bid under first price, `AuctionFormat.answer`."""

    def __call__(self, value: Amount, shaded: Amount, /) -> Amount:
        """Return the bid, or those of arrays."""


class BiddingRule(Part):
    """A rule from worth to bid, both as multiples of the maximum CPM; pacing multiplies the bid after it."""

    used: ClassVar[str] = "bidding: NAME in YAML, or external; or create-campaign --bidding NAME"

    heeds_worth: ClassVar[bool] = True
    """Whether the bid depends on what the slot is worth."""
    within_worth: ClassVar[bool] = False
    """Whether no bid is above what the slot is worth, which the law of prices asks."""

    @abstractmethod
    def bids(self, worth: Quantile) -> Quantile:
        """Return the bid for a slot that is worth more than a share of slots; it never falls with worth."""

    def bidding_for(self, worth: Quantile) -> Quantile:
        """Return `bids`, which raise PacelineError where they fail or are no number from 0."""
        where = f"{source_of(self)}: bids"
        with blamed(where):
            bids = self.bids(worth)
        return partial(bounded, where, bids)


class Learner(ABC):
    """What a rule also promises that makes its bids tick by tick, after pacing, of what a bidder is told.

    Exchanges tell the least bid that would have won each auction that the line item took part in.
    """

    @property
    @abstractmethod
    def exploring(self) -> float:
        """Return the share of bids that are drawn between the one that it thinks best and the worth."""

    @abstractmethod
    def begin(self) -> Landscape:
        """Return what it expects before it has seen an auction."""

    @abstractmethod
    def learned(self, landscape: Landscape, seen: Landscape, minutes: int) -> Landscape:
        """Return a *landscape* after *minutes* in which *seen* auctions of each step were met."""

    @abstractmethod
    def answers(self, landscape: Landscape, most: int, answer: Answer) -> NDArray[np.int64]:
        """Return the bid for each worth of so many steps of *most*, SHADE_STEPS + 2 of them, in micros."""
