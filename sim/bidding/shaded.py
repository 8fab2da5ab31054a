"""Shaded: under first price bid less than the slot is worth, by what has been learned of the competition."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim import kernels
from sim.bidding import Answer, BiddingRule, Landscape, Learner, Quantile
from sim.layout import SHADE_STEPS

_WEIGHT_BITS = 16
"""An auction weighs 2**_WEIGHT_BITS, so that what is forgotten of a few is not lost to rounding."""
_KEEP_BITS = 20
_WIDE, _APART = 8, 4
"""The best bid is found for every fourth step of worth, and is the mean of its neighbours up to _WIDE steps
away: a count of auctions is a staircase, and so would be its best bids."""
_EVER = 128
"""A bid that wins less often than once in so many auctions wins never; a floor is where it begins to."""
_NEAR = 100
"""The best bid is the middle of those that gain as much but for one part in so many: where gains are flat,
the highest of them is an accident, and bidders who learn from each other would chase it."""
_STEPS = np.arange(SHADE_STEPS + 1)


class Shaded(BiddingRule, Learner):
    """The bid that maximises (v - b) F(b), with F(b) the learned chance that b wins and v the paced worth.

    First-price shading as demand-side platforms do it, from the minimum bid to win that exchanges return
    (Pan et al., "Bid Shading by Win-Rate Estimation and Surplus Maximization", KDD 2020; Zhou et al.,
    arXiv 2107.06650; Karlsson and Sang, ACC 2021). F is a histogram in 256 steps of the maximum CPM, of
    all auctions in which the line item bid, won or lost, and of the slots whose floor it did not reach.
    Weights halve in `half_life_hours`, and in the beginning every step is as likely as another. `explore`
    of the bids are drawn between the bid and the worth. Under second price the best bid is the worth, and
    it is bid.
    """

    kind: Literal["shaded"] = "shaded"
    within_worth: ClassVar[bool] = True
    explore: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="Share of bids that are drawn between bid and worth [assumption]",
    )
    half_life_hours: float = Field(
        default=72.0, gt=0, le=100_000, description="After which an auction counts half [assumption]"
    )
    prior: float = Field(
        default=100.0,
        ge=1,
        le=1_000_000,
        description="Auctions that the even beginning counts for [assumption]",
    )

    @property
    def exploring(self) -> float:
        """Return `explore`."""
        return self.explore

    def bids(self, worth: Quantile) -> Quantile:
        """Return *worth*: what is bid for it is found tick by tick."""
        return worth

    def begin(self) -> Landscape:
        """Return the prior: as many auctions in each step of the maximum bid."""
        landscape = np.zeros(SHADE_STEPS + 2, np.int64)
        landscape[1:-1] = max(round(self.prior * (1 << _WEIGHT_BITS) / SHADE_STEPS), 1)
        return landscape

    def learned(self, landscape: Landscape, seen: Landscape, minutes: int) -> Landscape:
        """Return the landscape after *minutes* that took weight from old auctions, with *seen* ones."""
        lost = round((1 - 0.5 ** (minutes / 60 / self.half_life_hours)) * (1 << _KEEP_BITS))
        kept: Landscape = landscape - (landscape * lost >> _KEEP_BITS) + (seen << _WEIGHT_BITS)
        return kept if kept.any() else self.begin()

    def answers(self, landscape: Landscape, most: int, answer: Answer) -> NDArray[np.int64]:
        """Return the best bid for each worth, SHADE_STEPS + 2 values in micros, none above the worth."""
        shaded = kernels.shade(landscape, _APART, _WIDE, _EVER, _NEAR) * most / SHADE_STEPS
        values = _STEPS * most / SHADE_STEPS
        bids = np.minimum(answer(values, shaded), values).astype(np.int64)
        return np.append(bids, bids[-1])
