"""Factor: bid a part of what the slot is worth, or more than that."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.bidding import BiddingRule, Quantile


class Factor(BiddingRule):
    """Worth times a constant: shading below one, which is how first-price bidders keep a margin."""

    kind: Literal["factor"] = "factor"
    factor: float = Field(default=0.8, gt=0, le=100, description="Multiple of what it is worth [assumption]")

    def bids(self, worth: Quantile) -> Quantile:
        """Return *factor* times *worth*."""
        return lambda share: self.factor * worth(share)
