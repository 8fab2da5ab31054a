"""Pods sold as a whole: the best set of ads for so many seconds, and what each winner displaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.verify import rows
from analysis.verify.play import campaign, creative, play, uniform
from analysis.verify.subjects import Subject
from analysis.verify.theory import auctions

pods = Subject("pods", "Pods sold as a whole")

MOST_ADS = 15
"""Of a pod, where the seconds alone decide."""
OFFERS = (
    *(("A", 30, 0.24), ("B", 30, 0.22), ("A", 15, 0.14)),
    *(("C", 15, 0.13), ("D", 20, 0.15), ("E", 60, 0.40)),
)
"""Advertiser, seconds and bid: the best of 75 seconds is worth 0.59, or 0.60 if A may be shown twice."""
CONSTANTS = (0.9, 0.7, 0.5, 0.3)
FIXED = {"bidding": "fixed_cpm", "valuation": "constant"}


def _bidder(name: str = "Bidder", *seconds: int, **terms: Any) -> dict[str, Any]:
    return uniform(name, creatives=[creative(length) for length in seconds or (15,)], **terms)


class _Pods:
    """All pods of a market; those in which nothing was sold are zero."""

    def __init__(
        self,
        size: int,
        seconds: int,
        bidders: Sequence[Mapping[str, Any]],
        settings: Mapping[str, Any] | None = None,
        ads: int = MOST_ADS,
        campaigns: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        pre_roll = {"share": 1, "seconds": {str(seconds): 1}, "max_ads": ads}
        given = {"pods": {"kind": "dynamic", "pre_roll": pre_roll}, **(settings or {})}
        self.market = play(size, bidders, given, campaigns=campaigns)
        self.n = self.market.auctions // ads
        _, self._pod = np.unique(self.market.won["slot_id"] >> 4, return_inverse=True)

    def sums(self, column: str) -> NDArray[np.float64]:
        return np.asarray(np.bincount(self._pod, weights=self.market.money(column)), np.float64)

    def worth(self, exact: float) -> rows.Comparison:
        return rows.mean("worth of a pod", exact, self.sums("bid_micros"), n=self.n)

    def revenue(self, exact: float, name: str = "revenue of a pod") -> rows.Comparison:
        return rows.mean(name, exact, self.sums("price_micros"), n=self.n)

    def filled(self, exact: float, bidders: int) -> rows.Comparison:
        supply = self.market.supply
        found = float(supply["sold_seconds"].sum() / supply["ad_seconds"].sum())
        # A value of less than a micro is none: one in a million of each bidder.
        return rows.certain("share of the seconds", exact, found, self.n, bound=bidders * 1e-6)

    def share(self, name: str, exact: float, bidder: str | None = None) -> rows.Comparison:
        return rows.share(name, exact, self.market.total("wins", bidder), self.n)


@pods.check("75 seconds, six offers, one ad of each advertiser", (False, 0.59))
@pods.check("75 seconds, six offers of six advertisers", (True, 0.60))
def _best_set(size: int, alone: bool, exact: float) -> rows.Comparisons:
    campaigns = []
    for place, (name, seconds, bid) in enumerate(OFFERS):
        item = {"name": f"{name} of {seconds} s", "max_cpm": 1000 * bid, "creatives": [creative(seconds)]}
        campaigns.append(campaign(f"{name} {place}" if alone else name, f"Offer {place}", item))
    found = _Pods(size, 75, [], {"auction": "first_price"}, campaigns=campaigns)
    worth = found.sums("bid_micros")
    yield rows.certain("worth of the poorest pod", exact, float(worth.min()), found.n, bound=1e-9)
    yield rows.certain("worth of the richest pod", exact, float(worth.max()), found.n, bound=1e-9)
    yield rows.certain("pods with that set", 1.0, len(worth) / found.n, found.n)


@pods.check(
    "{} uniform bidders of 15 s, {} seconds, second price", (2, 15), (5, 15), (5, 30), (5, 60), (10, 60)
)
@pods.check("{} uniform bidders of 15 s, {} seconds, first price", (5, 60, MOST_ADS, "first_price"))
@pods.check("{} uniform bidders of 15 s, {} seconds, {} ads", (5, 90, 2))
def _top(
    size: int, n: int, seconds: int, ads: int = MOST_ADS, auction: str = "second_price"
) -> rows.Comparisons:
    bidder = _bidder(count=n)
    k = min(seconds // 15, ads)
    found = _Pods(size, seconds, [bidder], {"auction": auction}, ads)
    yield found.worth(auctions.uniform_sum(n, k))
    yield found.revenue(
        auctions.uniform_sum(n, k) if auction == "first_price" else k * auctions.uniform_mean(n, k + 1)
    )
    yield found.share("pods with an ad of the first bidder", k / n, "Bidder 1")
    yield found.filled(15 * k / seconds, n)


@pods.check("2 uniform bidders of 15 s, 60 seconds, more than they fill")
def _room(size: int) -> rows.Comparisons:
    found = _Pods(size, 60, [_bidder(count=2)])
    yield found.worth(1.0)
    highest = found.market.money("price_micros").max()
    yield rows.certain("highest price where nobody is kept out", 0.0, highest, found.n)
    yield found.filled(0.5, 2)


@pods.check("one uniform ad of 30 s against two of 15 s, 30 seconds, second price")
def _long_or_short(size: int) -> rows.Comparisons:
    half = {"kind": "uniform", "high": 0.5}
    bidders = [_bidder("Long", 30), _bidder("Short", 15, count=2, valuation=half)]
    found = _Pods(size, 30, bidders)
    yield found.worth(auctions.LONG_OR_SHORT_WORTH)
    yield found.revenue(auctions.LONG_OR_SHORT_REVENUE)
    yield found.share("pods with the long ad", 0.5, "Long")


@pods.check("3 uniform bidders of one category, 60 seconds")
def _one_category(size: int) -> rows.Comparisons:
    bidder = _bidder(count=3)
    found = _Pods(size, 60, [bidder], {"separation.categories": ["general"]})
    yield found.worth(auctions.uniform_sum(3, 1))
    # The others may take its place, for they are not of its own advertiser.
    yield found.revenue(auctions.uniform_mean(3, 2))
    yield found.filled(0.25, 3)


@pods.check("floors by the second, a lone bidder with ads of 15 s and 30 s")
def _by_the_second(size: int) -> rows.Comparisons:
    bidder = _bidder("Bidder", 15, 30)
    found = _Pods(size, 30, [bidder], {"floors.per_second_cpm": 1000 / 60})
    # 1/4 for 15 seconds, which half of those who could pay 1/2 for 30 show as well.
    yield found.revenue(1 / 4 * 1 / 4 + 1 / 2 * 3 / 8)
    dear = int((found.sums("price_micros") > 0.4).sum())
    yield rows.share("pods sold at 1/2", 1 / 4, dear, found.n)
    yield found.share("pods sold", 3 / 4)


@pods.check("2 who must be first, one who must be last and one anywhere")
def _ends(size: int) -> rows.Comparisons:
    bidders = [
        _bidder("One", slot_in_pod="first"),
        _bidder("Two", slot_in_pod="first"),
        _bidder("Three", slot_in_pod="last", **FIXED),
        _bidder("Four", slot_in_pod="any", **FIXED),
    ]
    found = _Pods(size, 60, bidders)
    first = found.market.total("wins", "One") + found.market.total("wins", "Two")
    yield rows.certain("pods with one that is first", 1.0, first / found.n, found.n, bound=1e-6)
    yield found.worth(2 + auctions.uniform_sum(2, 1))
    yield found.revenue(1 / 3, "paid for being first")
    order = found.market.won["slot_id"] & 15
    third = order[found.market.won["line_item"] == found.market.place("Three")]
    yield rows.certain("place of the one that is last", 2.0, float(third.mean()), found.n, bound=1e-6)


@pods.check("a guaranteed deal beside 3 uniform bidders, 30 seconds")
def _deal(size: int) -> rows.Comparisons:
    deal = _bidder("Agreed", max_cpm=250, deal="guaranteed", **FIXED)
    found = _Pods(size, 30, [deal, _bidder(count=3)])
    yield rows.certain("pods with the deal", 1.0, found.market.total("wins", "Agreed") / found.n, found.n)
    yield found.worth(1 / 4 + auctions.uniform_sum(3, 1))
    yield found.revenue(1 / 4 + auctions.uniform_mean(3, 2))


@pods.check("4 slots one after the other, four fixed bids, first price")
def _slots(size: int) -> rows.Comparisons:
    bidders = [
        {"name": f"Bidder {place}", "max_cpm": 1000 * bid, "bidding": "fixed_cpm"}
        for place, bid in enumerate(CONSTANTS)
    ]
    settings = {"pods.pre_roll": {"share": 1, "slots": {"3": 1}}, "auction": "first_price"}
    market = play(size, bidders, settings)
    n = market.auctions // 3
    paid = float(market.money("price_micros").sum()) / n
    yield rows.certain("revenue of three slots", sum(CONSTANTS[:3]), paid, n, bound=1e-9)
    yield rows.certain("share won by the last of four", 0.0, market.total("wins", "Bidder 3") / n, n)
