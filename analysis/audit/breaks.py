"""The ad breaks of a run, drawn again: viewing follows from the market and the seed, whatever was sold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from analysis.audit.book import Sold
from sim import laws
from sim.engine.traffic import Traffic
from sim.events import POD_SHIFT

_KEPT = ["id", "second", "seconds", "slots"]


class BreakReplay:
    """Draws the ad breaks of a run a second time, hours in order."""

    def __init__(self, sold: Sold) -> None:
        # By shard too, because the traffic of all viewers at once would take its memory.
        market = sold.market
        self.viewers, self.homes, habits = market.audience(sold.scenario.seed)
        local = [market.horizon.local(region.timezone) for region in market.regions.values()]
        self._week = np.array([[h.hour_of_week for h in hours] for hours in zip(*local, strict=True)])
        self._traffic = [Traffic(viewers, habits, self._week[0]) for viewers in self.homes]

    def hours(self, first: int, last: int) -> NDArray[np.void]:
        """Return the POD records of the hours from *first*, where the last call ended, to before *last*."""
        found = [
            traffic.breaks(hour, self._week[hour])[0][_KEPT]
            for hour in range(first, last)
            for traffic in self._traffic
        ]
        pods = np.concatenate(found)  # by id from here on
        return np.asarray(pods[np.argsort(pods["id"])])


def breaks_of(events: NDArray[np.void], pods: NDArray[np.void]) -> laws.Breaks:
    """Return the break of each of the EVENT records among *pods*, by id.

    One that is not among them has no ads and no seconds, and began when the event says so.
    """
    number = events["slot_id"] >> POD_SHIFT
    place = np.searchsorted(pods["id"], number).clip(0, max(len(pods) - 1, 0))
    known = pods["id"][place] == number if len(pods) else np.zeros(len(events), bool)
    found = pods[np.where(known, place, 0)] if len(pods) else np.zeros(len(events), pods.dtype)
    return laws.Breaks(
        second=np.where(known, found["second"], laws.break_seconds(events)).astype(np.int64),
        seconds=np.where(known, found["seconds"], 0).astype(np.int64),
        ads=np.where(known, found["slots"], 0).astype(np.int64),
    )
