"""Fixed CPM: bid the maximum CPM whatever the slot is worth."""

from __future__ import annotations

from typing import ClassVar, Literal

from sim.bidding import BiddingRule, Quantile


class FixedCpm(BiddingRule):
    """The bid of a line item bought at a price: its maximum CPM."""

    kind: Literal["fixed_cpm"] = "fixed_cpm"
    heeds_worth: ClassVar[bool] = False

    def bids(self, worth: Quantile) -> Quantile:  # noqa: ARG002 - whatever it is worth
        """Return one for every slot."""
        return lambda share: 1.0  # noqa: ARG005 - the same everywhere
