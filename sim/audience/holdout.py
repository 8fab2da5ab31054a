"""Who is held out of a line item: a share of viewers, hashed, the same in every hour of a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.streams import GOLDEN, Purpose, mix_all
from sim.units import PPM


def held_out(
    viewers: NDArray[np.integer],
    key: int | NDArray[np.uint64],
    ppm: int | NDArray[np.int64],
    salts: NDArray[np.uint64],
) -> NDArray[np.bool_]:
    """Return which *viewers*, by id, the line item of that *key* never serves, where it holds out *ppm*.

    One key and share for all, or one for each viewer. *salts* are those of the run's seed.
    """
    draw = mix_all(viewers.astype(np.uint64) * np.uint64(GOLDEN) ^ salts[Purpose.holdout])
    luck = mix_all(draw ^ np.asarray(key, np.uint64)) >> np.uint64(32)
    return np.asarray(luck.astype(np.int64) < (np.asarray(ppm, np.int64) << 32) // PPM)
