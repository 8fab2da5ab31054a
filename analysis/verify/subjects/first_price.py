"""First price in equilibrium.

Everybody shades the bid as the equilibrium has it (Riley and Samuelson 1981) and pays it, and the revenue is
that of the second price all the same (revenue equivalence, Myerson 1981).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.theory import auctions, reserves, tables
from sim.units import MICROS


def _market(
    size: int,
    n: int,
    bidding: Mapping[str, Any],
    valuation: object = "uniform",
    max_cpm: int = 1000,
    **settings: Any,
) -> PlayedRun:
    bidder = {"name": "Bidder", "count": n, "valuation": valuation, "bidding": bidding, "max_cpm": max_cpm}
    market = {"auction": "first_price", **settings}
    given = {f"market.{path}": value for path, value in market.items()}
    return play(size, [bidder], given, columns=("line_item", "price_micros", "slot_id"))


@check("{} bidders, uniform values, closed form", 2, 3, 5)
def _uniform(size: int, n: int) -> Iterator[rows.Row]:
    paid = _market(size, n, {"kind": "uniform_equilibrium", "bidders": n}).money("price_micros")
    yield rows.mean("revenue per auction", auctions.uniform_mean(n, 2), paid)
    # The winner pays (n-1)/n of the highest value.
    variance = ((n - 1) / n) ** 2 * auctions.uniform_variance(n, 1)
    yield rows.variance("variance of the price", variance, paid)


@check("{} bidders, uniform values, the same auctions under second price", 2, 5)
def _both(size: int, n: int) -> Iterator[rows.Row]:
    # Values are drawn slot by slot, so that both formats have the same ones, in the same order.
    first = _market(size, n, {"kind": "uniform_equilibrium", "bidders": n})
    second = _market(size, n, {"kind": "truthful"}, auction="second_price")
    one, other = (np.argsort(market.won["slot_id"]) for market in (first, second))
    paid = first.money("price_micros")[one] - second.money("price_micros")[other]
    yield rows.mean("revenue beyond second price", 0.0, paid)
    winners = first.won["line_item"][one] != second.won["line_item"][other]
    # Two bids are the same micro where values are less than n/(n-1) of them apart, or 1 under second price;
    # the two highest of n are closer than d with a probability of nd at most.
    tied = 3 * n / MICROS
    bound = tied + rows.SIGMAS * math.sqrt(tied / len(paid))
    yield rows.certain("share with another winner", 0.0, float(winners.mean()), len(paid), bound=bound)


@check("{} bidders, uniform values, reserve 1/2", 2, 5)
def _reserve(size: int, n: int) -> Iterator[rows.Row]:
    rule = {"kind": "uniform_equilibrium", "bidders": n, "reserve": 0.5}
    market = _market(size, n, rule, floors={"cpm": 500})
    paid, exact = market.money("price_micros"), reserves.uniform_revenue(n, 0.5)
    yield rows.mean("revenue per auction", exact, paid, n=market.auctions)
    yield rows.share("share sold", reserves.sold(0.5, n), market.total("wins"), market.auctions)


@check("3 bidders, uniform values, bids from the distribution")
def _from_distribution(size: int) -> Iterator[rows.Row]:
    paid = _market(size, 3, {"kind": "equilibrium", "bidders": 3}).money("price_micros")
    yield rows.mean("revenue per auction", auctions.uniform_mean(3, 2), paid)


@check("2 bidders, exponential values, bids from the distribution")
def _exponential(size: int) -> Iterator[rows.Row]:
    valuation = {"kind": "exponential", "mean": 0.05}
    market = _market(size, 2, {"kind": "equilibrium", "bidders": 2}, valuation, max_cpm=10_000)
    # Bids lie on straight lines between the table's steps as values do, and are below them.
    paid, bound = market.money("price_micros") / 0.5, 2 * tables.gap(auctions.exponential())
    yield rows.mean("revenue per auction, in means", auctions.harmonic(2) - 1, paid, bound=bound)


@check("3 bidders, log-normal values, bids from the distribution")
def _log_normal(size: int) -> Iterator[rows.Row]:
    valuation = {"kind": "log_normal", "median": 0.05, "sigma": 0.5}
    market = _market(size, 3, {"kind": "equilibrium", "bidders": 3}, valuation, max_cpm=10_000)
    quantile = auctions.log_normal(0.5, 0.5)
    exact, bound = auctions.order_statistic(quantile, 2, 3), 3 * tables.gap(quantile)
    yield rows.mean("revenue per auction", exact, market.money("price_micros"), bound=bound)


@check("2 bidders, uniform values, both bid 0.8 of the value")
def _shaded(size: int) -> Iterator[rows.Row]:
    paid = _market(size, 2, {"kind": "factor", "factor": 0.8}).money("price_micros")
    yield rows.mean("revenue per auction", 0.8 * auctions.uniform_mean(2, 1), paid)
