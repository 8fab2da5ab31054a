"""Auctions of independent private values: what the best and the second-best bidder have, and what is paid.

With u the share of slots that are worth less, the k-th lowest of n values has the density
n! / ((k-1)! (n-k)!) u^(k-1) (1-u)^(n-k) at its quantile (David and Nagaraja 2003, 2.1): expectations of order
statistics are integrals over u of the quantile function, whatever the distribution.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np

Quantile = Callable[[float], float]
LONG_OR_SHORT_WORTH = 31 / 48
"""The expected worth of a pod that holds either an ad worth C, uniform on [0, 1], or two worth A and B, each
uniform on [0, 1/2]. With S = A + B it is E max(C, S) = (1 + E S²) / 2, and E S² = 1/24 + 1/4."""
LONG_OR_SHORT_REVENUE = 7 / 24
"""Its revenue where each winner pays what it displaces: C pays S, which is E S (1 - S) = 5/24; A pays
max(0, C - B), and so does B in its turn, which is E A² / 2 = 1/24 each."""


def integral(function: Callable[[float], float], low: float = 0.0, high: float = 1.0) -> float:
    """Return ∫ function over [low, high] within [0, 1], by Gauss-Legendre quadrature.

    Pieces halve towards both ends of [0, 1], where quantiles of unbounded distributions have logarithmic
    singularities.
    """
    points, weights = np.polynomial.legendre.leggauss(24)
    halves = [2.0**-k for k in range(1, 40)]
    cuts = sorted({low, high, *(c for h in halves for c in (h, 1 - h) if low < c < high)})
    parts = []
    for first, last in itertools.pairwise(cuts):
        middle, half = (first + last) / 2, (last - first) / 2
        parts += [
            half * w * function(middle + half * x)
            for x, w in zip(points.tolist(), weights.tolist(), strict=True)
        ]
    return math.fsum(parts)


def order_statistic(quantile: Quantile, k: int, n: int) -> float:
    """Return E[X_(k)], the k-th lowest of n draws (David and Nagaraja 2003, 2.1)."""
    ways = n * math.comb(n - 1, k - 1)
    return integral(lambda u: quantile(u) * ways * u ** (k - 1) * (1 - u) ** (n - k))


def uniform_mean(n: int, k: int) -> float:
    """Return the mean of the k-th highest of n uniform values on [0, 1], 0 where there are fewer.

    It is Beta(n + 1 - k, k); the second-highest is what a second-price auction brings (Vickrey 1961).
    """
    return max(n + 1 - k, 0) / (n + 1)


def uniform_sum(n: int, k: int) -> float:
    """Return the mean sum of the k highest of n uniform values on [0, 1]."""
    return sum(uniform_mean(n, place) for place in range(1, k + 1))


def uniform_variance(n: int, k: int) -> float:
    """Return k (n+1-k)/((n+1)²(n+2)), the variance of the k-th highest of n uniform values on [0, 1]."""
    return k * (n + 1 - k) / ((n + 1) ** 2 * (n + 2))


def unequal_uniform_revenue(weak: float, strong: float) -> float:
    """Return a/2 - a²/(6b) = ∫ (1 - x/a)(1 - x/b) dx over [0, a]: E[min(X, Y)], uniform up to a ≤ b."""
    return weak / 2 - weak**2 / (6 * strong)


def unequal_uniform_share(weak: float, strong: float) -> float:
    """Return a/(2b) = E[X] / b: P(X > Y), uniform up to a ≤ b."""
    return weak / (2 * strong)


def harmonic(n: int) -> float:
    """Return H_n = Σ 1/k: the mean highest of n exponential values, in means (Rényi 1953)."""
    return math.fsum(1 / k for k in range(1, n + 1))


def exponential(mean: float = 1.0) -> Quantile:
    """Return the quantile function of an exponential distribution."""
    return lambda u: -mean * math.log1p(-u)


def exponential_below(value: float, mean: float = 1.0) -> float:
    """Return the share of an exponential distribution below *value*."""
    return -math.expm1(-max(value, 0.0) / mean)


def uniform_below(value: float, low: float, high: float) -> float:
    """Return the share of a uniform distribution on [low, high] below *value*."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def log_normal(median: float, sigma: float) -> Quantile:
    """Return the quantile function of a log-normal distribution."""
    normal = NormalDist()
    return lambda u: median * math.exp(sigma * normal.inv_cdf(u))


def below(value: float, median: float, sigma: float) -> float:
    """Return the share of a log-normal distribution below *value*."""
    return NormalDist().cdf(math.log(value / median) / sigma) if value > 0 else 0.0


def rank_correlation(correlation: float) -> float:
    """Return 6/π asin(ρ/2): 12 E[(U - 1/2)(V - 1/2)] of the shares of two normal deviates (Kruskal 1958)."""
    return 6 / math.pi * math.asin(correlation / 2)


def mean_below(value: float, median: float, sigma: float) -> float:
    """Return E[X; X < value] of a log-normal X: median exp(σ²/2) Φ(ln(value/median)/σ - σ)."""
    return median * math.exp(sigma**2 / 2) * NormalDist().cdf(math.log(value / median) / sigma - sigma)
