"""Second price among equals.

Everybody bids what a slot is worth, the winner pays the second-highest (Vickrey 1961).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import auctions, reserves, tables

BIDDER = {"name": "Bidder", "bidding": "truthful"}
EXPONENTIAL_MEAN = 500.0
"""CPM. The maximum is twenty times as much, and one value in 5e8 lies above it."""


def checks() -> Iterator[Check]:
    """Yield a check for each distribution and number of bidders."""
    for n in (2, 3, 4, 5, 10):
        yield Check(f"{n} bidders, uniform values", partial(_uniform, n))
    for n in (2, 5):
        yield Check(f"{n} bidders, exponential values", partial(_exponential, n))
        yield Check(f"{n} bidders, log-normal values, σ 0.5", partial(_log_normal, n))
    yield Check("2 bidders, uniform values up to 1/2 and up to 1", _unequal)
    yield Check("2 bidders of one advertiser, uniform values, floor 1/4", _one_advertiser)


def _uniform(n: int, size: int) -> Iterator[Row]:
    market = play(size, [{**BIDDER, "count": n, "max_cpm": 1000, "valuation": "uniform"}])
    prices = market.money("price_micros")
    yield rows.mean("revenue per auction", auctions.uniform_revenue(n), prices)
    yield rows.mean("welfare per auction", auctions.uniform_welfare(n), market.money("bid_micros"))
    yield rows.variance("variance of the price", auctions.uniform_price_variance(n), prices)
    won = market.total("wins", "Bidder 1")
    yield rows.share("share won by the first bidder", 1 / n, won, market.auctions)
    yield sold_out(market)


def _exponential(n: int, size: int) -> Iterator[Row]:
    valuation = {"kind": "exponential", "mean": EXPONENTIAL_MEAN / 10_000}
    market = play(size, [{**BIDDER, "count": n, "max_cpm": 10_000, "valuation": valuation}])
    bound = n * tables.gap(auctions.exponential())
    scale = EXPONENTIAL_MEAN / 1000
    prices, values = market.money("price_micros") / scale, market.money("bid_micros") / scale
    yield rows.mean("revenue per auction, in means", auctions.harmonic(n) - 1, prices, bound=bound)
    yield rows.mean("welfare per auction, in means", auctions.harmonic(n), values, bound=bound)


def _log_normal(n: int, size: int) -> Iterator[Row]:
    valuation = {"kind": "log_normal", "median": 0.05, "sigma": 0.5}
    market = play(size, [{**BIDDER, "count": n, "max_cpm": 10_000, "valuation": valuation}])
    quantile = auctions.log_normal(0.5, 0.5)
    bound = n * tables.gap(quantile)
    prices, values = market.money("price_micros"), market.money("bid_micros")
    yield rows.mean("revenue per auction", auctions.second_price_revenue(quantile, n), prices, bound=bound)
    yield rows.mean("welfare per auction", auctions.welfare(quantile, n), values, bound=bound)


def _unequal(size: int) -> Iterator[Row]:
    weak, strong = (
        {**BIDDER, "name": name, "valuation": {"kind": "uniform", "high": high}}
        for name, high in (("Weak", 0.5), ("Strong", 1.0))
    )
    market = play(size, [weak, strong])
    n, lower = market.auctions, auctions.unequal_uniform_revenue(0.5, 1.0)
    yield rows.mean("revenue per auction", lower, market.money("price_micros"), n=n)
    yield rows.mean("welfare per auction", 0.75 - lower, market.money("bid_micros"), n=n)
    yield rows.share(
        "share won by the weaker", auctions.unequal_uniform_share(0.5, 1.0), market.total("wins", "Weak"), n
    )


def _one_advertiser(size: int) -> Iterator[Row]:
    # Two bids of one advertiser never price each other, so the better one pays the floor.
    item = {"max_cpm": 1000, "valuation": "uniform", "bidding": "truthful", "pacing": "asap"}
    item |= {
        "lifetime_budget": 10**9,
        "creatives": [{"asset_url": "https://cdn.example.com/a.mp4", "mime_type": "mp4"}],
    }
    campaign = {
        "name": "Both",
        "start_date": "2026-11-02",
        "end_date": "2026-11-03",
        "line_items": [{"name": name, **item} for name in ("One", "Other")],
    }
    settings = {
        "campaigns": [{"advertiser": {"name": "Both"}, "campaign": campaign}],
        "market.floors.cpm": 250,
    }
    market = play(size, [], settings)
    prices, n = market.money("price_micros"), market.auctions
    yield rows.share("share sold", reserves.sold(0.25, 2), market.total("wins"), n)
    yield rows.certain("highest price, the floor", 0.25, float(prices.max()), n)
    yield rows.share("share won by the first", reserves.sold(0.25, 2) / 2, market.total("wins", "One"), n)


def sold_out(market: PlayedRun) -> Row:
    """Return the row of the share of slots that are sold where nobody bids nothing."""
    # A value of less than a micro is none: one in a million of each bidder.
    return rows.certain(
        "share sold", 1.0, market.total("wins") / market.auctions, market.auctions, bound=2e-6
    )
