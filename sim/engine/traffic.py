"""Traffic: the ad breaks of the viewers of some shards, hour after hour."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.layout import SESSION
from sim.market.rhythm import WARM_UP_HOURS, Rhythm

Breaks = tuple[NDArray[np.void], NDArray[np.int64]]
"""The ad breaks of an hour as POD records, and where those of a minute begin, shards × 61."""

Loops = ModuleType
"""The loops of an hour and a tick: `sim.kernels`, or their readable twins in `sim.reference`."""


class Traffic:
    """What some viewers watch, which depends neither on other viewers nor on what is sold."""

    def __init__(self, homes: Sequence[NDArray[np.void]], rhythm: Rhythm, loops: Loops = kernels) -> None:
        """Take the viewers of each shard, VIEWER records."""
        self._rhythm, self._loops = rhythm, loops
        self.viewers = np.concatenate(homes)
        self.begins = np.cumsum([0, *map(len, homes)], dtype=np.int64)
        """Where the viewers of each shard begin, and their number."""
        self.sessions = np.zeros(len(self.viewers), SESSION)
        self.sessions["end"] = np.iinfo(np.int32).min
        for hour in range(-WARM_UP_HOURS, 0):
            self.breaks(hour)

    def breaks(self, hour: int) -> Breaks:
        """Return the ad breaks of *hour*; hours must be asked for in order."""
        viewing, dark = self._rhythm.viewing(hour), self._rhythm.dark(hour)
        if dark.any():  # an outage ends every session
            ended = self.sessions["end"][dark[self.viewers["region"]]]
            self.sessions["end"][dark[self.viewers["region"]]] = np.minimum(ended, hour * 3600)
        meet = self._loops.poisson_breaks if len(viewing.gaps) else self._loops.session_breaks
        pods, first = meet(hour, viewing, self.viewers, self.sessions, self.begins)
        return pods, first[:, ::60].copy()


class KeptTraffic(Traffic):
    """Traffic that is met again: the breaks of an hour are made once, and any hour may be asked for."""

    def __init__(self, homes: Sequence[NDArray[np.void]], rhythm: Rhythm, loops: Loops = kernels) -> None:
        self._kept: list[Breaks] = []
        super().__init__(homes, rhythm, loops)

    def breaks(self, hour: int) -> Breaks:
        """Return the ad breaks of *hour*, as others do."""
        if hour < 0:
            return super().breaks(hour)
        while len(self._kept) <= hour:
            self._kept.append(super().breaks(len(self._kept)))
        return self._kept[hour]
