"""Bidding rules: what a line item bids for a slot that is worth something to it. Each is one file."""

from __future__ import annotations

from abc import abstractmethod

from sim.family import Part


class BiddingRule(Part):
    """A rule from worth to bid, both as multiples of the maximum CPM; pacing multiplies the bid after it."""

    @abstractmethod
    def bid(self, worth: float) -> float:
        """Return the bid for a slot of this *worth*."""
