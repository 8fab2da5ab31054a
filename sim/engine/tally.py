"""The tally of one hour: its ticks added up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.bidder import Bidder
from sim.engine.supply import Merged
from sim.events import Hour, Pacing


def hour_of(
    hour: int,
    bidders: Sequence[Bidder],
    live: NDArray[np.bool_],
    asked: Sequence[NDArray[np.void]],
    ticks: Sequence[Merged],
) -> Hour:
    """Return the hour without its events.

    *live* is which line items are in flight; *asked* is what they asked for in each tick, ASKED.
    """
    funnel = np.sum([tick.funnel for tick in ticks], axis=0)
    plans = np.stack(asked)
    often = np.maximum(plans["made"].sum(axis=0), 1)
    pacing = Pacing(
        live=live,
        goal_micros=plans["goal_micros"].sum(axis=0),
        allowance_micros=plans["allowance_micros"].sum(axis=0),
        expected_cum_micros=_each(bidder.expected(hour) for bidder in bidders),
        delivered_cum_micros=_each(bidder.account.spent for bidder in bidders),
        multiplier_ppm=plans["multiplier_ppm"].sum(axis=0) // often,
        participation_ppm=plans["participation_ppm"].sum(axis=0) // often,
        forecast_avails=_each(bidder.calendar.avails.item(hour) for bidder in bidders),
    )
    return Hour(
        hour=hour,
        parts=(),
        funnel=funnel,
        inventory=np.sum([tick.inventory for tick in ticks], axis=0),
        frequency=ticks[-1].frequency,
        pacing=pacing,
    )


def _each(values: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(values, np.int64)
