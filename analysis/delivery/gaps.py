"""The gap of a line item, what it should have delivered less what it did, split among its reasons.

1. An hour's part of the gap is by how much it pushed spend behind schedule for good: what later hours made
   up is nobody's loss. With lag(h) = expected − delivered to date, and least(h) the smallest lag from h to
   the end, not below 0, it is least(h) − least(h − 1). The parts of all hours sum to the gap.
2. In such an hour, what all that matched, bought at the line item's own price, would still have missed of
   the hour's schedule is due to too few avails: that share of the hour's part is theirs.
3. The rest goes to the checks, losses and ends in proportion to the opportunities that each of them stopped
   in the hour; where none stopped anything, to too few avails.
4. Sums over the hours weigh the reasons. The gap is divided by them in whole micros, and in whole
   impressions at the line item's own price, by the largest remainder, the earlier reason first in a tie.

The price is that of its wins, else that of its bids; without either nothing says how many impressions a gap
is. A line item that was paused for half of its hours or more should have spent its budget, and its gap is
all due to that. One whose campaign's budget is spent should have spent its own as well: what is beyond its
part of the campaign's is due to that budget.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.rows.reasons import COUNTED, REASONS
from entities.enums.funnel import TOO_FEW
from sim.engine.ledger import divide

_WEIGHT_BITS = 10
"""Weights are micros of the gap in 1/2**_WEIGHT_BITS."""
Columns = Mapping[str, NDArray[np.int64]]


class Share(NamedTuple):
    """What one reason has of a line item's gap."""

    reason: str
    micros: int
    impressions: int | None
    """None where nothing tells a price."""
    share: float
    """Of the gap in money."""


def split(hours: Columns) -> list[Share]:
    """Return the shares of the gap of one line item, the largest first; none where there is no gap.

    *hours* are columns of `performance_extended`, one value for each hour of the line item in their order.
    """
    expected, delivered = hours["expected_cum_micros"], hours["delivered_cum_micros"]
    lag = expected - delivered
    least = np.minimum.accumulate(lag[::-1])[::-1].clip(0)
    part = np.diff(least, prepend=0)
    gap = int(least[-1]) if len(least) else 0
    if gap == 0:
        return []
    price = price_of(hours)
    counts = np.stack([hours[name] for name in COUNTED], axis=1).astype(np.float64)
    stopped = counts.sum(axis=1)
    due = np.diff(expected, prepend=0)
    behind = np.maximum(due - np.diff(delivered, prepend=0), 1)
    buyable = hours["requests_matched"] * price if price else due
    lacking = np.where(stopped == 0, 1.0, ((due - buyable) / behind).clip(0, 1))
    by_check = (part * (1 - lacking) / np.maximum(stopped, 1)) @ counts
    weights = dict(zip(COUNTED, by_check.tolist(), strict=True)) | {TOO_FEW: float(part @ lacking)}
    return divided(gap, price, weights)


def divided(gap: int, price: float, weights: Mapping[str, float]) -> list[Share]:
    """Return the shares of a *gap* in micros by the *weights* of reasons, the largest first.

    *price* is in micros per impression, 0 for none. Shares are never negative, and sum to the gap.
    """
    counted = [name for name in REASONS if name in weights]
    names = [*counted, *(name for name in weights if name not in REASONS)]
    whole = [round(weights[name] * (1 << _WEIGHT_BITS)) for name in names]
    if not any(whole):
        whole[names.index(TOO_FEW) if TOO_FEW in names else 0] = 1
    money = divide(gap, whole)
    missed = divide(round(gap / price), whole) if price else [None] * len(names)
    shares = [
        Share(name, micros, impressions, micros / gap)
        for name, micros, impressions in zip(names, money, missed, strict=True)
        if micros > 0 or impressions
    ]
    return sorted(shares, key=lambda share: -share.micros)


def price_of(hours: Columns) -> float:
    """Return what a line item paid for an impression, or bid for one; 0 where it never bid. Micros."""
    for over, under in (("clearing_sum_micros", "wins"), ("bid_sum_micros", "bids")):
        if number := int(hours[under].sum()):
            return int(hours[over].sum()) / number
    return 0.0
