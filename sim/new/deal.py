"""Template: say in a line on which terms it sells, for `paceline list deals`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.deal import MOST_PRIORITY, Deal, DealTerms


class Template(Deal):
    """What seller and buyer agree on, and where such deals are made."""

    kind: Literal["template"] = "template"
    priority: int = Field(default=1, ge=1, le=MOST_PRIORITY, description="How far ahead of the auction")

    def terms(self, max_bid_micros: int) -> DealTerms:
        """Return a fixed price, that of the line item's maximum CPM, ahead of the auction."""
        return DealTerms(self.priority, floor_micros=max_bid_micros)
