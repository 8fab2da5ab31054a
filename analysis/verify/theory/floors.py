"""Floors: what is sold above them and for how much, soft floors, and floors that differ between two bidders.

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
    both = integral(lambda u: quantile(u) * n * (n - 1) * u ** (n - 2) * (1 - u), below)
    return alone + both


def soft_floor_revenue(n: int, soft: float, reserve: float) -> float:
    """Return the revenue of n truthful bidders under a soft floor s above a reserve r.

    From s on it is that of second price with a reserve of s; below, the highest value, whose expectation
    there is the integral of n v^n from r to s.
    """
    return uniform_revenue(n, soft) + n / (n + 1) * (soft ** (n + 1) - reserve ** (n + 1))


def private_revenue(own: float, market: float) -> float:
    """Return the second-price revenue of a bidder above its *own* floor and one above the *market*'s.

    Alone, each pays its floor. Where both are heard, the winner pays the other's bid or its own floor m,
    whichever is higher, and wins with probability 1 - m against it: an integral of m (1 - m).
    """
    higher = max(own, market)
    rest = 1 / 6 - higher**2 / 2 + higher**3 / 3
    alone = own * (1 - own) * market + market * (1 - market) * own
    first = (higher - market) * own * (1 - own) + rest
    second = (higher - own) * market * (1 - market) + rest
    return alone + first + second


def private_share(own: float, market: float) -> float:
    """Return the share of auctions that the bidder above its *own* floor wins."""
    higher = max(own, market)
    return (1 - own) * market + (higher - market) * (1 - own) + (1 - higher) ** 2 / 2
