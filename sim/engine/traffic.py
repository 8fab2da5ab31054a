"""Traffic: the ad breaks of some viewers, hour after hour."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.layout import SESSION, Viewing

WARM_UP_HOURS = 6
"""Hours watched before the start, so that the first hour finds people in the middle of a session."""


Loops = ModuleType
"""The loops of an hour and a tick: `sim.kernels`, or their readable twins in `sim.reference`."""


class Traffic:
    """What some viewers watch, which depends neither on other viewers nor on what is sold."""

    def __init__(
        self, viewers: NDArray[np.void], viewing: Viewing, start: NDArray[np.int64], loops: Loops = kernels
    ) -> None:
        self.viewers, self._viewing, self._loops = viewers, viewing, loops
        self.sessions = np.zeros(len(viewers), SESSION)
        self.sessions["end"] = np.iinfo(np.int32).min
        for back in range(WARM_UP_HOURS, 0, -1):
            self.breaks(-back, (start - back) % 168)

    def breaks(self, hour: int, week_hours: NDArray[np.int64]) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """Return the ad breaks of *hour* as POD records, and the index at which each second's begin.

        Hours must be asked for in order. *week_hours* is the local hour of the week in each region.
        """
        viewing = self._viewing._replace(
            starts=self._viewing.starts[week_hours],
            carried=self._viewing.carried[week_hours],
            due=self._viewing.due[week_hours],
        )
        meet = self._loops.poisson_breaks if len(viewing.gaps) else self._loops.session_breaks
        pods, first = meet(hour, viewing, self.viewers, self.sessions)
        return pods, first
