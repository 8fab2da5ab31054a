"""Log-normal valuation: slots differ in what they are worth, as predicted responses do."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

from pydantic import Field

from sim.valuation import Valuation

_NORMAL = NormalDist()


class LogNormal(Valuation):
    """Worth with a given median and spread; bids are cut at the maximum CPM all the same."""

    kind: Literal["log_normal"] = "log_normal"
    median: float = Field(default=0.85, gt=0, le=100, description="Multiple of the maximum CPM [assumption]")
    sigma: float = Field(default=0.15, ge=0, le=3, description="Deviation of the log worth [assumption]")

    def quantile(self, share: float) -> float:
        """Return the multiple at *share* in (0, 1)."""
        return self.median * math.exp(self.sigma * _NORMAL.inv_cdf(share))
