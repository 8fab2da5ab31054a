"""Reserves.

What a floor brings and what it costs, and which floor is best (Myerson 1981).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.theory import auctions, reserves, tables

BEST = 0.5
"""Of uniform values: where the virtual value 2v - 1 is zero (Myerson 1981)."""
CURVE = (0.25, 0.375, BEST, 0.625, 0.75)
"""Multiples of the table's step, so that a reserve cuts no step in two."""


def _market(size: int, n: int, reserve: float) -> PlayedRun:
    bidders = [{"name": "Bidder", "count": n, "valuation": "uniform"}]
    columns = ("line_item", "price_micros", "slot_id")
    return play(size, bidders, {"market.floors.cpm": 1000 * reserve}, columns=columns)


@check("a lone bidder, uniform values, reserve {1}", (1, 0.5))
@check(
    "{} bidders, uniform values, reserve {}",
    (2, 0.25),
    (2, 0.5),
    (2, 0.75),
    (3, 0.5),
    (4, 0.5),
    (5, 0.5),
    (10, 0.875),
)
def _uniform(size: int, n: int, reserve: float) -> Iterator[rows.Row]:
    market, exact = _market(size, n, reserve), reserves.uniform_revenue(n, reserve)
    yield rows.mean("revenue per auction", exact, market.money("price_micros"), n=market.auctions)
    yield rows.share("share sold", reserves.sold(reserve, n), market.total("wins"), market.auctions)


@check("2 bidders, uniform values, the same auctions at five reserves")
def _curve(size: int) -> Iterator[rows.Row]:
    markets = {reserve: _market(size, 2, reserve) for reserve in CURVE}
    slots = np.unique(np.concatenate([market.won["slot_id"] for market in markets.values()]))
    paid = {reserve: _by_slot(market, slots) for reserve, market in markets.items()}
    n = markets[BEST].auctions
    for reserve in CURVE:
        if reserve != BEST:
            exact = reserves.uniform_revenue(2, BEST) - reserves.uniform_revenue(2, reserve)
            yield rows.mean(f"gain of reserve {BEST} over {reserve}", exact, paid[BEST] - paid[reserve], n=n)
    found = max(CURVE, key=lambda reserve: paid[reserve].sum())
    yield rows.certain("reserve of the highest revenue", BEST, found, n)


def _by_slot(market: PlayedRun, slots: NDArray[np.int64]) -> NDArray[np.float64]:
    # A slot that nobody bought brought nothing.
    paid = np.zeros(len(slots))
    paid[np.searchsorted(slots, market.won["slot_id"])] = market.money("price_micros")
    return paid


@check("a lone bidder, exponential values, reserve at the mean", 1)
@check("{} bidders, exponential values, reserve at the mean", 3)
def _exponential(size: int, n: int) -> Iterator[rows.Row]:
    # The virtual value is v - mean, so that the mean is the best reserve (Myerson 1981).
    mean, below = 0.5, 1 - math.exp(-1)
    valuation = {"kind": "exponential", "mean": mean / 10}
    bidders = [{"name": "Bidder", "count": n, "max_cpm": 10_000, "valuation": valuation}]
    market = play(size, bidders, {"market.floors.cpm": 1000 * mean})
    exact, bound = reserves.revenue(auctions.exponential(), n, below), n * tables.gap(auctions.exponential())
    paid = market.money("price_micros") / mean
    yield rows.mean("revenue per auction, in means", exact, paid, n=market.auctions, bound=bound)
    yield rows.share("share sold", reserves.sold(below, n), market.total("wins"), market.auctions)
