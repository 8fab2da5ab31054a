"""Bids under a budget: what a multiplier wins, spends and is worth, and which one a budget asks for."""

from __future__ import annotations

import math


def symmetric_multiplier(n: int, budget: float) -> float:
    """Return min(1, ρ n(n+1)/(n-1)): n like bidders with uniform values who may spend ρ an auction each.

    At α each of them wins one auction in n, at a price of α (n-1)/(n+1) on average: the second-highest of n
    uniform values, times α (the pacing equilibrium of Conitzer et al. 2022 for that market).
    """
    return min(1.0, budget * n * (n + 1) / (n - 1))


def symmetric_spend(n: int, multiplier: float) -> float:
    """Return α (n-1)/(n(n+1)), what each of n like bidders with uniform values spends an auction."""
    return multiplier * (n - 1) / (n * (n + 1))


def symmetric_utility(n: int, multiplier: float) -> float:
    """Return (n - α(n-1)) / (n(n+1)), what is left to each an auction: n/(n+1) once in n, less the price."""
    return (n - multiplier * (n - 1)) / (n * (n + 1))


def win(multiplier: float) -> float:
    """Return α/2: bids αv against a rival's d under second price, v and d uniform on [0, 1]."""
    return multiplier / 2


def spend(multiplier: float) -> float:
    """Return α²/6 = E[d; d < αv], likewise."""
    return multiplier**2 / 6


def utility(multiplier: float) -> float:
    """Return α/3 - α²/6 = E[v - d; d < αv], likewise."""
    return multiplier / 3 - multiplier**2 / 6


def best_multiplier(budget: float) -> float:
    """Return min(1, √(6ρ)): the best reply with a budget of ρ an auction spends just that.

    With μ the multiplier of the budget in the dual, α = 1/(1+μ) (Balseiro and Gur 2019, 2).
    """
    return min(1.0, math.sqrt(6 * budget))
