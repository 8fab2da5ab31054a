"""What a slot is worth.

A lone bidder who bids what a slot is worth and pays its bid shows what its worth is drawn from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import auctions, tables
from analysis.verify.theory.auctions import Quantile

NONE = (0.0, 0.0)
"""A uniform distribution is a straight line from end to end, and so is its table; one of atoms has those."""
LOW, HIGH = 0.2, 0.6


def checks() -> Iterator[Check]:
    """Yield a check for each distribution: its mean, its variance and every share below are known."""
    flat = {"kind": "uniform", "low": LOW, "high": HIGH}
    shares = partial(auctions.uniform_below, low=LOW, high=HIGH)
    yield Check("uniform on [0.2, 0.6]", partial(_moments, flat, 0.4, 0.4**2 / 12, NONE, shares))
    yield Check("uniform on [0.2, 0.6], its ends", _ends)
    exponential = {"kind": "exponential", "mean": 0.05}
    off = _gaps(auctions.exponential(0.05))
    shares = partial(auctions.exponential_below, mean=0.05)
    yield Check("exponential, mean 0.05", partial(_moments, exponential, 0.05, 0.05**2, off, shares))
    beyond = {f"{means:g} means": (0.05 * means, math.exp(-means)) for means in (9.7, 11.0, 12.0)}
    yield Check("exponential, mean 0.05, its tail", partial(_tail, exponential, beyond))
    bell = {"kind": "log_normal", "median": 0.1, "sigma": 0.5}
    mean, off = 0.1 * math.exp(0.125), _gaps(auctions.log_normal(0.1, 0.5))
    variance = mean**2 * math.expm1(0.25)
    shares = partial(auctions.below, median=0.1, sigma=0.5)
    yield Check("log-normal, median 0.1, σ 0.5", partial(_moments, bell, mean, variance, off, shares))
    beyond = {f"{z} σ": (0.1 * math.exp(0.5 * z), 1 - NormalDist().cdf(z)) for z in (3.9, 4.1)}
    yield Check("log-normal, median 0.1, σ 0.5, its tail", partial(_tail, bell, beyond))
    seen = {"kind": "empirical", "values": [0.1, 0.1, 0.2, 0.7]}
    yield Check("observed: 0.1, 0.1, 0.2, 0.7", partial(_moments, seen, 0.275, 0.061875, NONE, None))
    yield Check("observed: 3,000 values of which each is a third", partial(_atoms, (0.15, 0.4, 0.55), 1000))
    yield Check("2 bidders, observed: 0.2 or 0.8, second price", _two_values)


def _gaps(curve: Quantile) -> tuple[float, float]:
    return tables.gap(curve), tables.gap(curve, 2)


def _moments(
    valuation: Mapping[str, Any],
    mean: float,
    variance: float,
    off: tuple[float, float],
    shares: Callable[[float], float] | None,
    size: int,
) -> Iterator[Row]:
    values = _worth(valuation, size)
    # Bids are rounded to a micro, a millionth of the maximum; *off* is what the table costs the two moments.
    first, second = off[0] + 1e-6, off[1] + 1e-6
    yield rows.mean("mean worth", mean, values, bound=first)
    yield rows.variance("variance of worth", variance, values, bound=second + 2 * mean * first)
    if shares:
        # Table and curve meet at each step's ends, so that no share is farther off than a step.
        step = 0.0 if off == NONE else tables.STEP
        yield rows.distribution("largest error of any share", shares, values, bound=step)


def _tail(
    valuation: Mapping[str, Any], beyond: Mapping[str, tuple[float, float]], size: int
) -> Iterator[Row]:
    values = _worth(valuation, size)
    for name, (value, share) in beyond.items():
        # Table and curve meet at each step's ends, and the last step has as many steps again.
        found, bound = int((values > value).sum()), tables.STEP**2
        yield rows.share(f"share beyond {name}", share, found, len(values), bound=bound)


def _atoms(observed: tuple[float, ...], each: int, size: int) -> Iterator[Row]:
    values = _worth({"kind": "empirical", "values": [*observed] * each}, size)
    # Bids are rounded down to a micro.
    hits = {value: int((abs(values - value) < 1.5e-6).sum()) for value in observed}
    for value, count in hits.items():
        yield rows.share(f"share of {value:g}", 1 / len(observed), count, len(values))
    yield rows.certain("worth between them, slots", 0, len(values) - sum(hits.values()), len(values))


def _ends(size: int) -> Iterator[Row]:
    values = _worth({"kind": "uniform", "low": LOW, "high": HIGH}, size)
    yield rows.end("lowest worth", LOW, float(values.min()), HIGH - LOW, len(values))
    yield rows.end("highest worth", HIGH, float(values.max()), HIGH - LOW, len(values))


def _worth(valuation: Mapping[str, Any], size: int) -> NDArray[np.float64]:
    bidders = [{"name": "Lone", "valuation": valuation}]
    return play(size, bidders, {"market.auction": "first_price"}).money("bid_micros")


def _two_values(size: int) -> Iterator[Row]:
    bidder = {"name": "Bidder", "count": 2, "valuation": {"kind": "empirical", "values": [0.2, 0.8]}}
    market = play(size, [bidder])
    # Both are worth 0.8 in one auction of four, which is when 0.8 is paid. Bids are rounded down to a micro.
    low, high, bound = 0.2, 0.8, 1e-6
    prices, values = market.money("price_micros"), market.money("bid_micros")
    yield rows.mean("revenue per auction", 0.75 * low + 0.25 * high, prices, bound=bound)
    yield rows.mean("welfare per auction", 0.25 * low + 0.75 * high, values, bound=bound)
