"""Log-normal ambient demand: the usual shape of a bid landscape, by genre, device and hour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from entities.enums import DeviceType, Genre
from sim.ambient import MOST_BID_MICROS, MOST_SCALE, AmbientDemand
from sim.family import Scale
from sim.tables import log_normal


class LogNormalDemand(AmbientDemand):
    """One rival whose best bid is log-normal, and who is there for a share of the slots.

    Log-normal mixtures describe bid landscapes (Cui et al., KDD 2011); the figures are [assumption], near the
    programmatic CTV range of $8 to $16.
    """

    kind: Literal["log_normal"] = "log_normal"
    presence: float = Field(default=0.6, ge=0, le=1, description="Share of slots it bids for [assumption]")
    median_cpm: float = Field(default=14.0, gt=0, le=10_000, description="Median bid, CPM [assumption]")
    sigma: float = Field(default=0.35, ge=0, le=3, description="Deviation of the log bid [assumption]")
    by_genre: Mapping[Genre, Scale] = Field(default={}, description="Multipliers by a title's first genre")
    by_device: Mapping[DeviceType, Scale] = Field(default={}, description="Multipliers by device")
    by_hour: Mapping[Annotated[int, Field(ge=0, le=23)], Scale] = Field(
        default={}, description="Multipliers by local hour of the day"
    )

    def table(self) -> NDArray[np.int64]:
        """Return the quantile table of the bid in micros per impression."""
        return log_normal(self.median_cpm * 1000, self.sigma, MOST_BID_MICROS)

    @property
    def share(self) -> float:
        """Return how often it bids."""
        return self.presence

    def scale(self, hour_of_day: int, device: DeviceType, genre: Genre) -> float:
        """Return the product of the three multipliers, MOST_SCALE at most."""
        by_hour, by_device = self.by_hour.get(hour_of_day, 1.0), self.by_device.get(device, 1.0)
        return min(by_hour * by_device * self.by_genre.get(genre, 1.0), MOST_SCALE)
