"""Campaigns: what one budget buys in several parts of a market, with one multiplier and by fixed parts.

A part has n auctions, each worth v to its line item; the best other bid is uniform on [0, 1], and prices are
second. At a multiplier α its line item wins αv of them, at αv/2 each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class Part(NamedTuple):
    """What one line item meets."""

    auctions: float
    worth: float


def multiplier(budget: float, parts: Sequence[Part]) -> float:
    """Return α = √(2B / Σ n v²), at which the spend, Σ n (αv)²/2, is the budget."""
    return math.sqrt(2 * budget / sum(n * v * v for n, v in parts))


def value(budget: float, parts: Sequence[Part]) -> float:
    """Return Σ n v (αv) = √(2B Σ n v²), the most that the budget buys: one α is one price of value in all."""
    return math.sqrt(2 * budget * sum(n * v * v for n, v in parts))


def halved(budget: float, parts: Sequence[Part]) -> float:
    """Return what it buys in even parts, each with a multiplier of its own."""
    return sum(value(budget / len(parts), [part]) for part in parts)


def spends(alpha: float, parts: Sequence[Part]) -> list[float]:
    """Return n (αv)²/2 of each."""
    return [n * (alpha * v) ** 2 / 2 for n, v in parts]


def squares(alpha: float, parts: Sequence[Part]) -> list[float]:
    """Return n (αv)³/3 of each: the variance of its spend, where auctions are Poisson."""
    return [n * (alpha * v) ** 3 / 3 for n, v in parts]
