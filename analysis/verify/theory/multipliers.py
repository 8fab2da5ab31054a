"""Multipliers of a bid: what one wins and spends, which one a budget asks for, and how near policies come."""

from __future__ import annotations

import math
from collections.abc import Callable


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
    """Return α²/6 = E[d; d < αv]."""
    return multiplier**2 / 6


def utility(multiplier: float) -> float:
    """Return α/3 - α²/6 = E[v - d; d < αv]."""
    return multiplier / 3 - multiplier**2 / 6


def best_multiplier(budget: float) -> float:
    """Return min(1, √(6ρ)): the best reply with a budget of ρ an auction spends just that.

    With μ the multiplier of the budget in the dual, α = 1/(1+μ) (Balseiro and Gur 2019, 2).
    """
    return min(1.0, math.sqrt(6 * budget))


def spend_variance(multiplier: float) -> float:
    """Return Var z = α³/12 - (α²/6)²: what an auction costs who bids αv, v and d uniform, second price."""
    return multiplier**3 / 12 - spend(multiplier) ** 2


def scatter(multiplier: float, step: float, gain: float, auctions: int = 1) -> float:
    """Return the standard deviation at which a multiplier's state settles, if it learns from 1 - z/ρ.

    A state x moves by *step* times the relative error of the spend, whose variance is V = Var(z/ρ), that of
    the mean of the *auctions* in a step. *gain* is d(-ln α)/dx: α for a price μ that is added to, μ α = 1 - α
    for ln μ, and 1 for the φ of a controller. As spend goes like α², an error comes back by 2 gain step of
    itself in a step, and the linear recursion settles at the variance step V / (4 gain (1 - gain step)).
    """
    noise = spend_variance(multiplier) / spend(multiplier) ** 2 / auctions
    return math.sqrt(step * noise / (4 * gain * (1 - gain * step)))


def regret(multiplier: float, budget: float, first: float, step: float) -> float:
    """Return a bound of the mean regret of an auction under euclidean steps, in steps of the relative error.

    Balseiro, Lu, Mirrokni (2023), Theorem 1 in these units: ρ (ε E g² / 2 + (μ* - μ_1)² / (2εT)), where
    g = 1 - z/ρ, plus the utility of the (μ* - μ_1)/ε auctions at the end for which there is no money left;
    εT = 1/ε. g² is at most its mean at μ = *first*, from where spend only falls, and at μ*.
    """
    aim = 1 / multiplier - 1
    at = (multiplier, 1 / (1 + first))
    square = max(spend_variance(a) + (spend(a) - budget) ** 2 for a in at) / budget**2
    unpaid = step * abs(aim - first) * utility(multiplier)
    return budget * (step * square / 2 + step * (aim - first) ** 2 / 2) + unpaid


def first_price_spends(low: float, high: float) -> tuple[float, float]:
    """Return what an auction costs two bidders who bid *low* and *high* times values uniform on [0, 1].

    ∫ x P(other bid < x) over their own bids: b₁²/(3b₂), and b₂/2 - b₁²/(6b₂), where b₁ ≤ b₂.
    """
    return low * low / (3 * high), high / 2 - low * low / (6 * high)


def first_price_equilibrium(small: float, large: float) -> tuple[float, float]:
    """Return the multipliers of the first-price pacing equilibrium of two bidders with uniform values.

    With budgets of *small* ≤ *large* an auction: the highest multipliers, at most one, at which neither
    spends more (Conitzer et al. 2022, where that is the solution of an Eisenberg-Gale program). Found by
    bisection, the lower one within the higher one.
    """

    def lower(high: float) -> float:
        return _most(lambda low: first_price_spends(low, high)[0] <= small, high)

    high = _most(lambda high: first_price_spends(lower(high), high)[1] <= large, 1.0)
    return lower(high), high


def _most(affordable: Callable[[float], bool], bound: float) -> float:
    below, above = 0.0, bound
    if affordable(bound):
        return bound
    for _ in range(100):
        middle = (below + above) / 2
        below, above = (middle, above) if affordable(middle) else (below, middle)
    return below


def first_price_values(ratio: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return E[v; win] and E[v²; win] of both bidders above, whose multipliers have this *ratio* ≤ 1.

    The lower one wins at v with probability rv: r/3 and r/4. The other with min(v/r, 1): 1/2 - r²/6 and
    1/3 - r³/12.
    """
    return (ratio / 3, ratio / 4), (0.5 - ratio**2 / 6, 1 / 3 - ratio**3 / 12)


def return_square(multiplier: float, target: float) -> float:
    """Return E[(v/τ - d)²; d < αv], v and d uniform: α/(4τ²) - α²/(4τ) + α³/12."""
    return multiplier / (4 * target**2) - multiplier**2 / (4 * target) + multiplier**3 / 12


def return_multiplier(target: float) -> float:
    """Return 2/τ: who bids αv against a uniform rival wins α/3 of value for α²/6 of spend, 2/α a unit."""
    return 2 / target
