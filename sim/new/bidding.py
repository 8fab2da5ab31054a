"""Template: say in a line what it bids, for `paceline list bidding`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.bidding import BiddingRule, Quantile


class Template(BiddingRule):
    """What it bids and why, and the source of its formula."""

    kind: Literal["template"] = "template"
    most: float = Field(
        default=1.0, gt=0, le=100, description="The highest bid, a multiple of the maximum CPM"
    )

    def bids(self, worth: Quantile) -> Quantile:
        """Return *worth*, but never more than *most*."""
        return lambda share: min(worth(share), self.most)
