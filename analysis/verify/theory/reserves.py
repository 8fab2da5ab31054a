"""Auctions with a reserve: what is sold, for how much, and which reserve is best (Myerson 1981).

Revenue is that of the second price, and of first price in equilibrium (Riley and Samuelson 1981).
"""

from __future__ import annotations

from analysis.verify.theory.auctions import Quantile, integral


def sold(below: float, n: int) -> float:
    """Return the share of auctions in which one of n values is above a reserve with F(reserve) = *below*."""
    return 1 - below**n


def uniform_revenue(n: int, reserve: float) -> float:
    """Return (n-1)/(n+1) + r^n (1 - 2nr/(n+1)) for n uniform values on [0, 1]."""
    return (n - 1) / (n + 1) + reserve**n * (1 - 2 * n * reserve / (n + 1))


def revenue(quantile: Quantile, n: int, below: float) -> float:
    """Return the revenue for n values, the reserve being the quantile at *below*.

    n r F(r)^(n-1) (1-F(r)) + E[second-highest; it is above r], the latter with the order statistic's density.
    """
    reserve = quantile(below)
    alone = n * reserve * below ** (n - 1) * (1 - below)
    both = integral(lambda u: quantile(u) * n * (n - 1) * u ** (n - 2) * (1 - u), below) if n > 1 else 0.0
    return alone + both
