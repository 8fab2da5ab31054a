"""Probabilities and distributions turned into whole-number tables that the tick can decide by."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from entities.errors import PacelineError
from sim.family import blamed
from sim.layout import ATOMS, MOST_FACTOR, NORMAL_BITS, NORMAL_MOST, STRAIGHT, TABLE_BITS, TAILED

WHOLE = 1 << 32
GAUSS = ((0.5 - 0.15**0.5, 5 / 18), (0.5, 8 / 18), (0.5 + 0.15**0.5, 5 / 18))
"""Points of [0, 1] and their weights, Gauss-Legendre: exact up to the fifth degree."""
MOST_VALUE = MOST_FACTOR
"""How far from zero the values of a table may lie: products with them must stay within 63 bits.

A bid is below 2**24 micros, the highest CPM being 10,000, and is multiplied with a factor: below 2**62. Two
steps are 2**39 apart at most, and the way between them is a fraction of 20 bits: below 2**59. No bid is lost
by it: a factor of 2**38 is 262,144 times the maximum bid, and bids are cut at that maximum.
"""


def bounded(where: str, found: Callable[..., Any], *given: Any, most: float = 1e300) -> float:
    """Return what is *found* for what is *given*; PacelineError for all but a number from 0 to *most*."""
    try:
        number = found(*given)
        if type(number) is float and 0 <= number <= most:  # nearly always, and tables ask often
            return number
        if isinstance(number, int | float | np.integer | np.floating) and 0 <= number <= most:
            return float(number)
    except Exception:
        with blamed(_call(where, given)):
            raise
    raise PacelineError(f"{_call(where, given)} is {number!r}; it must be from 0 to {most:,}")


def _call(where: str, given: tuple[Any, ...]) -> str:
    told = ", ".join(f"{each:g}" if isinstance(each, float) else str(each) for each in given)
    return f"{where}({told})" if given else where


def rising(where: str, inverse: Callable[[float], float]) -> Callable[[float], float]:
    """Return *inverse*; PacelineError with *where* where it falls, is below zero or is no number.

    A fall that no table shows is none.
    """
    last = 0.0, 0.0

    def found(share: float) -> float:
        nonlocal last
        value = bounded(where, inverse, share)
        if last[0] <= share and last[1] <= value:
            last = share, value
            return value
        (low, least), (high, most) = sorted((last, (share, value)))
        if least > most and not math.isclose(least, most, rel_tol=1e-6, abs_tol=1e-6):
            fall = f"falls from {least:g} at {low:g} to {most:g} at {high:g}"
            raise PacelineError(f"{where} {fall}; it must not fall")
        last = share, value
        return value

    return found


def threshold(probability: float) -> int:
    """Return the 32-bit threshold below which a uniform draw falls with *probability*."""
    return round(probability * WHOLE)


def cumulative(shares: Sequence[float]) -> NDArray[np.uint64]:
    """Return cumulative 32-bit thresholds of *shares*, which need not add up to one; the last is 2**32."""
    total = math.fsum(shares)
    sums = [round(math.fsum(shares[: i + 1]) / total * WHOLE) for i in range(len(shares))]
    return np.array(sums, dtype=np.uint64)


def quantiles(
    inverse: Callable[[float], float], most: int = MOST_VALUE, *, bounded: bool = False
) -> NDArray[np.int64]:
    """Return *inverse* at 2**TABLE_BITS + 1 even steps, int64.

    The outermost are a quarter of a step inside, for many a distribution has no end there; they are 0 and 1
    for one that is *bounded*. Values are cut at *most*, above zero and below. Scalar arithmetic throughout,
    because NumPy's vector functions differ between processors.
    """
    steps, off = 1 << TABLE_BITS, 0 if bounded else 0.25
    inside = (min(max(i, off), steps - off) / steps for i in range(steps + 1))
    return np.array([_cut(inverse(p), most) for p in inside], dtype=np.int64)


class Values(NamedTuple):
    """A row of the value tables, 2**(TABLE_BITS + 1) whole numbers, and how it is read."""

    row: NDArray[np.int64]
    form: int

    @property
    def found(self) -> NDArray[np.int64]:
        """Return the values in it."""
        return self.row[: 1 << TABLE_BITS] if self.form == ATOMS else self.row


def straight(table: NDArray[np.int64]) -> Values:
    """Return a quantile *table* as values: on straight lines from end to end."""
    return Values(np.pad(table, (0, (2 << TABLE_BITS) - len(table)), mode="edge"), STRAIGHT)


def tailed(inverse: Callable[[float], float]) -> Values:
    """Return *inverse*, a distribution without an end, at even steps, and at as many within the last of them.

    So it ends a quarter of 2**(-2·TABLE_BITS) before 1. Values are cut at MOST_VALUE.
    """
    steps = 1 << TABLE_BITS
    body = [max(i, 0.25) / steps for i in range(steps - 1)]
    tail = [((steps - 1) * steps + min(i, steps - 0.25)) / steps**2 for i in range(steps + 1)]
    return Values(np.array([_cut(inverse(p), MOST_VALUE) for p in (*body, *tail)], np.int64), TAILED)


def atoms(values: Sequence[float]) -> Values:
    """Return *values* in rising order, each as likely as another, 2**TABLE_BITS of them at most."""
    steps, count = 1 << TABLE_BITS, len(values)
    row = np.zeros(2 * steps, np.int64)
    for step in range(steps):
        at = step * count >> TABLE_BITS
        row[step] = _cut(values[at], MOST_VALUE)
        # Where the next one begins: a value is as long as a step or longer, so that a step has two at most.
        row[steps + step] = min(round((at + 1 << 32) / count) - (step << 20), 1 << 20)
    return Values(row, ATOMS)


def _cut(value: float, most: int) -> int:
    return round(max(min(value, most), -most))


@lru_cache(maxsize=64)
def log_normal(median: float, sigma: float, most: int = MOST_VALUE) -> NDArray[np.int64]:
    """Return the quantile table of a log-normal distribution, in the unit of *median*, cut at *most*."""
    normal = NormalDist()
    return quantiles(lambda p: median * math.exp(sigma * normal.inv_cdf(p)), most)


@lru_cache(maxsize=64)
def exponential(mean: float, least: float, most: float) -> NDArray[np.int64]:
    """Return the quantile table of *least* plus an exponential time, cut at *most*.

    *mean*, which lies between *least* and *most*, is that of what is left after the cut.
    """
    # With r = (most - least) / scale, the cut exponential has (1 - exp(-r)) / r of that span as its mean: it
    # falls from 1 as r grows, and is below 1 / r.
    share = (mean - least) / (most - least)
    low, high = 0.0, 1 / share
    for _ in range(100):
        r = (low + high) / 2
        low, high = (r, high) if -math.expm1(-r) / r > share else (low, r)
    scale = (most - least) / high
    return quantiles(lambda p: min(least - scale * math.log1p(-p), most))


@lru_cache(maxsize=8)
def memoryless(mean: int) -> NDArray[np.int64]:
    """Return the quantile table of an exponential time that begins at zero and has the whole number *mean*.

    The last edge, which has no value in theory, is the one that makes the mean of the table exact.
    """
    steps = 1 << TABLE_BITS
    table = [round(-math.log1p(-i / steps) * mean) for i in range(steps)]
    return np.array([*table, 2 * (steps * mean - sum(table))], dtype=np.int64)


@lru_cache(maxsize=1)
def normal_distances() -> NDArray[np.int64]:
    """Return the distances of normal deviates from zero in 1/2**NORMAL_BITS, a row that is read as TAILED."""
    normal = NormalDist()
    return tailed(lambda share: normal.inv_cdf((1 + share) / 2) * (1 << NORMAL_BITS)).row


@lru_cache(maxsize=1)
def normal_shares() -> NDArray[np.int64]:
    """Return the shares of normal deviates below 2**TABLE_BITS + 1 even steps to NORMAL_MOST, in 1/2**62."""
    normal, steps = NormalDist(), 1 << TABLE_BITS
    shares = [normal.cdf(NORMAL_MOST * (2 * i / steps - 1)) for i in range(steps + 1)]
    return np.array([min(round(share * (1 << 62)), (1 << 62) - 1) for share in shares], np.int64)
