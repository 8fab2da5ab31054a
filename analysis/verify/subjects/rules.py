"""Who wins, and what is paid.

The lone bidder, ties, bids below the floor, and demand from outside the registry.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import auctions, tables
from sim.units import MICROS

MEDIAN, SIGMA = 0.5, 0.6
"""Outside demand: a log-normal bid."""


def checks() -> Iterator[Check]:
    """Yield the checks of single rules."""
    yield Check("a lone bidder above the floor, second price", partial(_lone, "second_price", 0.3))
    yield Check("a lone bidder above the floor, first price", partial(_lone, "first_price", 1.0))
    yield Check("a lone bidder below the floor", _below)
    for auction in ("second_price", "first_price"):
        told = auction.replace("_", " ")
        yield Check(f"a lone bidder exactly at the floor, {told}", partial(_at, auction))
    for n in (2, 3):
        yield Check(f"{n} bidders tie in every auction", partial(_ties, n))
    yield Check("a rival outside who always bids the same as the bidder", _outside_tie)
    yield Check("a rival outside exactly at the floor, the bidder below it", _outside_at)
    yield Check("a constant bid against a log-normal rival outside, second price", partial(_outside, 1.0))
    yield Check("a constant bid, the rival outside there for 60 % of the slots", partial(_outside, 0.6))
    yield Check("a uniform bid against a log-normal rival outside, second price", _uniform_outside)


def _lone(auction: str, exact: float, size: int) -> Iterator[Row]:
    market = play(size, [{"name": "Lone"}], {"market.auction": auction, "market.floors.cpm": 300})
    prices, n = market.money("price_micros"), market.auctions
    yield rows.certain("share sold", 1.0, len(prices) / n, n)
    yield rows.certain("lowest price", exact, float(prices.min()), n)
    yield rows.certain("highest price", exact, float(prices.max()), n)


def _below(size: int) -> Iterator[Row]:
    market = play(size, [{"name": "Lone"}], {"market.floors.cpm": 1000.001})
    n = market.auctions
    yield rows.certain("share sold", 0.0, market.total("wins") / n, n)
    yield rows.certain("share lost below the floor", 1.0, market.total("lost_below_floor") / n, n)


def _at(auction: str, size: int) -> Iterator[Row]:
    market = play(size, [{"name": "Lone"}], {"market.auction": auction, "market.floors.cpm": 1000})
    prices, n = market.money("price_micros"), market.auctions
    yield rows.certain("share sold", 1.0, len(prices) / n, n)
    yield rows.certain("mean price, the floor and the bid", 1.0, float(prices.sum()) / n, n)


def _outside_tie(size: int) -> Iterator[Row]:
    market = play(size, [{"name": "Bidder"}], {"market.ambient": _always(1000)})
    prices, n = market.money("price_micros"), market.auctions
    yield rows.share("share won", 1 / 2, market.total("wins"), n)
    yield rows.certain("share won or sold outside", 1.0, (len(prices) + _sold_outside(market)) / n, n)
    yield rows.certain("lowest price, the bid", 1.0, float(prices.min()), len(prices))


def _outside_at(size: int) -> Iterator[Row]:
    settings = {"market.ambient": _always(1000), "market.floors.cpm": 1000}
    market = play(size, [{"name": "Bidder", "max_cpm": 999}], settings)
    n = market.auctions
    yield rows.certain("share sold outside", 1.0, _sold_outside(market) / n, n)
    revenue = market.supply["revenue_ambient_micros"].sum() / MICROS / n
    yield rows.certain("revenue per auction, the floor", 1.0, revenue, n)


def _always(cpm: float) -> dict[str, object]:
    """Return a rival outside who is always there and bids *cpm*: a log-normal one without a spread."""
    return {"kind": "log_normal", "presence": 1, "median_cpm": cpm, "sigma": 0}


def _sold_outside(market: PlayedRun) -> int:
    return int(market.supply["filled_ambient"].sum())


def _ties(n: int, size: int) -> Iterator[Row]:
    market = play(size, [{"name": "Bidder", "count": n}])
    for number in range(1, n):
        wins = market.total("wins", f"Bidder {number}")
        yield rows.share(f"share won by bidder {number}", 1 / n, wins, market.auctions)
    prices = market.money("price_micros")
    yield rows.certain("lowest price, the bid", 1.0, float(prices.min()), market.auctions)


def _outside(presence: float, size: int) -> Iterator[Row]:
    demand = {"kind": "log_normal", "presence": presence, "median_cpm": 1000 * MEDIAN, "sigma": SIGMA}
    market = play(size, [{"name": "Bidder"}], {"market.ambient": demand})
    n = market.auctions
    won = 1 - presence + presence * auctions.below(1.0, MEDIAN, SIGMA)
    paid = presence * auctions.mean_below(1.0, MEDIAN, SIGMA)
    # Where the bid falls between two steps, a straight line stands for the curve.
    yield rows.share("share won", won, market.total("wins"), n, bound=tables.STEP / 8)
    yield rows.mean("paid per auction", paid, market.money("price_micros"), n=n, bound=tables.STEP)
    # Whoever wins outside pays the bid that it beats, of one.
    outside = market.supply["revenue_ambient_micros"].sum() // MICROS
    yield rows.share("paid outside per auction", 1 - won, outside, n, bound=tables.STEP / 8)


def _uniform_outside(size: int) -> Iterator[Row]:
    demand = {"kind": "log_normal", "presence": 1, "median_cpm": 1000 * MEDIAN, "sigma": SIGMA}
    market = play(size, [{"name": "Bidder", "valuation": "uniform"}], {"market.ambient": demand})
    n = market.auctions
    # P(X < v) and E[X; X < v], over v uniform on [0, 1].
    won = auctions.integral(lambda v: auctions.below(v, MEDIAN, SIGMA))
    paid = auctions.integral(lambda v: auctions.mean_below(v, MEDIAN, SIGMA))
    yield rows.share("share won", won, market.total("wins"), n, bound=tables.STEP / 8)
    yield rows.mean("paid per auction", paid, market.money("price_micros"), n=n, bound=tables.STEP)
