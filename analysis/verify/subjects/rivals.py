"""Demand from outside that responds: a Poisson number of buyers, in equilibrium for format and floor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import Subject
from analysis.verify.theory.rivals import Crowd
from sim.units import MICROS

rivals = Subject("rivals", "Demand from outside that responds")

MEDIAN, SIGMA = 0.25, 0.5
SOFT = {"kind": "soft_floor", "soft_floor_cpm": 375}
NEAR = (85, 90, 95, 100, 105, 110, 115)
"""Floors around the best one, in percent of it."""


def _market(size: int, crowd: Crowd, floor: float, auction: Any, **bidder: Any) -> PlayedRun:
    demand = {
        "kind": "rivals",
        "mean": crowd.number,
        "median_cpm": 1000 * crowd.median,
        "sigma": crowd.sigma,
    }
    settings = {"ambient": demand, "floors.cpm": 1000 * floor, "auction": auction}
    bidder = {"name": "Bidder", "bidding": "fixed_cpm", **bidder}
    return play(size, [bidder], settings, columns=("line_item", "slot_id", "ambient_micros"))


def _alone(size: int, crowd: Crowd, floor: float, auction: Any) -> PlayedRun:
    # A market has a bidder: this one bids below every floor and every rival.
    return _market(size, crowd, floor, auction, max_cpm=0.001)


def _bids(size: int, crowd: Crowd, floor: float) -> NDArray[np.float64]:
    # Under first price what the best of them would have paid, slot by slot, beside one who outbids everybody.
    won = _market(size, crowd, floor, "first_price", max_cpm=10_000).won
    return np.asarray(won["ambient_micros"] / MICROS, np.float64)


@rivals.check(
    "{0}, rivals in the mean: {1}, floor {2}",
    *(("first_price", 3, 0.0), ("first_price", 3, 0.25), ("first_price", 1, 0.125)),
    *(("second_price", 3, 0.0), ("second_price", 3, 0.25), ("second_price", 12, 0.5)),
    *(("soft_floor", 3, 0.0), ("soft_floor", 3, 0.25)),
)
def _revenue(size: int, kind: str, number: int, floor: float) -> rows.Comparisons:
    crowd = Crowd(number, MEDIAN, SIGMA)
    market = _alone(size, crowd, floor, SOFT if kind == SOFT["kind"] else kind)
    n, supply = market.auctions, market.supply
    yield rows.share("share sold", crowd.sold(floor), int(supply["filled_ambient"].sum()), n)
    exact, square = crowd.revenue(floor), crowd.revenue(floor, 2)
    found = float(supply["revenue_ambient_micros"].sum()) / MICROS / n
    # Second price is the most risky of the formats that bring the same (Waehrer, Harstad and Rothkopf 1998).
    yield rows.Comparison(
        "revenue per slot", exact, found, rows.SIGMAS * math.sqrt((square - exact**2) / n), n
    )


@rivals.check("3 rivals in the mean, the same slots by first and by second price, floor {}", 0.0, 0.25)
def _equal(size: int, floor: float) -> rows.Comparisons:
    crowd = Crowd(3, MEDIAN, SIGMA)
    bids = _bids(size, crowd, floor)
    second = _alone(size, crowd, floor, "second_price")
    n = second.auctions
    found = float(second.supply["revenue_ambient_micros"].sum()) / MICROS
    # A bid is the mean of the second price in its place: what is between them varies by the rest.
    left = crowd.revenue(floor, 2) - float((bids**2).sum()) / n
    tolerance = rows.SIGMAS * math.sqrt(max(left, 0.0) / n)
    yield rows.Comparison("first less second price", 0.0, (float(bids.sum()) - found) / n, tolerance, n)


@rivals.check("3 rivals in the mean, the same slots at seven floors, first price")
def _best(size: int) -> rows.Comparisons:
    crowd = Crowd(3, MEDIAN, SIGMA)
    best = crowd.best_floor
    paid = {near: _bids(size, crowd, near / 100 * best) for near in NEAR}
    n = len(paid[100])
    for near in (NEAR[0], NEAR[-1]):
        exact = crowd.revenue(best) - crowd.revenue(near / 100 * best)
        yield rows.mean(f"gain of the best floor over {near} % of it", exact, paid[100] - paid[near])
    found = max(NEAR, key=lambda near: paid[near].sum())
    yield rows.Comparison("floor of the highest revenue, % of the best", 100, found, 5, n)
