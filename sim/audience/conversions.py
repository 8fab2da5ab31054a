"""What viewers do afterwards: how often a conversion follows an ad, how late, and who gets the credit."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.family import Settings, Share
from sim.tables import WHOLE, threshold

EXPOSURES = 256
"""How many exposures of a viewer differ in effect: later ones work like the last of these."""


class Conversions(Settings):
    """Conversions of viewers, with and without an ad; none while all rates are zero, as by default.

    Any viewer converts for a campaign with the chance `organic_rate` on each day of 24 hours from the start,
    in an hour of it drawn evenly [assumption], whatever ads there were; exposures add to that.

    The n-th exposure of a viewer to a campaign converts with the chance `view_rate` × r(n), where

        r(n) = 1 / (1 + saturation × (n - 1)) × (1 - wear_out) ** max(0, n - wear_out_after)

    and a click with `click_rate`, each on its own. The conversion follows after a delay of whole hours, a
    geometric one of mean `mean_hours` that is less than `lookback_hours`: rates are of conversions within the
    lookback. In its hour it comes after all ads of that hour. A conversion is click-through if the viewer
    clicked on an ad of the campaign within the lookback, and credited to the last click; else it is
    view-through, and credited to the last exposure. Multi-touch credit is linear: each touch, exposure or
    click, of the viewer by the campaign within the lookback has an equal part.
    """

    view_rate: Share = Field(default=0.0, description="Chance of a conversion after a first exposure")
    click_rate: Share = Field(default=0.0, description="Chance of a conversion after a click")
    organic_rate: Share = Field(
        default=0.0,
        description="Chance that a viewer converts on a day without any ad, for each campaign",
        exclude_if=lambda rate: rate == 0,
    )
    exposure: Literal["billed", "viewable", "completed"] = Field(
        default="viewable", description="Which billed impressions are exposures"
    )
    saturation: float = Field(
        default=0.0, ge=0, le=1000, description="How much weaker each further exposure of a viewer works"
    )
    wear_out: Share = Field(default=0.0, description="Share of the effect lost with each exposure too many")
    wear_out_after: int = Field(default=10, ge=1, le=255, description="Exposures that are not too many")
    mean_hours: float = Field(
        default=24.0,
        gt=0,
        le=10_000,
        description="Mean delay of a conversion, before the cut at lookback_hours",
    )  # [assumption]
    lookback_hours: int = Field(
        default=168, ge=1, le=2160, description="Hours in which an ad may be followed by its conversion"
    )  # seven days [assumption]

    @property
    def on(self) -> bool:
        """Return whether any rate is above zero."""
        return self.view_rate > 0 or self.click_rate > 0 or self.organic_rate > 0

    def response(self, exposure: int) -> float:
        """Return r(n), what is left of the effect of a first exposure at that *exposure*, from 1."""
        worn = max(0, exposure - self.wear_out_after)
        return float((1 - self.wear_out) ** worn / (1 + self.saturation * (exposure - 1)))

    def chances(self) -> NDArray[np.uint64]:
        """Return the 32-bit thresholds of the first, second, … exposure, EXPOSURES of them, uint64."""
        rates = [self.view_rate * self.response(n) for n in range(1, EXPOSURES + 1)]
        return np.array([threshold(rate) for rate in rates], np.uint64)

    def delays(self) -> NDArray[np.uint64]:
        """Return the cumulative 32-bit shares of conversions 0, 1, … hours late, `lookback_hours` of them."""
        stay = self.mean_hours / (1 + self.mean_hours)
        total = 1 - stay**self.lookback_hours
        shares = [(1 - stay ** (late + 1)) / total for late in range(self.lookback_hours - 1)]
        return np.array([*(threshold(share) for share in shares), WHOLE], np.uint64)


def exposures(events: NDArray[np.void], terms: Conversions) -> NDArray[np.bool_]:
    """Return which EVENT records are exposures, if they are billed."""
    return (
        np.ones(len(events), bool) if terms.exposure == "billed" else np.asarray(events[terms.exposure] == 1)
    )
