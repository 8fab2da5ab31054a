"""Equilibrium: the first-price bid among rivals whose worths are distributed like one's own."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.bidding import BiddingRule, Quantile
from sim.tables import GAUSS

_STEPS = 1 << 12


_BY_SHARE = 7
"""Up to so many bidders points follow the best rival's density; beyond, even steps of its distribution."""


class Equilibrium(BiddingRule):
    """b(v) = v - ∫_r^v F(x)^(n-1) dx / F(v)^(n-1) from v = r on, nothing below (Krishna 2009, 2.3, 2.5).

    That is the mean of what the best of n-1 rivals finds the slot worth, or of *reserve* (r) where that is
    more, given that it is worth less to them. *bidders* (n) counts oneself.
    """

    kind: Literal["equilibrium"] = "equilibrium"
    bidders: int = Field(default=2, ge=1, le=1000, description="How many bid, oneself included")
    reserve: float = Field(
        default=0.0, ge=0, le=100, description="The floor as a multiple of the maximum CPM"
    )

    def bids(self, worth: Quantile) -> Quantile:
        """Return the equilibrium bid for a slot that is worth more than a share of slots."""
        n, r = self.bidders, self.reserve

        def on(from_share: float, bid: float, share: float) -> float:
            # By share the best rival's distribution is u^(n-1): the bid is the mean of max(worth(u), r) up to
            # *share*, known up to *from_share*. Ratios of shares, for their powers would come down to zero.
            known = (from_share / share) ** (n - 1)
            if n > _BY_SHARE:
                points = [(known + (1 - known) * point, weight * (1 - known)) for point, weight in GAUSS]
                return bid * known + sum(
                    weight * max(worth(share * t ** (1 / (n - 1))), r) for t, weight in points
                )
            width = share - from_share
            points = [(from_share + width * point, weight * width) for point, weight in GAUSS]
            new = sum(weight * max(worth(u), r) * (u / share) ** (n - 2) for u, weight in points)
            return float(bid * known + (n - 1) * new / share)

        knots = [max(worth(0.25 / _STEPS), r)]
        if n > 1:
            for i in range(1, _STEPS):
                knots.append(on((i - 1) / _STEPS, knots[-1], i / _STEPS))

        def bid(share: float) -> float:
            value = worth(share)
            if value < r:
                return 0.0
            if n == 1:
                return r
            below = min(int(share * _STEPS), _STEPS - 1)
            at_least = knots[below]
            if share * _STEPS > below:
                at_least = on(below / _STEPS, at_least, share)
            return min(at_least, value)

        return bid
