"""First price in equilibrium.

Everybody shades the bid as the equilibrium has it (Riley and Samuelson 1981) and pays it, and the revenue is
that of the second price all the same (revenue equivalence, Myerson 1981).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import auctions, reserves, tables
from sim.units import MICROS

FIRST = {"market.auction": "first_price"}


def checks() -> Iterator[Check]:
    """Yield a check for each number of bidders, distribution and reserve."""
    for n in (2, 3, 5):
        yield Check(f"{n} bidders, uniform values, closed form", partial(_uniform, n))
    for n in (2, 5):
        yield Check(f"{n} bidders, uniform values, the same auctions under second price", partial(_both, n))
    for n in (2, 5):
        yield Check(f"{n} bidders, uniform values, reserve 1/2", partial(_reserve, n))
    yield Check("3 bidders, uniform values, bids from the distribution", _from_distribution)
    yield Check("2 bidders, exponential values, bids from the distribution", _exponential)
    yield Check("3 bidders, log-normal values, bids from the distribution", _log_normal)
    yield Check("2 bidders, uniform values, both bid 0.8 of the value", _shaded)


def _market(size: int, n: int, valuation: object, bidding: Mapping[str, Any], **more: Any) -> PlayedRun:
    bidder = {"name": "Bidder", "count": n, "valuation": valuation, "bidding": bidding, "max_cpm": 1000}
    bidder |= {name: more.pop(name) for name in tuple(more) if name in bidder}
    settings = FIRST | {f"market.{path}": value for path, value in more.items()}
    return play(size, [bidder], settings, columns=("line_item", "price_micros", "slot_id"))


def _uniform(n: int, size: int) -> Iterator[Row]:
    market = _market(size, n, "uniform", {"kind": "uniform_equilibrium", "bidders": n})
    paid = market.money("price_micros")
    yield rows.mean("revenue per auction", auctions.uniform_revenue(n), paid)
    yield rows.variance("variance of the price", auctions.first_price_variance(n), paid)


def _both(n: int, size: int) -> Iterator[Row]:
    # Values are drawn slot by slot, so that both formats have the same ones, in the same order.
    first = _market(size, n, "uniform", {"kind": "uniform_equilibrium", "bidders": n})
    second = _market(size, n, "uniform", {"kind": "truthful"}, auction="second_price")
    one, other = (np.argsort(market.won["slot_id"]) for market in (first, second))
    paid = first.money("price_micros")[one] - second.money("price_micros")[other]
    yield rows.mean("revenue beyond second price", 0.0, paid)
    winners = first.won["line_item"][one] != second.won["line_item"][other]
    # Two bids are the same micro where values are less than n/(n-1) of them apart, or 1 under second price;
    # the two highest of n are closer than d with a probability of nd at most.
    tied = 3 * n / MICROS
    bound = tied + rows.SIGMAS * math.sqrt(tied / len(paid))
    yield rows.certain("share with another winner", 0.0, float(winners.mean()), len(paid), bound=bound)


def _reserve(n: int, size: int) -> Iterator[Row]:
    rule = {"kind": "uniform_equilibrium", "bidders": n, "reserve": 0.5}
    market = _market(size, n, "uniform", rule, floors={"cpm": 500})
    yield rows.mean(
        "revenue per auction",
        reserves.uniform_revenue(n, 0.5),
        market.money("price_micros"),
        n=market.auctions,
    )
    yield rows.share("share sold", reserves.sold(0.5, n), market.total("wins"), market.auctions)


def _from_distribution(size: int) -> Iterator[Row]:
    market = _market(size, 3, "uniform", {"kind": "equilibrium", "bidders": 3})
    yield rows.mean("revenue per auction", auctions.uniform_revenue(3), market.money("price_micros"))


def _exponential(size: int) -> Iterator[Row]:
    valuation = {"kind": "exponential", "mean": 0.05}
    rule = {"kind": "equilibrium", "bidders": 2}
    market = _market(size, 2, valuation, rule, max_cpm=10_000)
    # Bids lie on straight lines between the table's steps as values do, and are below them.
    paid = market.money("price_micros") / 0.5
    yield rows.mean(
        "revenue per auction, in means",
        auctions.harmonic(2) - 1,
        paid,
        bound=2 * tables.gap(auctions.exponential()),
    )


def _log_normal(size: int) -> Iterator[Row]:
    valuation = {"kind": "log_normal", "median": 0.05, "sigma": 0.5}
    market = _market(size, 3, valuation, {"kind": "equilibrium", "bidders": 3}, max_cpm=10_000)
    quantile = auctions.log_normal(0.5, 0.5)
    exact = auctions.second_price_revenue(quantile, 3)
    paid = market.money("price_micros")
    yield rows.mean("revenue per auction", exact, paid, bound=3 * tables.gap(quantile))


def _shaded(size: int) -> Iterator[Row]:
    market = _market(size, 2, "uniform", {"kind": "factor", "factor": 0.8})
    yield rows.mean("revenue per auction", 0.8 * auctions.uniform_welfare(2), market.money("price_micros"))
