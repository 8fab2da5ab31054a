"""Guaranteed: so many impressions at a fixed price, served ahead of the auction."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.deal import Deal, DealTerms

PRIORITY = 8
"""In the middle of the steps: kinds that are served before or after it have room."""


class Guaranteed(Deal):
    """Programmatic guaranteed: a reserved number of impressions at a fixed price (OpenRTB `Deal.at` = 3).

    The price is the line item's maximum CPM, and as that field of the standard has it, the deal's floor too.
    A goal of N impressions is a lifetime budget of N × price, which the line item's pacing policy meters by
    allowance and participation; a bid multiplier changes no fixed price. Without a goal, its budgets are it.
    """

    kind: Literal["guaranteed"] = "guaranteed"
    impressions: int | None = Field(
        default=None, ge=1, le=10**12, description="Delivery goal, billed impressions in all its flights"
    )

    def terms(self, max_bid_micros: int) -> DealTerms:
        """Return terms ahead of the auction, at the line item's maximum and up to the goal."""
        goal = None if self.impressions is None else self.impressions * max_bid_micros
        return DealTerms(PRIORITY, max_bid_micros, goal)
