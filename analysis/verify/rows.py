"""Rows: an exact value beside a simulated one, with a tolerance that follows from the number of draws."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.units import MICROS

SIGMAS = 4.0
"""Standard errors that a simulated value may be away: one right row in 16,000 is farther by chance."""
_BEYOND = math.erfc(SIGMAS / math.sqrt(2))
"""How often a right row is."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A row: one number that theory and simulation both have."""

    name: str
    """What is measured."""
    exact: float
    simulated: float
    tolerance: float
    """How far the two may be apart."""
    n: int
    """Independent draws behind the simulated value."""

    @property
    def passes(self) -> bool:
        """Return whether the simulated value is within the tolerance; one that is no number is not."""
        return abs(self.simulated - self.exact) <= self.tolerance


Comparisons = Iterator[Comparison]


def shown(number: float) -> str:
    """Return *number* with six decimals, or fewer where it is large."""
    return f"{number:.{max(6 - max(len(str(int(abs(number)))) - 1, 0), 0)}f}"


def mean(
    name: str, exact: float, values: NDArray[np.float64], *, n: int | None = None, bound: float = 0.0
) -> Comparison:
    """Return the row of the mean of *values*, padded with zeros to *n* draws.

    The tolerance is SIGMAS standard errors, from the sample's variance, and *bound* for what the simulator is
    known to be off by, such as the steps of a table.
    """
    n = len(values) if n is None else n
    found = math.fsum(values.tolist()) / n
    square = math.fsum((values * values).tolist()) / n
    return Comparison(name, exact, found, SIGMAS * math.sqrt(max(square - found * found, 0.0) / n) + bound, n)


def variance(name: str, exact: float, values: NDArray[np.float64], *, bound: float = 0.0) -> Comparison:
    """Return the row of the variance of *values*; its own variance is (m4 - m2²) / n (Cramér 1946, 27.4)."""
    n = len(values)
    off = values - math.fsum(values.tolist()) / n
    second = math.fsum((off**2).tolist()) / n
    fourth = math.fsum((off**4).tolist()) / n
    return Comparison(name, exact, second, SIGMAS * math.sqrt((fourth - second**2) / n) + bound, n)


def share(name: str, exact: float, count: int, n: int, *, bound: float = 0.0) -> Comparison:
    """Return the row of a share of *n* independent draws, with the binomial's theoretical variance."""
    return Comparison(name, exact, count / n, SIGMAS * math.sqrt(exact * (1 - exact) / n) + bound, n)


def distribution(
    name: str, below: Callable[[float], float], values: NDArray[np.float64], *, bound: float = 0.0
) -> Comparison:
    """Return the row of the largest distance between the shares *below* and those of *values*.

    Values are rounded down to a micro. As seldom as a mean is SIGMAS standard errors off, the distance is
    √(ln(2/p) / 2n), whatever the distribution (Massart 1990).
    """
    n = len(values)
    found, counts = np.unique(values, return_counts=True)
    until = np.cumsum(counts)
    low = np.array([below(value) for value in found.tolist()])
    high = np.array([below(value) for value in (found + 1 / MICROS).tolist()])
    most = max(float((until / n - high).max()), float((low - (until - counts) / n).max()))
    return Comparison(name, 0.0, most, math.sqrt(math.log(2 / _BEYOND) / (2 * n)) + bound, n)


def end(name: str, exact: float, found: float, width: float, n: int) -> Comparison:
    """Return the row of the lowest or highest of *n* uniform values, which end at *exact*.

    Of n values all are farther from an end than t of their *width* with probability (1 - t)^n.
    """
    return Comparison(name, exact, found, -math.expm1(math.log(_BEYOND) / n) * width + 1 / MICROS, n)


def certain(name: str, exact: float, simulated: float, n: int, *, bound: float = 0.0) -> Comparison:
    """Return the row of a value without chance: it is exact, up to *bound*."""
    return Comparison(name, exact, simulated, bound, n)
