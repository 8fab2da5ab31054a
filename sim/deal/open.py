"""Open: the open auction, at the market's floor."""

from __future__ import annotations

from typing import Literal

from sim.deal import Deal, DealTerms


class Open(Deal):
    """No deal: the line item competes with everyone, priced by the market's auction format."""

    kind: Literal["open"] = "open"

    def terms(self, max_bid_micros: int) -> DealTerms:  # noqa: ARG002 - terms of nobody's own depend on no bid
        """Return terms of nobody's own."""
        return DealTerms()
