"""Rows: an exact value beside a simulated one, with a tolerance that follows from the number of draws."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIGMAS = 4.0
"""Standard errors that a simulated value may be away: one right row in 16,000 is farther by chance."""


@dataclass(frozen=True, slots=True)
class Row:
    """One number that theory and simulation both have."""

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


def shown(number: float) -> str:
    """Return *number* with six decimals, or fewer where it is large."""
    return f"{number:.{max(6 - max(len(str(int(abs(number)))) - 1, 0), 0)}f}"


def mean(
    name: str, exact: float, values: NDArray[np.float64], *, n: int | None = None, bound: float = 0.0
) -> Row:
    """Return the row of the mean of *values*, padded with zeros to *n* draws.

    The tolerance is SIGMAS standard errors, from the sample's variance, and *bound* for what the simulator is
    known to be off by, such as the steps of a table.
    """
    n = len(values) if n is None else n
    found = math.fsum(values.tolist()) / n
    square = math.fsum((values * values).tolist()) / n
    return Row(name, exact, found, SIGMAS * math.sqrt(max(square - found * found, 0.0) / n) + bound, n)


def variance(name: str, exact: float, values: NDArray[np.float64], *, bound: float = 0.0) -> Row:
    """Return the row of the variance of *values*; its own variance is (m4 - m2²) / n (Cramér 1946, 27.4)."""
    n = len(values)
    off = values - math.fsum(values.tolist()) / n
    second = math.fsum((off**2).tolist()) / n
    fourth = math.fsum((off**4).tolist()) / n
    return Row(name, exact, second, SIGMAS * math.sqrt((fourth - second**2) / n) + bound, n)


def share(name: str, exact: float, count: int, n: int, *, bound: float = 0.0) -> Row:
    """Return the row of a share of *n* independent draws, with the binomial's theoretical variance."""
    return Row(name, exact, count / n, SIGMAS * math.sqrt(exact * (1 - exact) / n) + bound, n)


def certain(name: str, exact: float, simulated: float, n: int, *, bound: float = 0.0) -> Row:
    """Return the row of what chance has no part in: it is exact, up to *bound*."""
    return Row(name, exact, simulated, bound, n)
