"""External: a bidding rule of the user's own, a class in a file beside the scenario."""

from __future__ import annotations

from typing import Literal

from sim import external
from sim.bidding import BiddingRule, Quantile


class External(BiddingRule, external.External):
    """A class of the user's own, by the contract of BiddingRule in sim/bidding/__init__.py."""

    kind: Literal["external"] = "external"

    def bids(self, worth: Quantile) -> Quantile:
        """Refuse: a description bids nothing."""
        del worth
        raise self.unplayable()
