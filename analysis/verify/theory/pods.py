"""Pods of several ads: sums of the highest of some values, and one long ad against two short ones."""

from __future__ import annotations

from analysis.verify.theory.auctions import uniform_mean

LONG_OR_SHORT_WORTH = 31 / 48
"""The expected worth of a pod that holds either an ad worth C, uniform on [0, 1], or two worth A and B, each
uniform on [0, 1/2]. With S = A + B it is E max(C, S) = (1 + E S²) / 2, and E S² = 1/24 + 1/4."""
LONG_OR_SHORT_REVENUE = 7 / 24
"""Its revenue where each winner pays what it displaces: C pays S, which is E S (1 - S) = 5/24; A pays
max(0, C - B), and so does B in its turn, which is E A² / 2 = 1/24 each."""


def top(n: int, k: int) -> float:
    """Return the mean sum of the k highest of n uniform values on [0, 1]."""
    return sum(uniform_mean(n, place) for place in range(1, k + 1))
