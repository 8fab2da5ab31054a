"""The best that a fixed multiplier could have done on a recorded log, to the micro."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.replay.replay import Log

EXACT_BELOW = 1 << 26
"""Micros per impression below which quotients of two amounts, as floats, are in their true order."""


@dataclass(frozen=True)
class Hindsight:
    """A fixed multiplier α = 1/(1 + μ), and what it brings."""

    multiplier: float
    utility_micros: int
    spend_micros: int
    wins: int


def best(log: Log, budget_micros: int, *, first_price: bool = False) -> Hindsight:
    """Return the best fixed multiplier for value less payment within the budget, at most one.

    Under second price that is the optimum of the dual, min over μ ≥ 0 of Σ (v - (1 + μ) d)⁺ + μB: auctions
    are won in the order of v/d as far as the budget goes, the last of them in part, rounded down. No bidder
    does better who knows all values and prices (Balseiro and Gur 2019). Under first price it is the best of
    the multipliers at which another auction is just won, d/v, where their sum is paid, rounded up. Amounts
    are to be below EXACT_BELOW, so that auctions stand in their true order.
    """
    values, prices = log.values, log.prices
    inside = (values >= prices) & (values > 0)
    values, prices = values[inside], prices[inside]
    # The price of a unit of value, from the cheapest on; the multiplier that just wins it.
    asked = prices / values
    order = np.argsort(asked, kind="stable")
    values, prices, asked = values[order], prices[order], asked[order]
    if first_price:
        return _first(values, asked, budget_micros)
    return _second(values, prices, asked, budget_micros)


def _second(
    values: NDArray[np.int64], prices: NDArray[np.int64], asked: NDArray[np.float64], budget: int
) -> Hindsight:
    spent, gained = np.cumsum(prices), np.cumsum(values - prices)
    whole = int(np.searchsorted(spent, budget, side="right"))
    spend = int(spent[whole - 1]) if whole else 0
    utility = int(gained[whole - 1]) if whole else 0
    if whole == len(values):
        return Hindsight(1.0, utility, spend, whole)
    value, price = int(values[whole]), int(prices[whole])
    utility += (value - price) * (budget - spend) // price
    return Hindsight(float(asked[whole]), utility, budget, whole)


def _first(values: NDArray[np.int64], asked: NDArray[np.float64], budget: int) -> Hindsight:
    if not len(values):
        return Hindsight(1.0, 0, 0, 0)
    won = np.cumsum(values)
    # Of auctions with one multiplier all are won or none.
    last = np.append(asked[1:] != asked[:-1], True)
    value, alpha, wins = won[last], asked[last], np.flatnonzero(last) + 1
    spend = np.ceil(alpha * value)
    affordable = np.flatnonzero(spend <= budget)
    if not len(affordable):
        return Hindsight(0.0, 0, 0, 0)
    place = int(affordable[np.argmax((value - spend)[affordable])])
    paid = int(spend[place])
    return Hindsight(float(alpha[place]), int(value[place]) - paid, paid, int(wins[place]))
