"""Fixed CPM: bid the maximum CPM whatever the slot is worth."""

from __future__ import annotations

from typing import Literal

from sim.bidding import BiddingRule


class FixedCpm(BiddingRule):
    """The bid of a line item bought at a price: its maximum CPM."""

    kind: Literal["fixed_cpm"] = "fixed_cpm"

    def bid(self, worth: float) -> float:  # noqa: ARG002
        """Return one."""
        return 1.0
