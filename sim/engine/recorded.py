"""A supply of ticks that happened already: bidders and campaigns plan on them, and no slot is auctioned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.supply import Merged, Supply
from sim.events import FREQUENCY_BUCKETS, FUNNEL, INVENTORY


class RecordedSupply(Supply):
    """Serves what it is *told* instead of running shards: hours × line items × FUNNEL and PAID_FOR.

    Of the ticks of an hour the last one has all of it.
    """

    def __init__(self, told: NDArray[np.int64], *supply: Any, **more: Any) -> None:
        super().__init__(*supply, **more)
        self._told = told

    def serve(
        self,
        hour: int,
        part: int,
        quotes: NDArray[np.void],
        live: NDArray[np.bool_],
        shades: NDArray[np.int64],
        carried: NDArray[np.int64],
    ) -> Callable[[], Merged]:
        """Return what gives what the tick is said to have brought.

        That teaches nobody who shades, as no plan needs it.
        """
        del quotes, live, carried
        items, last = self._told.shape[1], part + 1 == self._market.ticks_per_hour
        found = self._told[hour] if last else np.zeros_like(self._told[hour])
        brought = Merged(
            outcomes=found[:, len(FUNNEL) :],
            funnel=found[:, : len(FUNNEL)],
            inventory=np.zeros((1, 1, len(INVENTORY)), np.int64),
            frequency=np.zeros((items, len(FREQUENCY_BUCKETS)), np.int64),
            landscape=np.zeros_like(shades),
        )
        return lambda: brought
