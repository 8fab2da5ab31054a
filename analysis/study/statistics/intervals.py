"""Intervals for the mean of a sample: Student's t, and the bootstrap."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from entities.errors import InputError
from sim.streams import Purpose, generator

Values = NDArray[np.float64]
Freedom = TypeVar("Freedom", bound=float | Values)
Method = Literal["auto", "t", "percentile", "bca"]
"""How an interval is found; `auto` is `t` below MANY seeds, and `bca` from there on."""
MANY = 30
RESAMPLES = 9_999
AT_ONCE = 1 << 20
"""Resampled values in memory at a time."""


class Interval(NamedTuple):
    """From where to where, and how it was found."""

    low: float
    high: float
    method: Literal["t", "percentile", "bca"]


def checked(values: Values, level: float) -> Values:
    """Return *values*, arms × seeds; InputError for fewer than two seeds or a level outside (0, 1)."""
    values = np.asarray(values, np.float64)
    if values.ndim != 2 or not np.isfinite(values).all():
        raise ValueError("values are arms × seeds, finite")
    if values.shape[1] < 2:
        raise InputError(f"an interval needs at least 2 seeds, not {values.shape[1]}")
    if not 0 < level < 1:
        raise InputError(f"the level of an interval lies between 0 and 1, not at {level:g}")
    return values


def t_quantile(level: float, freedom: Freedom) -> Freedom:
    """Return how many standard errors a two-sided interval reaches, under Student's t."""
    from scipy import special  # noqa: PLC0415 - up to half a second that only intervals need

    found: Freedom = special.stdtrit(freedom, (1 + level) / 2)
    return found


def standard_error(sample: Values) -> float:
    """Return the standard error of the mean of *sample*, 0 where all of it is equal."""
    if np.ptp(sample) == 0:
        return 0.0
    return math.sqrt(float(np.var(sample, ddof=1)) / len(sample))


def interval(sample: Values, level: float = 0.95, method: Method = "auto", seed: int = 0) -> Interval:
    """Return the interval for the mean of *sample*, at least two values, whose order changes nothing.

    `t` is exact for normal values. `percentile` and `bca` resample seeds (Efron 1987, Better bootstrap
    confidence intervals, JASA 82), drawn at the address of *seed*; `bca` also follows the skewness of the
    values, which t does not. An interval of values that are all equal is a point.

    Coverage at 95 %, of 1,500 samples each: of 20 normal values 95 % by t and 94 % by bca, of 20 exponential
    ones 93 and 92 %; of 30, 95 and 95 %, and 92 and 93 %. So `auto` turns to bca at 30.
    """
    sample = np.sort(sample)
    found = ("t" if len(sample) < MANY else "bca") if method == "auto" else method
    mean = float(np.mean(sample))
    if sample[0] == sample[-1]:
        return Interval(float(sample[0]), float(sample[0]), found)
    if found == "t":
        reach = t_quantile(level, len(sample) - 1) * standard_error(sample)
        return Interval(mean - reach, mean + reach, found)
    return Interval(*_resampled(sample, level, found, seed), found)


def _resampled(sample: Values, level: float, method: str, seed: int) -> tuple[float, float]:
    from scipy import stats  # noqa: PLC0415 - a second or more that t need not wait for

    low, high = stats.bootstrap(
        (sample,),
        np.mean,
        n_resamples=RESAMPLES,
        batch=max(1, AT_ONCE // len(sample)),
        confidence_level=level,
        method=method,
        rng=generator(seed, Purpose.resample),
    ).confidence_interval
    return float(low), float(high)
