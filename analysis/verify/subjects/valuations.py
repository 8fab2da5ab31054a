"""What a slot is worth: a lone bidder who bids that and pays its bid shows what it is drawn from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import Subject
from analysis.verify.theory import auctions, tables
from sim.units import MICROS

valuations = Subject("valuations", "What a slot is worth")

LOWEST, HIGHEST = 0.2, 0.6
FLAT = {"kind": "uniform", "low": LOWEST, "high": HIGHEST}
EXPONENTIAL = {"kind": "exponential", "mean": 0.05}
BELL = {"kind": "log_normal", "median": 0.1, "sigma": 0.5}
BELL_MEAN = 0.1 * math.exp(0.125)


def _worth(size: int, valuation: Mapping[str, Any]) -> NDArray[np.float64]:
    bidders = [{"name": "Lone", "valuation": valuation}]
    return play(size, bidders, {"auction": "first_price"}).money("bid_micros")


@valuations.check(
    "uniform on [0.2, 0.6]",
    (FLAT, 0.4, 0.4**2 / 12, None, partial(auctions.uniform_below, low=LOWEST, high=HIGHEST)),
)
@valuations.check(
    "exponential, mean 0.05",
    (EXPONENTIAL, 0.05, 0.05**2, auctions.exponential(0.05), partial(auctions.exponential_below, mean=0.05)),
)
@valuations.check(
    "log-normal, median 0.1, σ 0.5",
    (
        BELL,
        BELL_MEAN,
        BELL_MEAN**2 * math.expm1(0.25),
        auctions.log_normal(0.1, 0.5),
        partial(auctions.below, median=0.1, sigma=0.5),
    ),
)
@valuations.check(
    "observed: 0.1, 0.1, 0.2, 0.7",
    ({"kind": "empirical", "values": [0.1, 0.1, 0.2, 0.7]}, 0.275, 0.061875, None, None),
)
def _moments(
    size: int,
    valuation: Mapping[str, Any],
    mean: float,
    variance: float,
    curve: auctions.Quantile | None,
    shares: Callable[[float], float] | None,
) -> rows.Comparisons:
    values = _worth(size, valuation)
    # Bids are rounded to a micro, a millionth of the maximum. A table puts both moments off, but not of a
    # uniform distribution, which is a straight line from end to end, nor of atoms.
    first, second = (tables.gap(curve, power) + 1e-6 if curve else 1e-6 for power in (1, 2))
    yield rows.mean("mean worth", mean, values, bound=first)
    yield rows.variance("variance of worth", variance, values, bound=second + 2 * mean * first)
    if shares:
        # Table and curve meet at each step's ends, so that no share is farther off than a step.
        step = tables.STEP if curve else 0.0
        yield rows.distribution("largest error of any share", shares, values, bound=step)


@valuations.check("uniform on [0.2, 0.6], its ends")
def _ends(size: int) -> rows.Comparisons:
    values = _worth(size, FLAT)
    yield rows.end("lowest worth", LOWEST, float(values.min()), HIGHEST - LOWEST, len(values))
    yield rows.end("highest worth", HIGHEST, float(values.max()), HIGHEST - LOWEST, len(values))


@valuations.check(
    "exponential, mean 0.05, its tail",
    (EXPONENTIAL, {f"{means:g} means": (0.05 * means, math.exp(-means)) for means in (9.7, 11.0, 12.0)}),
)
@valuations.check(
    "log-normal, median 0.1, σ 0.5, its tail",
    (BELL, {f"{z} σ": (0.1 * math.exp(0.5 * z), 1 - NormalDist().cdf(z)) for z in (3.9, 4.1)}),
)
def _tail(
    size: int, valuation: Mapping[str, Any], beyond: Mapping[str, tuple[float, float]]
) -> rows.Comparisons:
    values = _worth(size, valuation)
    for name, (value, share) in beyond.items():
        # Table and curve meet at each step's ends, and the last step has as many steps of its own.
        found, bound = int((values > value).sum()), tables.STEP**2
        yield rows.share(f"share beyond {name}", share, found, len(values), bound=bound)


@valuations.check("observed: 3,000 values of which each is a third")
def _atoms(size: int) -> rows.Comparisons:
    observed = (0.15, 0.4, 0.55)
    values = _worth(size, {"kind": "empirical", "values": [*observed] * 1000})
    # Bids are rounded down to a micro.
    hits = {value: int((abs(values - value) < 1.5e-6).sum()) for value in observed}
    for value, count in hits.items():
        yield rows.share(f"share of {value:g}", 1 / len(observed), count, len(values))
    yield rows.certain("worth between them, slots", 0, len(values) - sum(hits.values()), len(values))


@valuations.check("2 bidders, observed: 0.2 or 0.8, second price")
def _two_values(size: int) -> rows.Comparisons:
    low, high = 0.2, 0.8
    bidder = {"name": "Bidder", "count": 2, "valuation": {"kind": "empirical", "values": [low, high]}}
    market = play(size, [bidder])
    # Both are worth 0.8 in one auction of four, which is when 0.8 is paid. Bids are rounded down to a micro.
    prices, values = market.money("price_micros"), market.money("bid_micros")
    yield rows.mean("revenue per auction", 0.75 * low + 0.25 * high, prices, bound=1e-6)
    yield rows.mean("welfare per auction", 0.25 * low + 0.75 * high, values, bound=1e-6)


@valuations.check("uniform, affinity {}: two slots of one viewer", 0.25, 0.5, 1.0)
def _affinity(size: int, affinity: float) -> rows.Comparisons:
    bidder = {"name": "Lone", "valuation": {"kind": "uniform", "affinity": affinity}}
    won = play(size, [bidder], {"auction": "first_price", "viewing.breaks_a_day": 4}).won
    order = np.lexsort((won["slot_id"], won["viewer_id"]))
    viewers, worth = won["viewer_id"][order], won["bid_micros"][order] / MICROS
    _, first, times = np.unique(viewers, return_index=True, return_counts=True)
    first = first[times > 1]
    both = 12 * (worth[first] - 0.5) * (worth[first + 1] - 0.5)
    # Normal deviates are in straight lines between 4,096 steps.
    yield rows.mean("rank correlation", auctions.rank_correlation(affinity), both, bound=tables.STEP)
    yield rows.distribution(
        "largest error of any share",
        partial(auctions.uniform_below, low=0, high=1),
        worth[first],
        bound=tables.STEP,
    )


@valuations.check("2 bidders, uniform, common {}, second price", 0.25, 0.75)
def _common(size: int, common: float) -> rows.Comparisons:
    valuation = {"kind": "uniform", "common": common}
    market = play(size, [{"name": "Bidder", "count": 2, "valuation": valuation}])
    # The winner's bid and its price are the two worths.
    high, low = market.money("bid_micros"), market.money("price_micros")
    both = 12 * (high - 0.5) * (low - 0.5)
    yield rows.mean("rank correlation", auctions.rank_correlation(common), both, bound=tables.STEP)
    yield rows.mean("mean worth", 0.5, (high + low) / 2, bound=tables.STEP)


@valuations.check("constant, response 0.5 on TV and 2 at 20:00, first price")
def _response(size: int) -> rows.Comparisons:
    response = {"device": {"tv": 0.5}, "hour": {"20": 2}}
    bidder = {"name": "Lone", "max_cpm": 2000, "bidding": "truthful"}
    valuation = {"kind": "uniform", "low": 0, "high": 0.5, "response": response}
    columns = ("line_item", "bid_micros", "worth_micros", "device", "ts")
    won = play(size, [{**bidder, "valuation": valuation}], {"auction": "first_price"}, columns=columns).won
    evening = won["ts"] // 3600 % 24 == 20
    for name, mine, factor in (
        ("TV by day", (won["device"] == 0) & ~evening, 0.5),
        ("TV at 20:00", (won["device"] == 0) & evening, 1.0),
        ("elsewhere at 20:00", (won["device"] != 0) & evening, 2.0),
    ):
        worth = np.asarray(won["worth_micros"][mine] / MICROS, np.float64)
        yield rows.mean(f"mean worth, {name}", 0.5 * factor, worth, bound=tables.STEP)
