"""Auctions of single slots: who wins, and what is paid, under second and first price."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import campaign, creative, play, uniform
from analysis.verify.subjects import Subject
from analysis.verify.theory import auctions, floors, tables
from sim.units import MICROS

second_price = Subject("second_price", "Second price among equals")
# Everybody shades the bid as the equilibrium has it (Riley and Samuelson 1981) and pays it, and the revenue
# is that of the second price all the same (revenue equivalence, Myerson 1981).
first_price = Subject("first_price", "First price in equilibrium")
rules = Subject("rules", "Who wins, and what is paid")

EXPONENTIAL_VALUES: dict[str, Any] = {"max_cpm": 10_000, "valuation": {"kind": "exponential", "mean": 0.05}}
EXPONENTIAL_MEAN = 0.5
"""The maximum is twenty times as much, and one value in 5e8 lies above it."""
LOG_NORMAL_VALUES: dict[str, Any] = {
    "max_cpm": 10_000,
    "valuation": {"kind": "log_normal", "median": 0.05, "sigma": 0.5},
}
LOG_NORMAL_QUANTILE = auctions.log_normal(0.5, 0.5)
MEDIAN, SIGMA = 0.5, 0.6
"""Of ambient demand: a log-normal bid."""


def _revenue_and_welfare(
    market: PlayedRun, revenue: float, welfare: float, *, unit: float = 1.0, bound: float = 0.0
) -> rows.Comparisons:
    words = "" if unit == 1 else ", in means"
    for name, exact, column in (("revenue", revenue, "price_micros"), ("welfare", welfare, "bid_micros")):
        yield rows.mean(f"{name} per auction{words}", exact, market.money(column) / unit, bound=bound)


@second_price.check("{} bidders, uniform values", 2, 3, 4, 5, 10)
def _uniform(size: int, n: int) -> rows.Comparisons:
    market = play(size, [uniform(count=n)])
    yield from _revenue_and_welfare(market, auctions.uniform_mean(n, 2), auctions.uniform_mean(n, 1))
    exact = auctions.uniform_variance(n, 2)
    yield rows.variance("variance of the price", exact, market.money("price_micros"))
    won = market.total("wins", "Bidder 1")
    yield rows.share("share won by the first bidder", 1 / n, won, market.auctions)
    # A value of less than a micro is none: one in a million of each bidder.
    sold = market.total("wins") / market.auctions
    yield rows.certain("share sold", 1.0, sold, market.auctions, bound=2e-6)


@second_price.check("{} bidders, exponential values", 2, 5)
def _exponential(size: int, n: int) -> rows.Comparisons:
    market = play(size, [{"name": "Bidder", "count": n, **EXPONENTIAL_VALUES}])
    bound, welfare = n * tables.gap(auctions.exponential()), auctions.harmonic(n)
    yield from _revenue_and_welfare(market, welfare - 1, welfare, unit=EXPONENTIAL_MEAN, bound=bound)


@second_price.check("{} bidders, log-normal values, σ 0.5", 2, 5)
def _log_normal(size: int, n: int) -> rows.Comparisons:
    market = play(size, [{"name": "Bidder", "count": n, **LOG_NORMAL_VALUES}])
    revenue, welfare = (auctions.order_statistic(LOG_NORMAL_QUANTILE, k, n) for k in (n - 1, n))
    yield from _revenue_and_welfare(market, revenue, welfare, bound=n * tables.gap(LOG_NORMAL_QUANTILE))


@second_price.check("2 bidders, uniform values up to 1/2 and up to 1")
def _unequal(size: int) -> rows.Comparisons:
    half = {"kind": "uniform", "high": 0.5}
    market = play(size, [uniform("Weak", valuation=half), uniform("Strong")])
    lower = auctions.unequal_uniform_revenue(0.5, 1.0)
    yield from _revenue_and_welfare(market, lower, 0.75 - lower)
    exact, won = auctions.unequal_uniform_share(0.5, 1.0), market.total("wins", "Weak")
    yield rows.share("share won by the weaker", exact, won, market.auctions)


@second_price.check("2 bidders of one advertiser, uniform values, floor 1/4")
def _one_advertiser(size: int) -> rows.Comparisons:
    # Two bids of one advertiser never price each other, so the better one pays the floor.
    terms = {"max_cpm": 1000, "bidding": "truthful", "creatives": [creative(15)]}
    both = campaign("Both", "Both", uniform("One", **terms), uniform("Other", **terms))
    market = play(size, [], {"floors.cpm": 250}, campaigns=[both])
    n, sold = market.auctions, floors.sold(0.25, 2)
    yield rows.share("share sold", sold, market.total("wins"), n)
    yield rows.certain("highest price, the floor", 0.25, float(market.money("price_micros").max()), n)
    yield rows.share("share won by the first", sold / 2, market.total("wins", "One"), n)


def _first_price(
    size: int, n: int, bidding: Mapping[str, Any], settings: Mapping[str, Any] | None = None, **terms: Any
) -> PlayedRun:
    bidder = uniform(count=n, bidding=bidding, **terms)
    return play(size, [bidder], {"auction": "first_price", **(settings or {})})


@first_price.check("{} bidders, uniform values, closed form", 2, 3, 5)
def _closed_form(size: int, n: int) -> rows.Comparisons:
    paid = _first_price(size, n, {"kind": "uniform_equilibrium", "bidders": n}).money("price_micros")
    yield rows.mean("revenue per auction", auctions.uniform_mean(n, 2), paid)
    # The winner pays (n-1)/n of the highest value.
    variance = ((n - 1) / n) ** 2 * auctions.uniform_variance(n, 1)
    yield rows.variance("variance of the price", variance, paid)


@first_price.check("{} bidders, uniform values, the same auctions under second price", 2, 5)
def _both_formats(size: int, n: int) -> rows.Comparisons:
    # Values are drawn slot by slot, so that both formats have the same ones, in the same order.
    markets = (
        _first_price(size, n, {"kind": "uniform_equilibrium", "bidders": n}),
        play(size, [uniform(count=n)]),
    )
    orders = [np.argsort(market.won["slot_id"]) for market in markets]
    first, second = (
        market.money("price_micros")[order] for market, order in zip(markets, orders, strict=True)
    )
    yield rows.mean("revenue beyond second price", 0.0, first - second)
    one, other = (market.won["line_item"][order] for market, order in zip(markets, orders, strict=True))
    # Two bids are the same micro where values are less than n/(n-1) of them apart, or 1 under second price;
    # the two highest of n are closer than d with a probability of nd at most.
    tied = 3 * n / MICROS
    bound = tied + rows.SIGMAS * math.sqrt(tied / len(one))
    yield rows.certain("share with another winner", 0.0, float((one != other).mean()), len(one), bound=bound)


@first_price.check("{} bidders, uniform values, reserve 1/2", 2, 5)
def _reserve(size: int, n: int) -> rows.Comparisons:
    rule = {"kind": "uniform_equilibrium", "bidders": n, "reserve": 0.5}
    market = _first_price(size, n, rule, {"floors.cpm": 500})
    paid, exact = market.money("price_micros"), floors.uniform_revenue(n, 0.5)
    yield rows.mean("revenue per auction", exact, paid, n=market.auctions)
    yield rows.share("share sold", floors.sold(0.5, n), market.total("wins"), market.auctions)


@first_price.check("3 bidders, uniform values, bids from the distribution")
def _from_distribution(size: int) -> rows.Comparisons:
    paid = _first_price(size, 3, {"kind": "equilibrium", "bidders": 3}).money("price_micros")
    yield rows.mean("revenue per auction", auctions.uniform_mean(3, 2), paid)


@first_price.check("2 bidders, exponential values, bids from the distribution")
def _from_exponential(size: int) -> rows.Comparisons:
    market = _first_price(size, 2, {"kind": "equilibrium", "bidders": 2}, **EXPONENTIAL_VALUES)
    # Bids lie on straight lines between the table's steps as values do, and are below them.
    paid, bound = market.money("price_micros") / EXPONENTIAL_MEAN, 2 * tables.gap(auctions.exponential())
    yield rows.mean("revenue per auction, in means", auctions.harmonic(2) - 1, paid, bound=bound)


@first_price.check("3 bidders, log-normal values, bids from the distribution")
def _from_log_normal(size: int) -> rows.Comparisons:
    paid = _first_price(size, 3, {"kind": "equilibrium", "bidders": 3}, **LOG_NORMAL_VALUES).money(
        "price_micros"
    )
    exact, bound = auctions.order_statistic(LOG_NORMAL_QUANTILE, 2, 3), 3 * tables.gap(LOG_NORMAL_QUANTILE)
    yield rows.mean("revenue per auction", exact, paid, bound=bound)


@first_price.check("2 bidders, uniform values, both bid 0.8 of the value")
def _shaded(size: int) -> rows.Comparisons:
    paid = _first_price(size, 2, {"kind": "factor", "factor": 0.8}).money("price_micros")
    yield rows.mean("revenue per auction", 0.8 * auctions.uniform_mean(2, 1), paid)


def _lone(size: int, auction: str, cpm: float) -> PlayedRun:
    return play(size, [{"name": "Lone"}], {"auction": auction.replace(" ", "_"), "floors.cpm": cpm})


@rules.check("a lone bidder above the floor, {}", ("second price", 0.3), ("first price", 1.0))
def _above_the_floor(size: int, auction: str, exact: float) -> rows.Comparisons:
    market = _lone(size, auction, 300)
    prices, n = market.money("price_micros"), market.auctions
    yield rows.certain("share sold", 1.0, len(prices) / n, n)
    yield rows.certain("lowest price", exact, float(prices.min()), n)
    yield rows.certain("highest price", exact, float(prices.max()), n)


@rules.check("a lone bidder below the floor")
def _below_the_floor(size: int) -> rows.Comparisons:
    market = _lone(size, "second price", 1000.001)
    n = market.auctions
    yield rows.certain("share sold", 0.0, market.total("wins") / n, n)
    yield rows.certain("share lost below the floor", 1.0, market.total("lost_below_floor") / n, n)


@rules.check("a lone bidder exactly at the floor, {}", "second price", "first price")
def _at_the_floor(size: int, auction: str) -> rows.Comparisons:
    market = _lone(size, auction, 1000)
    prices, n = market.money("price_micros"), market.auctions
    yield rows.certain("share sold", 1.0, len(prices) / n, n)
    yield rows.certain("mean price, the floor and the bid", 1.0, float(prices.sum()) / n, n)


@rules.check("{} bidders tie in every auction", 2, 3)
def _ties(size: int, n: int) -> rows.Comparisons:
    market = play(size, [{"name": "Bidder", "count": n}])
    for number in range(1, n):
        wins = market.total("wins", f"Bidder {number}")
        yield rows.share(f"share won by bidder {number}", 1 / n, wins, market.auctions)
    lowest = float(market.money("price_micros").min())
    yield rows.certain("lowest price, the bid", 1.0, lowest, market.auctions)


def _ambient(median: float, sigma: float = 0.0, presence: float = 1) -> dict[str, object]:
    # Without a spread it is always the same bid.
    bid = {"median_cpm": 1000 * median, "sigma": sigma}
    return {"ambient": {"kind": "log_normal", "presence": presence, **bid}}


@rules.check("a rival outside who always bids the same as the bidder")
def _outside_tie(size: int) -> rows.Comparisons:
    market = play(size, [{"name": "Bidder"}], _ambient(1))
    prices, n = market.money("price_micros"), market.auctions
    yield rows.share("share won", 1 / 2, market.total("wins"), n)
    sold = len(prices) + int(market.supply["filled_ambient"].sum())
    yield rows.certain("share won or sold outside", 1.0, sold / n, n)
    yield rows.certain("lowest price, the bid", 1.0, float(prices.min()), len(prices))


@rules.check("a rival outside exactly at the floor, the bidder below it")
def _outside_at(size: int) -> rows.Comparisons:
    market = play(size, [{"name": "Bidder", "max_cpm": 999}], {**_ambient(1), "floors.cpm": 1000})
    n, supply = market.auctions, market.supply
    yield rows.certain("share sold outside", 1.0, int(supply["filled_ambient"].sum()) / n, n)
    revenue = supply["revenue_ambient_micros"].sum() / MICROS / n
    yield rows.certain("revenue per auction, the floor", 1.0, revenue, n)


@rules.check("a constant bid against a log-normal rival outside, second price", ({}, 1.0))
@rules.check("a constant bid, the rival outside there for 60 % of the slots", ({}, 0.6))
@rules.check(
    "a uniform bid against a log-normal rival outside, second price", ({"valuation": "uniform"}, 1.0)
)
def _outside(size: int, valued: Mapping[str, Any], presence: float) -> rows.Comparisons:
    market = play(size, [{"name": "Bidder", **valued}], _ambient(MEDIAN, SIGMA, presence))
    # P(X < v) and E[X; X < v], over v uniform on [0, 1] or at a bid of one.
    theory = (partial(of, median=MEDIAN, sigma=SIGMA) for of in (auctions.below, auctions.mean_below))
    below, beaten = (auctions.integral(of) if valued else of(1.0) for of in theory)
    n, won = market.auctions, 1 - presence + presence * below
    # Where the bid falls between two steps, a straight line stands for the curve.
    yield rows.share("share won", won, market.total("wins"), n, bound=tables.STEP / 8)
    paid = market.money("price_micros")
    yield rows.mean("paid per auction", presence * beaten, paid, n=n, bound=tables.STEP)
    if not valued:
        # Whoever wins outside pays the bid that it beats, of one.
        outside = market.supply["revenue_ambient_micros"].sum() // MICROS
        yield rows.share("paid outside per auction", 1 - won, outside, n, bound=tables.STEP / 8)
