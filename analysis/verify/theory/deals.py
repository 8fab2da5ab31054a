"""Soft floors, and floors that differ between two bidders; values are uniform on [0, 1]."""

from __future__ import annotations

from analysis.verify.theory import reserves


def soft_floor_revenue(n: int, soft: float, reserve: float) -> float:
    """Return the revenue of n truthful bidders under a soft floor s above a reserve r.

    From s on it is that of second price with a reserve of s; below, the highest value, whose expectation
    there is the integral of n v^n from r to s.
    """
    return reserves.uniform_revenue(n, soft) + n / (n + 1) * (soft ** (n + 1) - reserve ** (n + 1))


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
