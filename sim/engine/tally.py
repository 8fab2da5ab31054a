"""The tally of one hour: its ticks added up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.bidder import Bidder
from sim.engine.supply import Merged
from sim.events import Hour, Pacing
from sim.pacing import Plan


def hour_of(
    hour: int,
    bidders: Sequence[Bidder],
    live: NDArray[np.bool_],
    plans: Sequence[Sequence[Plan | None]],
    ticks: Sequence[Merged],
) -> Hour:
    """Return the hour without its events.

    *live* is which line items are in flight; *plans* are those of each tick, None for who made no request.
    """
    funnel = np.sum([tick.funnel for tick in ticks], axis=0)
    # Ticks × line items: what was planned, zeros without a plan, and whether there was one.
    rows = [[_NOTHING if plan is None else _planned(plan) for plan in tick] for tick in plans]
    goal, allowance, multiplier, participation, made = np.moveaxis(
        np.array(rows, np.int64).reshape(len(plans), -1, len(_NOTHING)), -1, 0
    )
    often = np.maximum(made.sum(axis=0), 1)
    pacing = Pacing(
        live=live,
        goal_micros=goal.sum(axis=0),
        allowance_micros=allowance.sum(axis=0),
        expected_cum_micros=_each(bidder.expected(hour) for bidder in bidders),
        delivered_cum_micros=_each(bidder.account.spent for bidder in bidders),
        multiplier_ppm=multiplier.sum(axis=0) // often,
        participation_ppm=participation.sum(axis=0) // often,
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


_NOTHING = (0, 0, 0, 0, 0)


def _planned(plan: Plan) -> tuple[int, ...]:
    return plan.goal_micros, plan.allowance_micros, plan.multiplier_ppm, plan.participation_ppm, 1


def _each(values: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(values, np.int64)
