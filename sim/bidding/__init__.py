"""Bidding rules: what a line item bids for a slot that is worth something to it. Each is one file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import ClassVar

from sim.family import Part

Quantile = Callable[[float], float]
"""From a share of slots to what that share lies below, a multiple of the maximum CPM."""


class BiddingRule(Part):
    """A rule from worth to bid, both as multiples of the maximum CPM; pacing multiplies the bid after it."""

    used: ClassVar[str] = "bidding: NAME in a line item; or create-campaign --bidding NAME"

    @abstractmethod
    def bids(self, worth: Quantile) -> Quantile:
        """Return the bid for a slot that is worth more than a share of slots; it never falls with worth."""
