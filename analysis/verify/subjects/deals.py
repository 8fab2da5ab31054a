"""Deals and soft floors.

Goals at a fixed price, floors of one's own, places in the pod, and a floor below which bids are paid.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.theory import deals, reserves

PRICE = 0.25
"""Of the guaranteed deal: below what most others bid."""


@check(
    "{} bidders, uniform values, reserve {}, soft floor {}", (2, 0.0, 0.5), (2, 0.25, 0.5), (3, 0.25, 0.75)
)
@check("a lone bidder, uniform values, reserve {1}, soft floor {2}", (1, 0.5, 0.75))
def _soft_floor(size: int, n: int, reserve: float, soft: float) -> Iterator[rows.Row]:
    auction = {"kind": "soft_floor", "soft_floor_cpm": 1000 * soft}
    bidders = [{"name": "Bidder", "count": n, "valuation": "uniform"}]
    market = play(size, bidders, {"market.auction": auction, "market.floors.cpm": 1000 * reserve})
    paid = market.money("price_micros")
    own = int((paid < soft).sum())
    exact = deals.soft_floor_revenue(n, soft, reserve)
    yield rows.mean("revenue per auction", exact, paid, n=market.auctions)
    yield rows.share("share that pays its bid", soft**n - reserve**n, own, market.auctions)
    discount = float((market.money("bid_micros") - paid)[paid < soft].max())
    yield rows.certain("highest discount on such a bid", 0.0, discount, own)


@check(
    "2 uniform bidders, second price, floor {}, of one's private deal {}",
    (0.5, 0.25),
    (0.25, 0.5),
    (0.5, 0.0),
)
def _private(size: int, floor: float, own: float) -> Iterator[rows.Row]:
    deal = {"kind": "private", "floor_cpm": 1000 * own}
    bidders: list[Mapping[str, Any]] = [
        {"name": "Invited", "valuation": "uniform", "deal": deal},
        {"name": "Anyone", "valuation": "uniform"},
    ]
    market = play(size, bidders, {"market.floors.cpm": 1000 * floor})
    n, won = market.auctions, market.total("wins", "Invited")
    yield rows.mean(
        "revenue per auction", deals.private_revenue(own, floor), market.money("price_micros"), n=n
    )
    yield rows.share("share won by the invited", deals.private_share(own, floor), won, n)


@check(f"a guaranteed goal at {PRICE} beside 2 uniform bidders, reserve 0.5")
def _guaranteed(size: int) -> Iterator[rows.Row]:
    goal = size // 4
    deal = {"kind": "guaranteed", "impressions": goal}
    bidders: list[Mapping[str, Any]] = [
        {"name": "Agreed", "max_cpm": 1000 * PRICE, "bidding": "fixed_cpm", "deal": deal},
        {"name": "Bidder", "count": 2, "valuation": "uniform"},
    ]
    market = play(size, bidders, {"market.floors.cpm": 500})
    paid, n = market.money("price_micros", "Agreed"), market.auctions
    yield rows.certain("impressions delivered", goal, market.total("impressions", "Agreed"), n)
    yield rows.certain("lowest price of the deal", PRICE, float(paid.min()), goal)
    yield rows.certain("highest price of the deal", PRICE, float(paid.max()), goal)
    # A slot that went to the deal is lost by every bid that reached the reserve.
    yield rows.share("share of others' bids lost to it", 0.5, market.total("lost_deal"), 2 * goal)
    rest = market.money("price_micros")[market.won["line_item"] != market.place("Agreed")]
    yield rows.mean("revenue of the other auctions", reserves.uniform_revenue(2, 0.5), rest, n=n - goal)


@check("pods of 3 slots, a bidder who buys the first and a uniform one")
def _first(size: int) -> Iterator[rows.Row]:
    bidders = [
        {"name": "First", "bidding": "fixed_cpm", "slot_in_pod": "first"},
        {"name": "Anyone", "valuation": "uniform"},
    ]
    market = play(size, bidders, {"market.pods.pre_roll": {"share": 1, "slots": {"3": 1}}})
    matched = market.total("requests_matched", "First")
    yield rows.certain("share of slots that match", 1 / 3, matched / market.auctions, market.auctions)
    yield rows.certain("share of those won", 1.0, market.total("wins", "First") / matched, matched)
    yield rows.mean("paid for a first slot", 0.5, market.money("price_micros", "First"))
