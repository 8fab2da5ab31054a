"""Who wins, and what is paid.

The lone bidder, ties, bids below the floor, and demand from outside the registry.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.theory import auctions, tables
from sim.units import MICROS

MEDIAN, SIGMA = 0.5, 0.6
"""Of ambient demand: a log-normal bid."""


@check("a lone bidder above the floor, {}", ("second price", 0.3), ("first price", 1.0))
def _lone(size: int, auction: str, exact: float) -> Iterator[rows.Row]:
    market = play(
        size, [{"name": "Lone"}], {"market.auction": auction.replace(" ", "_"), "market.floors.cpm": 300}
    )
    prices, n = market.money("price_micros"), market.auctions
    yield rows.certain("share sold", 1.0, len(prices) / n, n)
    yield rows.certain("lowest price", exact, float(prices.min()), n)
    yield rows.certain("highest price", exact, float(prices.max()), n)


@check("a lone bidder below the floor")
def _below(size: int) -> Iterator[rows.Row]:
    market = play(size, [{"name": "Lone"}], {"market.floors.cpm": 1000.001})
    n = market.auctions
    yield rows.certain("share sold", 0.0, market.total("wins") / n, n)
    yield rows.certain("share lost below the floor", 1.0, market.total("lost_below_floor") / n, n)


@check("a lone bidder exactly at the floor, {}", "second price", "first price")
def _at(size: int, auction: str) -> Iterator[rows.Row]:
    market = play(
        size, [{"name": "Lone"}], {"market.auction": auction.replace(" ", "_"), "market.floors.cpm": 1000}
    )
    prices, n = market.money("price_micros"), market.auctions
    yield rows.certain("share sold", 1.0, len(prices) / n, n)
    yield rows.certain("mean price, the floor and the bid", 1.0, float(prices.sum()) / n, n)


@check("{} bidders tie in every auction", 2, 3)
def _ties(size: int, n: int) -> Iterator[rows.Row]:
    market = play(size, [{"name": "Bidder", "count": n}])
    for number in range(1, n):
        wins = market.total("wins", f"Bidder {number}")
        yield rows.share(f"share won by bidder {number}", 1 / n, wins, market.auctions)
    lowest = float(market.money("price_micros").min())
    yield rows.certain("lowest price, the bid", 1.0, lowest, market.auctions)


def _ambient(median: float, sigma: float = 0.0, presence: float = 1) -> dict[str, object]:
    # Without a spread it is always the same bid.
    bid = {"median_cpm": 1000 * median, "sigma": sigma}
    return {"market.ambient": {"kind": "log_normal", "presence": presence, **bid}}


def _sold_outside(market: PlayedRun) -> int:
    return int(market.supply["filled_ambient"].sum())


@check("a rival outside who always bids the same as the bidder")
def _outside_tie(size: int) -> Iterator[rows.Row]:
    market = play(size, [{"name": "Bidder"}], _ambient(1))
    prices, n = market.money("price_micros"), market.auctions
    yield rows.share("share won", 1 / 2, market.total("wins"), n)
    yield rows.certain("share won or sold outside", 1.0, (len(prices) + _sold_outside(market)) / n, n)
    yield rows.certain("lowest price, the bid", 1.0, float(prices.min()), len(prices))


@check("a rival outside exactly at the floor, the bidder below it")
def _outside_at(size: int) -> Iterator[rows.Row]:
    market = play(size, [{"name": "Bidder", "max_cpm": 999}], {**_ambient(1), "market.floors.cpm": 1000})
    n = market.auctions
    yield rows.certain("share sold outside", 1.0, _sold_outside(market) / n, n)
    revenue = market.supply["revenue_ambient_micros"].sum() / MICROS / n
    yield rows.certain("revenue per auction, the floor", 1.0, revenue, n)


def _against_log_normal(
    size: int, bidder: dict[str, Any], presence: float, won: float, paid: float
) -> Iterator[rows.Row]:
    market = play(size, [{"name": "Bidder", **bidder}], _ambient(MEDIAN, SIGMA, presence))
    n = market.auctions
    # Where the bid falls between two steps, a straight line stands for the curve.
    yield rows.share("share won", won, market.total("wins"), n, bound=tables.STEP / 8)
    yield rows.mean("paid per auction", paid, market.money("price_micros"), n=n, bound=tables.STEP)
    if not bidder:
        # Whoever wins outside pays the bid that it beats, of one.
        outside = market.supply["revenue_ambient_micros"].sum() // MICROS
        yield rows.share("paid outside per auction", 1 - won, outside, n, bound=tables.STEP / 8)


@check("a constant bid against a log-normal rival outside, second price", 1.0)
@check("a constant bid, the rival outside there for 60 % of the slots", 0.6)
def _outside(size: int, presence: float) -> Iterator[rows.Row]:
    won = 1 - presence + presence * auctions.below(1.0, MEDIAN, SIGMA)
    paid = presence * auctions.mean_below(1.0, MEDIAN, SIGMA)
    yield from _against_log_normal(size, {}, presence, won, paid)


@check("a uniform bid against a log-normal rival outside, second price")
def _uniform_outside(size: int) -> Iterator[rows.Row]:
    # P(X < v) and E[X; X < v], over v uniform on [0, 1].
    won = auctions.integral(lambda v: auctions.below(v, MEDIAN, SIGMA))
    paid = auctions.integral(lambda v: auctions.mean_below(v, MEDIAN, SIGMA))
    yield from _against_log_normal(size, {"valuation": "uniform"}, 1, won, paid)
