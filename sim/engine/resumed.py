"""A supply that was kept: bidders and campaigns are told its past, and then it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.engine.kept import Kept
from sim.engine.kept import part as part_of
from sim.engine.supply import Merged, Supply


class ResumedSupply(Supply):
    """Serves what the kept ticks brought without running shards, and from then on what a supply does."""

    def __init__(self, kept: Kept, *supply: Any, **more: Any) -> None:
        super().__init__(*supply, **more)
        self._told = kept.ticks
        self.restore(part_of("supply", kept.state))

    def serve(
        self,
        hour: int,
        part: int,
        quotes: NDArray[np.void],
        live: NDArray[np.bool_],
        shades: NDArray[np.int64],
        carried: NDArray[np.int64],
    ) -> Callable[[], Merged]:
        """Return what gives what the tick brought."""
        tick = hour * self._market.ticks_per_hour + part
        if tick >= len(self._told.funnel):
            return super().serve(hour, part, quotes, live, shades, carried)
        nothing = np.zeros((0, 0), np.int64)
        brought = Merged(
            outcomes=self._told.outcomes[tick] if self._setup.outcomes else None,
            funnel=self._told.funnel[tick],
            inventory=nothing,
            frequency=nothing,
            landscape=self._told.landscape[tick],
        )
        return lambda: brought
