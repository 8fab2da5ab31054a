"""Shaded bids: against a competition that is known, and among bidders who all shade."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play, uniform
from analysis.verify.subjects import Subject
from analysis.verify.theory import auctions
from analysis.verify.theory.shading import Below, best_bid, gain, nearly_best
from sim.layout import SHADE_STEPS

shading = Subject("shading", "What shaded bids come to")

COLUMNS = ("line_item", "worth_micros", "bid_micros", "price_micros", "ts")
STEP = 1 / SHADE_STEPS
"""The landscape's resolution: a bid is of the step that wins, and is spread over the next."""
NEAR = 0.01
"""The rule takes the middle of all bids that gain as much as the best but for this part."""
DAYS, LEARNED = 4, 2 * 86_400
"""Days of each market, and the seconds after which it is looked at."""
RULE = {"kind": "shaded", "explore": 0}


def _played(size: int, bidders: list[dict[str, Any]]) -> PlayedRun:
    settings = {"auction": "first_price", "days": DAYS}
    return play(size * DAYS // 2, bidders, settings, columns=COLUMNS)


def _late(market: PlayedRun) -> tuple[Any, int]:
    # Won slots when all had learned, and the auctions of that time.
    late = market.won[market.won["ts"] >= LEARNED]
    hours = LEARNED // 3600
    return late, int(sum(hour.inventory[..., 0].sum() for hour in market.hours[hours:]))


@shading.check(
    "worth 1 against one rival, uniform on [0, 1]",
    ({"kind": "uniform"}, partial(auctions.uniform_below, low=0, high=1)),
)
@shading.check(
    "worth 1 against one rival, exponential, mean 0.2",
    ({"kind": "exponential", "mean": 0.2}, partial(auctions.exponential_below, mean=0.2)),
)
@shading.check(
    "worth 1 against one rival, log-normal, median 0.3, σ 0.5",
    ({"kind": "log_normal", "median": 0.3, "sigma": 0.5}, partial(auctions.below, median=0.3, sigma=0.5)),
)
def _known(size: int, rival: Mapping[str, Any], wins: Below) -> rows.Comparisons:
    bidders = [{"name": "Shaded", "bidding": RULE}, {"name": "Rival", "valuation": rival}]
    market = _played(size, bidders)
    late, n = _late(market)
    mine = late[late["line_item"] == market.place("Shaded")]
    bids = mine["bid_micros"] / 1e6
    best = best_bid(1.0, wins)
    low, high = nearly_best(1.0, wins, NEAR)
    # The middle of what is nearly best lies off the best by as much as the gain is askew.
    askew = abs((low + high) / 2 - best)
    found = float(bids.mean())
    yield rows.Comparison("bid", best, found, askew + 2 * STEP, len(bids))
    most = gain(1.0, best, wins)
    lost = most - gain(1.0, best + askew + 2 * STEP, wins)
    gains = (mine["worth_micros"] - mine["price_micros"]) / 1e6
    yield rows.mean("gain per auction", most, np.asarray(gains, np.float64), n=n, bound=abs(lost))


@shading.check("{} bidders, uniform on [0, 1], who all shade", 2, 3, 4)
def _all(size: int, count: int) -> rows.Comparisons:
    market = _played(size, [uniform("Shaded", bidding={**RULE, "half_life_hours": 24}, count=count)])
    late, n = _late(market)
    bids, worth = late["bid_micros"] / 1e6, late["worth_micros"] / 1e6
    exact = (count - 1) / count
    # They find the equilibrium as they learn: two steps is how far the mean of all bids may be.
    yield rows.mean("bid less the equilibrium's", 0.0, np.asarray(bids - exact * worth), bound=2 * STEP)
    yield rows.mean("revenue per slot", exact * count / (count + 1), np.asarray(bids), n=n, bound=2 * STEP)


@shading.check("worth 1 under second price")
def _truth(size: int) -> rows.Comparisons:
    bidders = [{"name": "Shaded", "bidding": RULE}, uniform("Rival")]
    market = play(size, bidders, columns=COLUMNS)
    bids = market.won["bid_micros"][market.won["line_item"] == market.place("Shaded")] / 1e6
    yield rows.certain(
        "largest distance of a bid from its worth", 0, float(abs(bids - 1).max()), len(bids), bound=2e-6
    )


@shading.check("a floor of 0.6, worth uniform on [0, 1], and nobody else")
def _floor(size: int) -> rows.Comparisons:
    settings = {"auction": "first_price", "days": DAYS, "floors.cpm": 600}
    market = play(size * DAYS // 2, [uniform("Shaded", bidding=RULE)], settings, columns=COLUMNS)
    late, n = _late(market)
    bids = late["bid_micros"] / 1e6
    # What is worth as much as the floor is bid for, and no more than the floor is paid.
    yield rows.share("share sold", 0.4, len(late), n, bound=2 * STEP)
    yield rows.Comparison(
        "bid", 0.6, float(bids.mean()), 2 * STEP + math.sqrt(1 / len(bids)) * STEP, len(bids)
    )
