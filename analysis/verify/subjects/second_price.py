"""Second price among equals.

Everybody bids what a slot is worth, the winner pays the second-highest (Vickrey 1961).
"""

from __future__ import annotations

from collections.abc import Iterator

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.theory import auctions, reserves, tables

MEAN = 500.0
"""CPM of exponential values. The maximum is twenty times as much, and one value in 5e8 lies above it."""


def _market(size: int, n: int, max_cpm: int, valuation: object) -> PlayedRun:
    bidder = {"name": "Bidder", "bidding": "truthful", "valuation": valuation}
    return play(size, [{**bidder, "count": n, "max_cpm": max_cpm}])


def _revenue_and_welfare(
    market: PlayedRun, revenue: float, welfare: float, *, unit: float = 1.0, bound: float = 0.0
) -> Iterator[rows.Row]:
    prices, values = (market.money(name) / unit for name in ("price_micros", "bid_micros"))
    words = "" if unit == 1 else ", in means"
    yield rows.mean(f"revenue per auction{words}", revenue, prices, bound=bound)
    yield rows.mean(f"welfare per auction{words}", welfare, values, bound=bound)


@check("{} bidders, uniform values", 2, 3, 4, 5, 10)
def _uniform(size: int, n: int) -> Iterator[rows.Row]:
    market = _market(size, n, 1000, "uniform")
    prices = market.money("price_micros")
    yield rows.mean("revenue per auction", auctions.uniform_mean(n, 2), prices)
    yield rows.mean("welfare per auction", auctions.uniform_mean(n, 1), market.money("bid_micros"))
    yield rows.variance("variance of the price", auctions.uniform_variance(n, 2), prices)
    won = market.total("wins", "Bidder 1")
    yield rows.share("share won by the first bidder", 1 / n, won, market.auctions)
    # A value of less than a micro is none: one in a million of each bidder.
    sold = market.total("wins") / market.auctions
    yield rows.certain("share sold", 1.0, sold, market.auctions, bound=2e-6)


@check("{} bidders, exponential values", 2, 5)
def _exponential(size: int, n: int) -> Iterator[rows.Row]:
    market = _market(size, n, 10_000, {"kind": "exponential", "mean": MEAN / 10_000})
    bound, welfare = n * tables.gap(auctions.exponential()), auctions.harmonic(n)
    yield from _revenue_and_welfare(market, welfare - 1, welfare, unit=MEAN / 1000, bound=bound)


@check("{} bidders, log-normal values, σ 0.5", 2, 5)
def _log_normal(size: int, n: int) -> Iterator[rows.Row]:
    market = _market(size, n, 10_000, {"kind": "log_normal", "median": 0.05, "sigma": 0.5})
    quantile = auctions.log_normal(0.5, 0.5)
    revenue, welfare = (auctions.order_statistic(quantile, k, n) for k in (n - 1, n))
    yield from _revenue_and_welfare(market, revenue, welfare, bound=n * tables.gap(quantile))


@check("2 bidders, uniform values up to 1/2 and up to 1")
def _unequal(size: int) -> Iterator[rows.Row]:
    weak, strong = (
        {"name": name, "bidding": "truthful", "valuation": {"kind": "uniform", "high": high}}
        for name, high in (("Weak", 0.5), ("Strong", 1.0))
    )
    market = play(size, [weak, strong])
    lower = auctions.unequal_uniform_revenue(0.5, 1.0)
    yield from _revenue_and_welfare(market, lower, 0.75 - lower)
    exact, won = auctions.unequal_uniform_share(0.5, 1.0), market.total("wins", "Weak")
    yield rows.share("share won by the weaker", exact, won, market.auctions)


@check("2 bidders of one advertiser, uniform values, floor 1/4")
def _one_advertiser(size: int) -> Iterator[rows.Row]:
    # Two bids of one advertiser never price each other, so the better one pays the floor.
    creative = {"asset_url": "https://cdn.example.com/a.mp4", "mime_type": "mp4"}
    terms = {"max_cpm": 1000, "valuation": "uniform", "bidding": "truthful", "pacing": "asap"}
    item = {**terms, "lifetime_budget": 10**9, "creatives": [creative]}
    campaign = {
        "name": "Both",
        "start_date": "2026-11-02",
        "end_date": "2026-11-03",
        "line_items": [{"name": name, **item} for name in ("One", "Other")],
    }
    campaigns = [{"advertiser": {"name": "Both"}, "campaign": campaign}]
    market = play(size, [], {"campaigns": campaigns, "market.floors.cpm": 250})
    n, sold = market.auctions, reserves.sold(0.25, 2)
    yield rows.share("share sold", sold, market.total("wins"), n)
    yield rows.certain("highest price, the floor", 0.25, float(market.money("price_micros").max()), n)
    yield rows.share("share won by the first", sold / 2, market.total("wins", "One"), n)
