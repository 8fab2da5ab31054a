"""Bidding rules: what a line item bids for a slot that is worth something to it. Each is one file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from sim.family import Part
from sim.layout import SHADE_STEPS

Quantile = Callable[[float], float]
"""From a share of slots to what that share lies below, a multiple of the maximum CPM."""


Landscape = NDArray[np.int64]
"""How often, by weight, the least bid that would have won was within each step of the maximum bid: first
those that nothing would have won, last those that no bid could; SHADE_STEPS + 2 values."""

Answer = Callable[[float, float], float]
"""What an auction format makes of a value and its bid under first price, `AuctionFormat.answer`."""


class BiddingRule(Part):
    """A rule from worth to bid, both as multiples of the maximum CPM; pacing multiplies the bid after it.

    A rule that *learns* has its bid made tick by tick, after pacing, of what exchanges tell a bidder: the
    least bid that would have won each auction that it took part in.
    """

    used: ClassVar[str] = "bidding: NAME in a line item; or create-campaign --bidding NAME"

    heeds_worth: ClassVar[bool] = True
    """Whether the bid depends on what the slot is worth."""
    within_worth: ClassVar[bool] = False
    """Whether no bid is above what the slot is worth, which the law of prices asks."""
    learns: ClassVar[bool] = False
    """Whether it has a landscape."""

    @abstractmethod
    def bids(self, worth: Quantile) -> Quantile:
        """Return the bid for a slot that is worth more than a share of slots; it never falls with worth."""

    @property
    def exploring(self) -> float:
        """Return the share of bids that are drawn between the one that it thinks best and the worth."""
        return 0.0

    def begin(self) -> Landscape:
        """Return what a rule that learns expects before it has seen an auction."""
        return np.zeros(SHADE_STEPS + 2, np.int64)

    def learned(self, landscape: Landscape, seen: Landscape, minutes: int) -> Landscape:  # noqa: ARG002 - none
        """Return a *landscape* after *minutes* in which *seen* auctions of each step were met."""
        return landscape

    def answers(self, landscape: Landscape, most: int, answer: Answer) -> NDArray[np.int64]:  # noqa: ARG002
        """Return the bid for each worth of so many steps of *most*, SHADE_STEPS + 2 of them, in micros."""
        return np.arange(SHADE_STEPS + 2) * most // SHADE_STEPS
