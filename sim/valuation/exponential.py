"""Exponential valuation: few slots are worth much, and there is always one that is worth more."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import Field

from sim.valuation import Valuation


class Exponential(Valuation):
    """Worth without memory: what a slot is worth beyond any sum has the same *mean* again."""

    kind: Literal["exponential"] = "exponential"
    # Bids are cut at the maximum CPM, one in exp(20) at this mean.
    mean: float = Field(default=0.05, gt=0, le=100, description="Multiple of the maximum CPM")

    def quantile(self, share: float) -> float:
        """Return the multiple at *share* in (0, 1)."""
        return -self.mean * math.log1p(-share)
