"""Private: a deal in the auction with a floor of its own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.deal import Deal, DealTerms


class Private(Deal):
    """An invited buyer competes in the auction, but above its own floor (OpenRTB 2.6, `Deal.bidfloor`).

    The floor takes the place of the market's, whether higher or lower, and no premium for a position is added
    to it. Won slots are priced by the market's auction format with that floor.
    """

    kind: Literal["private"] = "private"
    floor_cpm: float | None = Field(
        default=None, ge=0, le=10_000, description="The deal's floor; without one, the market's"
    )

    def terms(self, max_bid_micros: int) -> DealTerms:  # noqa: ARG002 - whatever it bids
        """Return terms with the deal's floor."""
        return DealTerms(floor_micros=None if self.floor_cpm is None else round(self.floor_cpm * 1000))
