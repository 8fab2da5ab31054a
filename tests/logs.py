"""Recorded logs for tests: independent values and prices, or any that a test writes down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.replay.log import Log
from sim.streams import Purpose, generator

UNIT = 1_000_000
"""Micros in a price of one."""


def uniform(auctions: int, rows_per_tick: int = 1, seed: int = 1) -> Log:
    """Return values and prices that are independent and uniform on (0, 1], in ticks of so many rows."""
    values, prices = generator(seed, Purpose.value).integers(1, UNIT + 1, (2, auctions))
    return Log(values, prices, _bounds(auctions, rows_per_tick))


def written(values: Sequence[int], prices: Sequence[int], rows_per_tick: int = 1) -> Log:
    """Return the log of these amounts, micros."""
    columns = np.array(values, np.int64), np.array(prices, np.int64)
    return Log(*columns, _bounds(len(values), rows_per_tick))


def _bounds(auctions: int, rows_per_tick: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.append(np.arange(0, auctions, rows_per_tick), auctions).astype(np.int64)
