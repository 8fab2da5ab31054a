"""Shading: the bid that gains most against a known competition, and by how much others gain less."""

from __future__ import annotations

from collections.abc import Callable

Below = Callable[[float], float]
"""The chance that a bid wins."""

_POINTS = 20_000


def best_bid(value: float, wins: Below) -> float:
    """Return the b that maximises (value - b) F(b), to a part in _POINTS of the *value*."""
    return max(_bids(value), key=lambda bid: (value - bid) * wins(bid))


def gain(value: float, bid: float, wins: Below) -> float:
    """Return (value - bid) F(bid): what is gained in the mean auction."""
    return (value - bid) * wins(bid)


def nearly_best(value: float, wins: Below, part: float) -> tuple[float, float]:
    """Return the lowest and the highest bid that gain as much as the best but for a *part* of it."""
    enough = (1 - part) * gain(value, best_bid(value, wins), wins)
    found = [bid for bid in _bids(value) if gain(value, bid, wins) >= enough]
    return found[0], found[-1]


def _bids(value: float) -> list[float]:
    return [value * place / _POINTS for place in range(_POINTS)]
