"""A perfect forecast: what is expected of the market that comes, weather and script included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.market.forecast import Forecaster, Viewed


class PerfectForecast(Forecaster):
    """What a bidder would know who had made the market; for markets whose outcome is computed.

    Only the luck of single viewers is left to chance.
    """

    kind: Literal["perfect"] = "perfect"

    @property
    def weeks_back(self) -> int:
        """Return none: it knows of weather, releases and everything scripted."""
        return 0

    def viewing(self, coming: Viewed, past: Callable[[int], Viewed], salt: int) -> NDArray[np.float64]:  # noqa: ARG002 - it needs no past
        """Return what comes."""
        return coming.hours
