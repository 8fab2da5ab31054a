"""Counts of exposures: Poisson where viewers are alike, negative binomial where their rates are a gamma."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

ENOUGH = 400
"""Higher counts are practically impossible at the means that are verified."""


def poisson(mean: float) -> list[float]:
    """Return the probabilities of 0, 1, … exposures of a viewer who meets *mean* of them."""
    return [math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(ENOUGH)]


def negative_binomial(mean: float, shape: float) -> list[float]:
    """Return the same where rates are a gamma of that *shape* (Greenwood and Yule 1920, Ehrenberg 1959)."""
    more, none = math.log(mean / (mean + shape)), -shape * math.log1p(mean / shape)
    ways = (math.lgamma(shape + n) - math.lgamma(shape) - math.lgamma(n + 1) for n in range(ENOUGH))
    return [math.exp(way + n * more + none) for n, way in enumerate(ways)]


def reach(counts: Sequence[float]) -> float:
    """Return the share of viewers with an exposure."""
    return 1 - counts[0]


def capped(counts: Sequence[float], most: int) -> float:
    """Return E[min(X, most)] = Σ P(X ≥ j) for j up to *most*."""
    return math.fsum(math.fsum(counts[j:]) for j in range(1, most + 1))


def total(counts: Sequence[float], worth: Callable[[int], float]) -> float:
    """Return the expected sum of what the first, second, … exposure is *worth*."""
    return math.fsum(math.fsum(counts[j:]) * worth(j) for j in range(1, ENOUGH))


def capped_household(mean: float, size: float) -> float:
    """Return the exposures of a household that has one at most, of 1 + Poisson(size - 1) persons.

    The chance of none is E exp(-mean S), the generating function of S (Johnson, Kemp and Kotz 2005, 4.3).
    """
    nobody = math.exp(-mean)
    return 1 - nobody * math.exp((size - 1) * (nobody - 1))
