"""Deals and soft floors.

Goals at a fixed price, floors of one's own, places in the pod, and a floor below which bids are paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import deals, reserves

PRICE = 0.25
"""Of the guaranteed deal: below what most others bid."""


def checks() -> Iterator[Check]:
    """Yield the checks of soft floors, then those of each deal, then that of places."""
    for n, soft, reserve in ((2, 0.5, 0.0), (2, 0.5, 0.25), (3, 0.75, 0.25), (1, 0.75, 0.5)):
        bidders = f"{n} bidders" if n > 1 else "a lone bidder"
        yield Check(
            f"{bidders}, uniform values, reserve {reserve}, soft floor {soft}",
            partial(_soft_floor, n, soft, reserve),
        )
    for own, market in ((0.25, 0.5), (0.5, 0.25), (0.0, 0.5)):
        yield Check(
            f"2 uniform bidders, second price, floor {market}, of one's private deal {own}",
            partial(_private, own, market),
        )
    yield Check(f"a guaranteed goal at {PRICE} beside 2 uniform bidders, reserve 0.5", _guaranteed)
    yield Check("pods of 3 slots, a bidder who buys the first and a uniform one", _first)


def _soft_floor(n: int, soft: float, reserve: float, size: int) -> Iterator[Row]:
    auction = {"kind": "soft_floor", "soft_floor_cpm": 1000 * soft}
    bidders = [{"name": "Bidder", "count": n, "valuation": "uniform"}]
    market = play(size, bidders, {"market.auction": auction, "market.floors.cpm": 1000 * reserve})
    paid = market.money("price_micros")
    own = int((paid < soft).sum())
    exact = deals.soft_floor_revenue(n, soft, reserve)
    yield rows.mean("revenue per auction", exact, paid, n=market.auctions)
    yield rows.share("share that pays its bid", deals.between(n, soft, reserve), own, market.auctions)
    discount = float((market.money("bid_micros") - paid)[paid < soft].max())
    yield rows.certain("highest discount on such a bid", 0.0, discount, own)


def _private(own: float, floor: float, size: int) -> Iterator[Row]:
    deal = {"kind": "private", "floor_cpm": 1000 * own}
    bidders: list[Mapping[str, Any]] = [
        {"name": "Invited", "valuation": "uniform", "deal": deal},
        {"name": "Anyone", "valuation": "uniform"},
    ]
    market = play(size, bidders, {"market.floors.cpm": 1000 * floor})
    n = market.auctions
    exact = deals.private_revenue(own, floor)
    yield rows.mean("revenue per auction", exact, market.money("price_micros"), n=n)
    won = market.total("wins", "Invited")
    yield rows.share("share won by the invited", deals.private_share(own, floor), won, n)


def _guaranteed(size: int) -> Iterator[Row]:
    goal = size // 4
    deal = {"kind": "guaranteed", "impressions": goal}
    agreed = {"name": "Agreed", "max_cpm": 1000 * PRICE, "bidding": "fixed_cpm", "deal": deal}
    bidders: list[Mapping[str, Any]] = [agreed, {"name": "Bidder", "count": 2, "valuation": "uniform"}]
    market = play(size, bidders, {"market.floors.cpm": 500})
    paid, prices = market.money("price_micros", "Agreed"), market.money("price_micros")
    yield rows.certain("impressions delivered", goal, market.total("impressions", "Agreed"), market.auctions)
    yield rows.certain("lowest price of the deal", PRICE, float(paid.min()), goal)
    yield rows.certain("highest price of the deal", PRICE, float(paid.max()), goal)
    # A slot that went to the deal is lost by every bid that reached the reserve.
    lost = market.total("lost_deal")
    yield rows.share("share of others' bids lost to it", 0.5, lost, 2 * goal)
    others = market.auctions - goal
    exact = reserves.uniform_revenue(2, 0.5)
    rest = prices[market.won["line_item"] != market.place("Agreed")]
    yield rows.mean("revenue of the other auctions", exact, rest, n=others)


def _first(size: int) -> Iterator[Row]:
    pods = {"share": 1, "slots": {"3": 1}}
    bidders = [
        {"name": "First", "bidding": "fixed_cpm", "slot_in_pod": "first"},
        {"name": "Anyone", "valuation": "uniform"},
    ]
    market = play(size, bidders, {"market.pods.pre_roll": pods})
    matched = market.total("requests_matched", "First")
    yield rows.certain("share of slots that match", 1 / 3, matched / market.auctions, market.auctions)
    yield rows.certain("share of those won", 1.0, market.total("wins", "First") / matched, matched)
    yield rows.mean("paid for a first slot", 0.5, market.money("price_micros", "First"))
