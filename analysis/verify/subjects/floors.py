"""Reserves, deals and soft floors: what a floor brings, which is best, and floors of one's own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play, uniform
from analysis.verify.subjects import Subject
from analysis.verify.theory import auctions, floors, tables

reserves = Subject("reserves", "Reserves")
deals = Subject("deals", "Deals and soft floors")

BEST = 0.5
"""Of uniform values: where the virtual value 2v - 1 is zero (Myerson 1981)."""
CURVE = (0.25, 0.375, BEST, 0.625, 0.75)
"""Multiples of the table's step, so that a reserve cuts no step in two."""
DEAL_PRICE = 0.25
"""Of the guaranteed deal: below what most others bid."""


def _reserved(size: int, n: int, reserve: float, **terms: Any) -> PlayedRun:
    return play(size, [uniform(count=n, **terms)], {"floors.cpm": 1000 * reserve})


@reserves.check("a lone bidder, uniform values, reserve {1}", (1, 0.5))
@reserves.check(
    "{} bidders, uniform values, reserve {}",
    *((2, 0.25), (2, 0.5), (2, 0.75), (3, 0.5), (4, 0.5), (5, 0.5), (10, 0.875)),
)
def _uniform(size: int, n: int, reserve: float) -> rows.Comparisons:
    market, exact = _reserved(size, n, reserve), floors.uniform_revenue(n, reserve)
    yield rows.mean("revenue per auction", exact, market.money("price_micros"), n=market.auctions)
    yield rows.share("share sold", floors.sold(reserve, n), market.total("wins"), market.auctions)


@reserves.check("2 bidders, uniform values, the same auctions at five reserves")
def _curve(size: int) -> rows.Comparisons:
    markets = {reserve: _reserved(size, 2, reserve) for reserve in CURVE}
    slots = np.unique(np.concatenate([market.won["slot_id"] for market in markets.values()]))
    paid = {reserve: _by_slot(market, slots) for reserve, market in markets.items()}
    n = markets[BEST].auctions
    for reserve in CURVE:
        if reserve != BEST:
            exact = floors.uniform_revenue(2, BEST) - floors.uniform_revenue(2, reserve)
            yield rows.mean(f"gain of reserve {BEST} over {reserve}", exact, paid[BEST] - paid[reserve], n=n)
    found = max(CURVE, key=lambda reserve: paid[reserve].sum())
    yield rows.certain("reserve of the highest revenue", BEST, found, n)


def _by_slot(market: PlayedRun, slots: NDArray[np.int64]) -> NDArray[np.float64]:
    # A slot that nobody bought brought nothing.
    paid = np.zeros(len(slots))
    paid[np.searchsorted(slots, market.won["slot_id"])] = market.money("price_micros")
    return paid


@reserves.check("a lone bidder, exponential values, reserve at the mean", 1)
@reserves.check("{} bidders, exponential values, reserve at the mean", 3)
def _exponential(size: int, n: int) -> rows.Comparisons:
    # The virtual value is v - mean, so that the mean is the best reserve (Myerson 1981).
    mean, below = 0.5, 1 - math.exp(-1)
    market = _reserved(size, n, mean, max_cpm=10_000, valuation={"kind": "exponential", "mean": mean / 10})
    exact, bound = floors.revenue(auctions.exponential(), n, below), n * tables.gap(auctions.exponential())
    paid = market.money("price_micros") / mean
    yield rows.mean("revenue per auction, in means", exact, paid, n=market.auctions, bound=bound)
    yield rows.share("share sold", floors.sold(below, n), market.total("wins"), market.auctions)


@deals.check(
    "{} bidders, uniform values, reserve {}, soft floor {}", (2, 0.0, 0.5), (2, 0.25, 0.5), (3, 0.25, 0.75)
)
@deals.check("a lone bidder, uniform values, reserve {1}, soft floor {2}", (1, 0.5, 0.75))
def _soft_floor(size: int, n: int, reserve: float, soft: float) -> rows.Comparisons:
    auction = {"kind": "soft_floor", "soft_floor_cpm": 1000 * soft}
    market = play(size, [uniform(count=n)], {"auction": auction, "floors.cpm": 1000 * reserve})
    paid = market.money("price_micros")
    own = int((paid < soft).sum())
    exact = floors.soft_floor_revenue(n, soft, reserve)
    yield rows.mean("revenue per auction", exact, paid, n=market.auctions)
    yield rows.share("share that pays its bid", soft**n - reserve**n, own, market.auctions)
    discount = float((market.money("bid_micros") - paid)[paid < soft].max())
    yield rows.certain("highest discount on such a bid", 0.0, discount, own)


@deals.check(
    "2 uniform bidders, second price, floor {}, of one's private deal {}",
    (0.5, 0.25),
    (0.25, 0.5),
    (0.5, 0.0),
)
def _private(size: int, floor: float, own: float) -> rows.Comparisons:
    deal = {"kind": "private", "floor_cpm": 1000 * own}
    market = play(size, [uniform("Invited", deal=deal), uniform("Anyone")], {"floors.cpm": 1000 * floor})
    n, exact = market.auctions, floors.private_revenue(own, floor)
    yield rows.mean("revenue per auction", exact, market.money("price_micros"), n=n)
    won = market.total("wins", "Invited")
    yield rows.share("share won by the invited", floors.private_share(own, floor), won, n)


@deals.check(f"a guaranteed goal at {DEAL_PRICE} beside 2 uniform bidders, reserve 0.5")
def _guaranteed(size: int) -> rows.Comparisons:
    goal = size // 4
    deal = {"kind": "guaranteed", "impressions": goal}
    guaranteed = {"name": "Agreed", "max_cpm": 1000 * DEAL_PRICE, "bidding": "fixed_cpm", "deal": deal}
    market = play(size, [guaranteed, uniform(count=2)], {"floors.cpm": 500})
    paid, n = market.money("price_micros", "Agreed"), market.auctions
    yield rows.certain("impressions delivered", goal, market.total("impressions", "Agreed"), n)
    yield rows.certain("lowest price of the deal", DEAL_PRICE, float(paid.min()), goal)
    yield rows.certain("highest price of the deal", DEAL_PRICE, float(paid.max()), goal)
    # A slot that went to the deal is lost by every bid that reached the reserve.
    yield rows.share("share of others' bids lost to it", 0.5, market.total("lost_deal"), 2 * goal)
    rest = market.money("price_micros")[market.won["line_item"] != market.place("Agreed")]
    yield rows.mean("revenue of the other auctions", floors.uniform_revenue(2, 0.5), rest, n=n - goal)


@deals.check("pods of 3 slots, a bidder who buys the first and a uniform one")
def _first_slot(size: int) -> rows.Comparisons:
    first = {"name": "First", "bidding": "fixed_cpm", "slot_in_pod": "first"}
    market = play(size, [first, uniform("Anyone")], {"pods.pre_roll": {"share": 1, "slots": {"3": 1}}})
    matched = market.total("requests_matched", "First")
    yield rows.certain("share of slots that match", 1 / 3, matched / market.auctions, market.auctions)
    yield rows.certain("share of those won", 1.0, market.total("wins", "First") / matched, matched)
    yield rows.mean("paid for a first slot", 0.5, market.money("price_micros", "First"))
