"""Why a line item is behind: the one reason that held back most of its opportunities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from entities.enums import funnel
from sim.events import FUNNEL

REASONS = tuple(funnel.REASONS)
"""Every reason, by code."""
COUNTED = tuple(reason for reason in REASONS if reason in FUNNEL)
"""Reasons that the funnel counts, in the order of the checks."""
ON_SCHEDULE = -1
"""The code of a line item that has no reason, because it is not behind."""
ON_SCHEDULE_PERCENT = 95
"""A line item with at least this much of its goal delivered is on schedule."""

PAUSED = "paused"
"""The reason of a line item that was paused for half of its hours in flight or more."""
CAMPAIGN_BUDGET = "campaign budget"
"""The reason of what a line item's own budget has beyond its part of its campaign's, where that is spent."""

_COUNTED_AT = np.array([FUNNEL.index(reason) for reason in COUNTED])
_CODES = np.array([REASONS.index(reason) for reason in COUNTED])
_INSUFFICIENT = REASONS.index(funnel.TOO_FEW)
_MATCHED, _BIDS, _WINS, _BID_SUM, _CLEARING_SUM = (
    FUNNEL.index(name)
    for name in ("requests_matched", "bids", "wins", "bid_sum_micros", "clearing_sum_micros")
)


def behind(delivered: NDArray[np.int64], expected: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which line items have delivered less than 95 % of what was expected (both in micros)."""
    return delivered * 100 < expected * ON_SCHEDULE_PERCENT


def reason_codes(
    funnel: NDArray[np.int64], goal: NDArray[np.int64], late: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Return per line item the code of its reason as int8, or ON_SCHEDULE where it is not *late*.

    The reason is the check that stopped most opportunities, the earlier one in a tie. It is too few avails
    where all that matched, bought at the price that was paid, would still have missed the *goal* (micros),
    and where no check stopped anything.
    """
    counted = funnel[:, _COUNTED_AT]
    largest = counted.argmax(axis=1)
    short = (funnel[:, _MATCHED] * _price(funnel) < goal) | (counted.max(axis=1, initial=0) == 0)
    codes = np.where(short, _INSUFFICIENT, _CODES[largest])
    return np.where(late, codes, ON_SCHEDULE).astype(np.int8)


def _price(funnel: NDArray[np.int64]) -> NDArray[np.int64]:
    # Micros per impression, rounded up: what was paid, else what was bid, else more than any goal, because
    # without a price nothing says that the avails were too few. The product with matched stays below 2**63.
    wins, bids = funnel[:, _WINS], funnel[:, _BIDS]
    paid = -(-funnel[:, _CLEARING_SUM] // np.maximum(wins, 1))
    bid = -(-funnel[:, _BID_SUM] // np.maximum(bids, 1))
    unknown = np.iinfo(np.int64).max // np.maximum(funnel[:, _MATCHED], 1)
    return np.where(wins > 0, paid, np.where(bids > 0, bid, unknown))
