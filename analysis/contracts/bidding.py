"""What every bidding rule promises about its bids."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.contracts import markets
from analysis.contracts.checks import Check, Draw, promised
from sim.auction import AuctionFormat
from sim.bidding import BiddingRule, Landscape, Learner
from sim.layout import SHADE_STEPS
from sim.valuation import Valuation

SHARES = (0.25 / 4096, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1 - 0.25 / 4096)
"""Of slots, at which bids are looked at."""
_STEPS = SHADE_STEPS + 2


def rises(values: Sequence[float]) -> bool:
    """Return whether all *values* are finite and not negative, and none is below the one before."""
    return all(math.isfinite(v) and v >= 0 for v in values) and list(values) == sorted(values)


def _a_bid_never_falls_with_worth(rule: BiddingRule, draw: Draw) -> None:
    del draw
    for kind, valuation in Valuation.members().items():
        bid = rule.bids(valuation().quantile)
        bids = [bid(share) for share in SHARES]
        promised(rises(bids), f"its bids for worth that is {kind} are {_few(bids)}")
        promised(bids[-1] > 0, f"it bids nothing for worth that is {kind}")


def _the_same_worth_is_bid_for_alike(rule: BiddingRule, draw: Draw) -> None:
    del draw
    for kind, valuation in Valuation.members().items():
        bid, again = rule.bids(valuation().quantile), rule.bids(valuation().quantile)
        first, second = [bid(share) for share in SHARES], [again(share) for share in reversed(SHARES)]
        promised(first == second[::-1], f"its bids for worth that is {kind} became other ones")


def _it_bids_as_it_declares(rule: BiddingRule, draw: Draw) -> None:
    del draw
    for kind, valuation in Valuation.members().items():
        worth = valuation().quantile
        bids = [rule.bids(worth)(share) for share in SHARES]
        if not rule.heeds_worth:
            promised(len(set(bids)) == 1, f"heeds_worth is False, and worth that is {kind} has other bids")
        if rule.within_worth:
            above = [share for share, bid in zip(SHARES, bids, strict=True) if bid > worth(share)]
            promised(not above, f"within_worth is True, and at {above[:1]} of worth that is {kind} it is not")


def _what_it_learns_is_whole_and_bids_are_within_the_maximum(rule: BiddingRule, draw: Draw) -> None:
    if not isinstance(rule, Learner):
        return
    promised(0 <= rule.exploring <= 1, f"exploring is {rule.exploring!r}; it must be from 0 to 1")
    most = draw(1, 10**7)
    landscape = rule.begin()
    _whole("begin", landscape)
    for _ in range(3):
        landscape = rule.learned(landscape, _seen(draw), draw(1, 1440))
        _whole("learned", landscape)
        for auction in AuctionFormat.members().values():
            bids = rule.answers(landscape, most, auction().answer)
            _whole("answers", bids)
            promised(0 <= bids.min() <= bids.max() <= most, f"answers go from {bids.min()} to {bids.max()}")


def _a_market_that_it_bids_in_keeps_the_laws(rule: BiddingRule, draw: Draw) -> None:
    del draw
    run = markets.played(bidding=rule, valuation="uniform")
    broken = run.audit().broken
    promised(
        not broken, f"law {', '.join(law.name for law in broken)}: {broken[:1] and broken[0].findings[:1]}"
    )


def _seen(draw: Draw) -> Landscape:
    landscape = np.zeros(_STEPS, np.int64)
    for _ in range(20):
        landscape[draw(0, _STEPS - 1)] += draw(0, 10_000)
    return landscape


def _whole(method: str, values: Any) -> None:
    told = f"{method} returned {getattr(values, 'shape', type(values))} of {getattr(values, 'dtype', '?')}"
    shaped = isinstance(values, np.ndarray) and values.shape == (_STEPS,) and values.dtype == np.int64
    promised(shaped, f"{told}; it must be {_STEPS} of int64")


def _few(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.4g}" for value in values)


BIDDING: tuple[Check[BiddingRule], ...] = (
    Check(_a_bid_never_falls_with_worth, 1),
    Check(_the_same_worth_is_bid_for_alike, 1),
    Check(_it_bids_as_it_declares, 1),
    Check(_what_it_learns_is_whole_and_bids_are_within_the_maximum, 10),
    Check(_a_market_that_it_bids_in_keeps_the_laws, 1),
)
"""The contract of a bidding rule."""
