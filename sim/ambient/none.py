"""No ambient demand: the registry's line items are alone in the market."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sim.ambient import AmbientDemand


class NoDemand(AmbientDemand):
    """Nobody else bids, as in exact small markets."""

    kind: Literal["none"] = "none"

    def table(self) -> NDArray[np.int64]:
        """Return a bid of zero."""
        return np.zeros(1, np.int64)

    @property
    def share(self) -> float:
        """Return zero."""
        return 0.0
