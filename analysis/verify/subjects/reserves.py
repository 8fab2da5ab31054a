"""Reserves.

What a floor brings and what it costs, and which floor is best (Myerson 1981).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import auctions, reserves, tables

# Multiples of the table's step, so that a reserve cuts no step in two.
CURVE = (0.25, 0.375, 0.5, 0.625, 0.75)


def checks() -> Iterator[Check]:
    """Yield a check for each number of bidders and reserve."""
    for n, reserve in ((1, 0.5), (2, 0.25), (2, 0.5), (2, 0.75), (3, 0.5), (4, 0.5), (5, 0.5), (10, 0.875)):
        bidders = f"{n} bidders" if n > 1 else "a lone bidder"
        yield Check(f"{bidders}, uniform values, reserve {reserve}", partial(_uniform, n, reserve))
    yield Check("2 bidders, uniform values, the same auctions at five reserves", _curve)
    for n in (1, 3):
        bidders = f"{n} bidders" if n > 1 else "a lone bidder"
        yield Check(f"{bidders}, exponential values, reserve at the mean", partial(_exponential, n))


def _market(size: int, n: int, reserve: float) -> PlayedRun:
    bidders = [{"name": "Bidder", "count": n, "valuation": "uniform"}]
    columns = ("line_item", "price_micros", "slot_id")
    return play(size, bidders, {"market.floors.cpm": 1000 * reserve}, columns=columns)


def _uniform(n: int, reserve: float, size: int) -> Iterator[Row]:
    market = _market(size, n, reserve)
    exact = reserves.uniform_revenue(n, reserve)
    yield rows.mean("revenue per auction", exact, market.money("price_micros"), n=market.auctions)
    yield rows.share("share sold", reserves.sold(reserve, n), market.total("wins"), market.auctions)


def _curve(size: int) -> Iterator[Row]:
    markets = {reserve: _market(size, 2, reserve) for reserve in CURVE}
    slots = np.unique(np.concatenate([market.won["slot_id"] for market in markets.values()]))
    paid = {reserve: _by_slot(market, slots) for reserve, market in markets.items()}
    best = reserves.uniform_best()
    n = markets[best].auctions
    for reserve in CURVE:
        if reserve != best:
            exact = reserves.uniform_revenue(2, best) - reserves.uniform_revenue(2, reserve)
            name = f"gain of reserve {best} over {reserve}"
            yield rows.mean(name, exact, paid[best] - paid[reserve], n=n)
    found = max(CURVE, key=lambda reserve: paid[reserve].sum())
    yield rows.certain("reserve of the highest revenue", best, found, n)


def _by_slot(market: PlayedRun, slots: NDArray[np.int64]) -> NDArray[np.float64]:
    # A slot that nobody bought brought nothing.
    paid = np.zeros(len(slots))
    paid[np.searchsorted(slots, market.won["slot_id"])] = market.money("price_micros")
    return paid


def _exponential(n: int, size: int) -> Iterator[Row]:
    mean, below = 0.5, 1 - math.exp(-1)
    valuation = {"kind": "exponential", "mean": mean / 10}
    bidders = [{"name": "Bidder", "count": n, "max_cpm": 10_000, "valuation": valuation}]
    market = play(size, bidders, {"market.floors.cpm": 1000 * reserves.exponential_best(mean)})
    exact = reserves.revenue(auctions.exponential(), n, below)
    bound = n * tables.gap(auctions.exponential())
    paid = market.money("price_micros") / mean
    yield rows.mean("revenue per auction, in means", exact, paid, n=market.auctions, bound=bound)
    yield rows.share("share sold", reserves.sold(below, n), market.total("wins"), market.auctions)
