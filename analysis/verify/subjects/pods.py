"""Pods sold as a whole.

The best set of ads for so many seconds, with one ad of an advertiser, and what each winner displaces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import COLUMNS, play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import pods

MOST = 15
"""Ads that a pod may hold where the seconds alone decide."""
OFFERS = (
    ("A", 30, 0.24),
    ("B", 30, 0.22),
    ("A", 15, 0.14),
    ("C", 15, 0.13),
    ("D", 20, 0.15),
    ("E", 60, 0.40),
)
"""Advertiser, seconds and bid: the best of 75 seconds is worth 0.59, or 0.60 if A may be shown twice."""
CONSTANTS = (0.9, 0.7, 0.5, 0.3)


def checks() -> Iterator[Check]:
    """Yield the checks of the best set, then those of prices, then those of what limits it."""
    yield Check("75 seconds, six offers, one ad of each advertiser", partial(_best_set, False, 0.59))
    yield Check("75 seconds, six offers of six advertisers", partial(_best_set, True, 0.60))
    for n, k in ((2, 1), (5, 1), (5, 2), (5, 4), (10, 4)):
        seconds = f"{n} uniform bidders of 15 s, {15 * k} seconds"
        yield Check(f"{seconds}, second price", partial(_top, n, k, MOST, "second_price"))
    yield Check(
        "5 uniform bidders of 15 s, 60 seconds, first price", partial(_top, 5, 4, MOST, "first_price")
    )
    yield Check("5 uniform bidders of 15 s, 90 seconds, 2 ads", partial(_top, 5, 2, 2, "second_price"))
    yield Check("2 uniform bidders of 15 s, 60 seconds, more than they fill", _room)
    yield Check("one uniform ad of 30 s against two of 15 s, 30 seconds, second price", _long_or_short)
    yield Check("3 uniform bidders of one category, 60 seconds", _one_category)
    yield Check("floors by the second, a lone bidder with ads of 15 s and 30 s", _by_the_second)
    yield Check("2 who must be first, one who must be last and one anywhere", _ends)
    yield Check("a guaranteed deal beside 3 uniform bidders, 30 seconds", _deal)
    yield Check("4 slots one after the other, four fixed bids, first price", _slots)


def _pods(seconds: int, ads: int) -> dict[str, Any]:
    return {"kind": "dynamic", "pre_roll": {"share": 1, "seconds": {str(seconds): 1}, "max_ads": ads}}


def _creative(seconds: int) -> dict[str, Any]:
    return {
        "asset_url": f"https://cdn.example.com/{seconds}.mp4",
        "name": f"{seconds} s",
        "mime_type": "mp4",
        "duration_s": seconds,
    }


def _bidder(name: str, *seconds: int, **terms: Any) -> dict[str, Any]:
    return {"name": name, "creatives": [_creative(length) for length in seconds or (15,)], **terms}


class _Pods:
    """What came of each pod of a market; those in which nothing was sold are zero."""

    def __init__(
        self,
        size: int,
        seconds: int,
        ads: int,
        bidders: Sequence[Mapping[str, Any]],
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        given = {"market.pods": _pods(seconds, ads), **(settings or {})}
        self.market: PlayedRun = play(size, bidders, given, columns=(*COLUMNS, "slot_id"))
        self.n = self.market.auctions // ads
        _, self._pod = np.unique(self.market.won["slot_id"] >> 4, return_inverse=True)

    def sums(self, column: str) -> NDArray[np.float64]:
        """Return the sum of a column of money in each pod that sold anything."""
        return np.asarray(np.bincount(self._pod, weights=self.market.money(column)), np.float64)

    def filled(self) -> float:
        """Return the share of seconds that ads took."""
        return float(self.market.supply["sold_seconds"].sum() / self.market.supply["ad_seconds"].sum())


def _best_set(alone: bool, exact: float, size: int) -> Iterator[Row]:
    campaigns = [
        {
            "advertiser": {"name": f"{name} {place}" if alone else name},
            "campaign": {
                "name": f"Offer {place}",
                "start_date": "2026-11-02",
                "end_date": "2026-11-03",
                "line_items": [
                    {
                        "name": f"{name} of {seconds} s",
                        "max_cpm": 1000 * bid,
                        "lifetime_budget": 10**9,
                        "pacing": "asap",
                        "creatives": [_creative(seconds)],
                    }
                ],
            },
        }
        for place, (name, seconds, bid) in enumerate(OFFERS)
    ]
    settings = {"campaigns": campaigns, "market.auction": "first_price"}
    whole = _Pods(size, 75, MOST, [], settings)
    worth = whole.sums("bid_micros")
    yield rows.certain("worth of the poorest pod", exact, float(worth.min()), whole.n, bound=1e-9)
    yield rows.certain("worth of the richest pod", exact, float(worth.max()), whole.n, bound=1e-9)
    yield rows.certain("pods with that set", 1.0, len(worth) / whole.n, whole.n)


def _top(n: int, k: int, ads: int, auction: str, size: int) -> Iterator[Row]:
    bidder = _bidder("Bidder", count=n, valuation="uniform")
    seconds = 15 * k if ads == MOST else 90
    whole = _Pods(size, seconds, ads, [bidder], {"market.auction": auction})
    yield rows.mean("worth of a pod", pods.top(n, k), whole.sums("bid_micros"), n=whole.n)
    revenue = pods.top(n, k) if auction == "first_price" else k * pods.order_statistic(n, k + 1)
    yield rows.mean("revenue of a pod", revenue, whole.sums("price_micros"), n=whole.n)
    yield rows.share(
        "pods with an ad of the first bidder", k / n, whole.market.total("wins", "Bidder 1"), whole.n
    )
    # A value of less than a micro is none: one in a million of each bidder.
    yield rows.certain("share of the seconds", 15 * k / seconds, whole.filled(), whole.n, bound=n * 1e-6)


def _room(size: int) -> Iterator[Row]:
    whole = _Pods(size, 60, MOST, [_bidder("Bidder", count=2, valuation="uniform")])
    yield rows.mean("worth of a pod", 1.0, whole.sums("bid_micros"), n=whole.n)
    yield rows.certain(
        "highest price where nobody is kept out", 0.0, whole.market.money("price_micros").max(), whole.n
    )
    yield rows.certain("share of the seconds", 0.5, whole.filled(), whole.n, bound=2e-6)


def _long_or_short(size: int) -> Iterator[Row]:
    half = {"kind": "uniform", "high": 0.5}
    bidders = [_bidder("Long", 30, valuation="uniform"), _bidder("Short", 15, count=2, valuation=half)]
    whole = _Pods(size, 30, MOST, bidders)
    yield rows.mean("worth of a pod", pods.LONG_OR_SHORT_WORTH, whole.sums("bid_micros"), n=whole.n)
    yield rows.mean("revenue of a pod", pods.LONG_OR_SHORT_REVENUE, whole.sums("price_micros"), n=whole.n)
    yield rows.share("pods with the long ad", 0.5, whole.market.total("wins", "Long"), whole.n)


def _one_category(size: int) -> Iterator[Row]:
    bidder = _bidder("Bidder", count=3, valuation="uniform")
    settings = {"market.separation.categories": ["general"]}
    whole = _Pods(size, 60, MOST, [bidder], settings)
    yield rows.mean("worth of a pod", pods.top(3, 1), whole.sums("bid_micros"), n=whole.n)
    # The others may take its place, for they are not of its own advertiser.
    yield rows.mean("revenue of a pod", pods.order_statistic(3, 2), whole.sums("price_micros"), n=whole.n)
    yield rows.certain("share of the seconds", 0.25, whole.filled(), whole.n, bound=3e-6)


def _by_the_second(size: int) -> Iterator[Row]:
    bidder = _bidder("Bidder", 15, 30, valuation="uniform")
    whole = _Pods(size, 30, MOST, [bidder], {"market.floors.per_second_cpm": 1000 / 60})
    paid = whole.sums("price_micros")
    # 1/4 for 15 seconds, which half of those who could pay 1/2 for 30 show as well.
    yield rows.mean("revenue of a pod", 1 / 4 * 1 / 4 + 1 / 2 * 3 / 8, paid, n=whole.n)
    yield rows.share("pods sold at 1/2", 1 / 4, int((paid > 0.4).sum()), whole.n)
    yield rows.share("pods sold", 3 / 4, whole.market.total("wins"), whole.n)


def _ends(size: int) -> Iterator[Row]:
    ends = {
        "One": ("first", "uniform"),
        "Two": ("first", "uniform"),
        "Three": ("last", None),
        "Four": ("any", None),
    }
    bidders = [
        _bidder(
            name, slot_in_pod=place, **({"valuation": valuation} if valuation else {"bidding": "fixed_cpm"})
        )
        for name, (place, valuation) in ends.items()
    ]
    whole = _Pods(size, 60, MOST, bidders)
    first = whole.market.total("wins", "One") + whole.market.total("wins", "Two")
    yield rows.certain("pods with one that is first", 1.0, first / whole.n, whole.n, bound=1e-6)
    yield rows.mean("worth of a pod", 2 + pods.top(2, 1), whole.sums("bid_micros"), n=whole.n)
    yield rows.mean("paid for being first", 1 / 3, whole.sums("price_micros"), n=whole.n)
    order = whole.market.won["slot_id"] & 15
    third = order[whole.market.won["line_item"] == whole.market.place("Three")]
    yield rows.certain("place of the one that is last", 2.0, float(third.mean()), whole.n, bound=1e-6)


def _deal(size: int) -> Iterator[Row]:
    agreed = _bidder("Agreed", max_cpm=250, bidding="fixed_cpm", deal="guaranteed")
    whole = _Pods(size, 30, MOST, [agreed, _bidder("Bidder", count=3, valuation="uniform")])
    yield rows.certain("pods with the deal", 1.0, whole.market.total("wins", "Agreed") / whole.n, whole.n)
    yield rows.mean("worth of a pod", 1 / 4 + pods.top(3, 1), whole.sums("bid_micros"), n=whole.n)
    revenue = 1 / 4 + pods.order_statistic(3, 2)
    yield rows.mean("revenue of a pod", revenue, whole.sums("price_micros"), n=whole.n)


def _slots(size: int) -> Iterator[Row]:
    bidders = [
        {"name": f"Bidder {place}", "max_cpm": 1000 * bid, "bidding": "fixed_cpm"}
        for place, bid in enumerate(CONSTANTS)
    ]
    settings = {"market.pods.pre_roll": {"share": 1, "slots": {"3": 1}}, "market.auction": "first_price"}
    market = play(size, bidders, settings)
    n = market.auctions // 3
    paid = float(market.money("price_micros").sum()) / n
    yield rows.certain("revenue of three slots", sum(CONSTANTS[:3]), paid, n, bound=1e-9)
    yield rows.certain("share won by the last of four", 0.0, market.total("wins", "Bidder 3") / n, n)
