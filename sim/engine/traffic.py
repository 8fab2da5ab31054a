"""Traffic: the ad breaks of some viewers, hour after hour."""

from __future__ import annotations

from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.layout import SESSION
from sim.market.rhythm import WARM_UP_HOURS, Rhythm

Loops = ModuleType
"""The loops of an hour and a tick: `sim.kernels`, or their readable twins in `sim.reference`."""


class Traffic:
    """What some viewers watch, which depends neither on other viewers nor on what is sold."""

    def __init__(self, viewers: NDArray[np.void], rhythm: Rhythm, loops: Loops = kernels) -> None:
        self.viewers, self._rhythm, self._loops = viewers, rhythm, loops
        self.sessions = np.zeros(len(viewers), SESSION)
        self.sessions["end"] = np.iinfo(np.int32).min
        for hour in range(-WARM_UP_HOURS, 0):
            self.breaks(hour)

    def breaks(self, hour: int) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """Return the ad breaks of *hour* as POD records, and the index at which each minute's begin.

        Hours must be asked for in order.
        """
        viewing, dark = self._rhythm.viewing(hour), self._rhythm.dark(hour)
        if dark.any():  # an outage ends every session
            ended = self.sessions["end"][dark[self.viewers["region"]]]
            self.sessions["end"][dark[self.viewers["region"]]] = np.minimum(ended, hour * 3600)
        meet = self._loops.poisson_breaks if len(viewing.gaps) else self._loops.session_breaks
        pods, first = meet(hour, viewing, self.viewers, self.sessions)
        return pods, first[::60].copy()


class KeptTraffic(Traffic):
    """Traffic that is met again: the breaks of an hour are made once, and any hour may be asked for."""

    def __init__(self, viewers: NDArray[np.void], rhythm: Rhythm, loops: Loops = kernels) -> None:
        self._kept: list[tuple[NDArray[np.void], NDArray[np.int64]]] = []
        super().__init__(viewers, rhythm, loops)

    def breaks(self, hour: int) -> tuple[NDArray[np.void], NDArray[np.int64]]:
        """Return the ad breaks of *hour*, as others do."""
        if hour < 0:
            return super().breaks(hour)
        while len(self._kept) <= hour:
            self._kept.append(super().breaks(len(self._kept)))
        return self._kept[hour]
