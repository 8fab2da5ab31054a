"""Uniform equilibrium: the first-price bid where everybody's worth is uniform on [0, 1]."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.bidding import BiddingRule, Quantile


class UniformEquilibrium(BiddingRule):
    """b(v) = (n-1)v/n + r^n / (n v^(n-1)) from v = r on, nothing below (Riley and Samuelson 1981).

    *bidders* (n) counts oneself; *reserve* (r) is the floor as a multiple of the maximum CPM, which all have.
    """

    kind: Literal["uniform_equilibrium"] = "uniform_equilibrium"
    bidders: int = Field(default=2, ge=1, le=1000, description="How many bid, oneself included")
    reserve: float = Field(default=0.0, ge=0, le=1, description="The floor as a multiple of the maximum CPM")

    def bids(self, worth: Quantile) -> Quantile:
        """Return the equilibrium bid for a slot of that worth, which is never above it."""
        return lambda share: self._bid(worth(share))

    def _bid(self, value: float) -> float:
        n, r = self.bidders, self.reserve
        if value < r or value <= 0:
            return 0.0
        return float(((n - 1) * value + r * (r / value) ** (n - 1)) / n)
