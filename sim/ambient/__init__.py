"""Ambient demand: bids from outside the registry that compete for every slot. Each model is one file."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from entities.enums import DeviceType, Genre
from sim.family import Part


class AmbientDemand(Part):
    """Demand that nobody in the registry stands for."""

    usual: ClassVar[str] = "log_normal"

    @abstractmethod
    def table(self) -> NDArray[np.int64]:
        """Return the quantile table of its bid in micros per impression, 2**30 at most."""

    @property
    @abstractmethod
    def share(self) -> float:
        """Return the share of slots for which it bids."""

    def scale(self, hour_of_day: int, device: DeviceType, genre: Genre) -> float:  # noqa: ARG002 - models differ
        """Return what its bid is multiplied with for a slot at a local hour, 1,024 at most."""
        return 1.0
