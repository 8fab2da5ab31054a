"""What a slot is worth.

A lone bidder who bids what a slot is worth and pays its bid shows what its worth is drawn from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import auctions, tables
from analysis.verify.theory.auctions import Quantile

NONE = (0.0, 0.0)
"""A uniform distribution is a straight line from end to end, and so is its table."""


def checks() -> Iterator[Check]:
    """Yield a check for each distribution: its mean and its variance are known."""
    flat = {"kind": "uniform", "low": 0.2, "high": 0.6}
    yield Check("uniform on [0.2, 0.6]", partial(_moments, flat, 0.4, 0.4**2 / 12, NONE))
    exponential = {"kind": "exponential", "mean": 0.05}
    off = _gaps(auctions.exponential(0.05))
    yield Check("exponential, mean 0.05", partial(_moments, exponential, 0.05, 0.05**2, off))
    bell = {"kind": "log_normal", "median": 0.1, "sigma": 0.5}
    mean, off = 0.1 * math.exp(0.125), _gaps(auctions.log_normal(0.1, 0.5))
    variance = mean**2 * math.expm1(0.25)
    yield Check("log-normal, median 0.1, σ 0.5", partial(_moments, bell, mean, variance, off))
    seen = {"kind": "empirical", "values": [0.1, 0.1, 0.2, 0.7]}
    # A jump is a straight line through its middle, two steps wide: w (b-a)²/6 less of the square.
    off = (0.0, 2 * tables.STEP * (0.1**2 + 0.5**2) / 6)
    yield Check("observed: 0.1, 0.1, 0.2, 0.7", partial(_moments, seen, 0.275, 0.061875, off))
    yield Check("2 bidders, observed: 0.2 or 0.8, second price", _two_values)


def _gaps(curve: Quantile) -> tuple[float, float]:
    return tables.gap(curve), tables.gap(curve, 2)


def _moments(
    valuation: Mapping[str, Any], mean: float, variance: float, off: tuple[float, float], size: int
) -> Iterator[Row]:
    bidders = [{"name": "Lone", "valuation": valuation}]
    values = play(size, bidders, {"market.auction": "first_price"}).money("bid_micros")
    # Bids are rounded to a micro, a millionth of the maximum; *off* is what the table costs the two moments.
    first, second = off[0] + 1e-6, off[1] + 1e-6
    yield rows.mean("mean worth", mean, values, bound=first)
    yield rows.variance("variance of worth", variance, values, bound=second + 2 * mean * first)


def _two_values(size: int) -> Iterator[Row]:
    bidder = {"name": "Bidder", "count": 2, "valuation": {"kind": "empirical", "values": [0.2, 0.8]}}
    market = play(size, [bidder])
    # Both are worth 0.8 in one auction of four, which is when 0.8 is paid. Between the two values lies a step
    # of the table on either side of the middle.
    low, high = 0.2, 0.8
    bound = 2 * 2 * tables.STEP * (high - low)
    prices, values = market.money("price_micros"), market.money("bid_micros")
    yield rows.mean("revenue per auction", 0.75 * low + 0.25 * high, prices, bound=bound)
    yield rows.mean("welfare per auction", 0.25 * low + 0.75 * high, values, bound=bound)
