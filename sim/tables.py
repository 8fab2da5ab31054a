"""Probabilities and distributions turned into whole-number tables that the tick can decide by."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from sim.layout import TABLE_BITS

WHOLE = 1 << 32


def threshold(probability: float) -> int:
    """Return the 32-bit threshold below which a uniform draw falls with *probability*."""
    return round(probability * WHOLE)


def cumulative(shares: Sequence[float]) -> NDArray[np.uint64]:
    """Return cumulative 32-bit thresholds of *shares*, which need not add up to one; the last is 2**32."""
    total = math.fsum(shares)
    sums = [round(math.fsum(shares[: i + 1]) / total * WHOLE) for i in range(len(shares))]
    return np.array(sums, dtype=np.uint64)


def quantiles(inverse: Callable[[float], float]) -> NDArray[np.int64]:
    """Return *inverse* at 2**TABLE_BITS + 1 even steps, the outermost half a step inside, as int64.

    Scalar arithmetic throughout, because NumPy's vector functions differ between processors.
    """
    steps = 1 << TABLE_BITS
    inside = (min(max(i, 0.25), steps - 0.25) / steps for i in range(steps + 1))
    return np.array([round(inverse(p)) for p in inside], dtype=np.int64)


def log_normal(median: float, sigma: float) -> NDArray[np.int64]:
    """Return the quantile table of a log-normal distribution, in the unit of *median*."""
    normal = NormalDist()
    return quantiles(lambda p: median * math.exp(sigma * normal.inv_cdf(p)))


def exponential(mean: float, least: float, most: float) -> NDArray[np.int64]:
    """Return the quantile table of *least* plus an exponential time, cut at *most*, with the given *mean*."""
    scale = mean - least
    return quantiles(lambda p: min(least - scale * math.log1p(-p), most))


def constant(value: int) -> NDArray[np.int64]:
    """Return the table of one step that is always *value*."""
    return np.array([value], dtype=np.int64)
