"""Template: say in a line who else bids."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.ambient import AmbientDemand


class Template(AmbientDemand):
    """Who else bids and how much, and the source of it."""

    kind: Literal["template"] = "template"
    cpm: float = Field(default=10.0, ge=0, le=1000, description="What it bids for every slot that it wants")
    presence: float = Field(default=0.5, ge=0, le=1, description="Share of slots for which it bids")

    def table(self) -> NDArray[np.int64]:
        """Return a bid that is always the same."""
        return np.array([round(self.cpm * 1000)], np.int64)

    @property
    def share(self) -> float:
        """Return *presence*."""
        return self.presence
