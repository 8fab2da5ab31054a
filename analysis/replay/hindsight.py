"""The best that a fixed multiplier could have done on a recorded log, to the micro."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.replay.log import Log
from sim.auction import AuctionFormat, Micros

AT_ONCE = 64
"""Multipliers tried in each round of the search under a format without a closed form."""


@dataclass(frozen=True)
class Hindsight:
    """A fixed multiplier α = 1/(1 + μ), and its outcome."""

    multiplier: float
    utility_micros: int
    spend_micros: int
    wins: int


def best(log: Log, budget_micros: int, auction: AuctionFormat | None = None) -> Hindsight:
    """Return the best fixed multiplier for value less payment within the budget, at most one.

    Under second price, the default, it is the optimum of the dual, min over μ ≥ 0 of Σ (v - (1 + μ) d)⁺ + μB:
    auctions are won in the order of v/d as far as the budget goes, the last of them in part, rounded down. No
    bidder does better who knows all values and prices (Balseiro and Gur 2019). Under first price it is the
    best of the multipliers at which another auction is just won, d/v, where their sum is paid, rounded up.

    Under any other format it is the best of the same multipliers, with bids rounded down and each paid for by
    the format. That is exact for up to AT_ONCE different multipliers; of more, evenly spaced ones are tried
    first, then those around the best. A price must not fall as the bid rises, and amounts must be below
    EXACT_BELOW, so that auctions stand in their true order.
    """
    values, prices = log.values, log.prices
    inside = (values >= prices) & (values > 0)
    values, prices = values[inside], prices[inside]
    # The price of a unit of value, from the cheapest on; the multiplier that just wins it.
    asked = prices / values
    order = np.argsort(asked, kind="stable")
    values, prices, asked = values[order], prices[order], asked[order]
    if auction is None or (auction.truthful and not auction.discounts):
        return _second(values, prices, asked, budget_micros)
    if auction.pays_bid:
        return _first(values, asked, budget_micros)
    return _searched(values, prices, asked, budget_micros, auction)


def _second(values: Micros, prices: Micros, asked: NDArray[np.float64], budget: int) -> Hindsight:
    spent, gained = np.cumsum(prices), np.cumsum(values - prices)
    wins = int(np.searchsorted(spent, budget, side="right"))
    spend = int(spent[wins - 1]) if wins else 0
    utility = int(gained[wins - 1]) if wins else 0
    if wins == len(values):
        return Hindsight(1.0, utility, spend, wins)
    value, price = int(values[wins]), int(prices[wins])
    utility += (value - price) * (budget - spend) // price
    return Hindsight(float(asked[wins]), utility, budget, wins)


def _first(values: Micros, asked: NDArray[np.float64], budget: int) -> Hindsight:
    if not len(values):
        return Hindsight(1.0, 0, 0, 0)
    won = np.cumsum(values)
    last = _last_of_each(asked)
    value, alpha, wins = won[last], asked[last], last + 1
    spend = np.ceil(alpha * value)
    affordable = np.flatnonzero(spend <= budget)
    if not len(affordable):
        return Hindsight(0.0, 0, 0, 0)
    place = int(affordable[np.argmax((value - spend)[affordable])])
    paid = int(spend[place])
    return Hindsight(float(alpha[place]), int(value[place]) - paid, paid, int(wins[place]))


def _searched(
    values: Micros, prices: Micros, asked: NDArray[np.float64], budget: int, auction: AuctionFormat
) -> Hindsight:
    pay = _payments(auction)
    last = _last_of_each(asked)

    def tried(place: int) -> Hindsight:
        final = int(last[place])
        won = slice(final + 1)
        bids = values[won] * prices[final] // values[final]
        spend = int(pay(bids, prices[won]).sum())
        return Hindsight(float(asked[final]), int(values[won].sum()) - spend, spend, final + 1)

    found, low, high, step = Hindsight(0.0, 0, 0, 0), 0, len(last), 2
    while step > 1 and len(last):
        step = -(-(high - low) // AT_ONCE)
        outcomes = {place: tried(place) for place in range(low, high, step)}
        affordable = [place for place, outcome in outcomes.items() if outcome.spend_micros <= budget]
        around = max(affordable, key=lambda place: outcomes[place].utility_micros, default=low)
        if affordable:
            found = max(found, outcomes[around], key=lambda outcome: outcome.utility_micros)
        low, high = max(around - step, 0), min(around + step + 1, len(last))
    return found


@cache
def _payments(auction: AuctionFormat) -> Callable[[Micros, Micros], Micros]:
    import numba  # noqa: PLC0415 - only some formats of a replay need it, and the list of metrics never

    price, parameter, int64 = auction.price, auction.parameter, numba.int64
    vectorize: Any = numba.vectorize  # ships no types
    pay: Callable[[Micros, Micros], Micros] = vectorize([int64(int64, int64)])(
        lambda bid, rival: price(bid, rival, 0, 0, parameter)
    )
    return pay


def _last_of_each(asked: NDArray[np.float64]) -> Micros:
    # Of auctions with one multiplier all are won or none.
    return np.flatnonzero(np.append(asked[1:] != asked[:-1], len(asked) > 0))
