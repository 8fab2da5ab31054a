"""Truthful: bid what the slot is worth."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.bidding import BiddingRule, Quantile


class Truthful(BiddingRule):
    """The dominant strategy under second price without a budget (Vickrey 1961)."""

    kind: Literal["truthful"] = "truthful"
    within_worth: ClassVar[bool] = True

    def bids(self, worth: Quantile) -> Quantile:
        """Return *worth*."""
        return worth
