"""The tally of one hour: its ticks added up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim.engine.bidder import Bidder
from sim.engine.supply import Merged
from sim.events import EVENT, Hour, Pacing
from sim.pacing import Plan


def hour_of(
    hour: int, bidders: Sequence[Bidder], plans: Sequence[Sequence[Plan | None]], ticks: Sequence[Merged]
) -> Hour:
    """Return the hour as the sink takes it.

    *plans* are those of each tick, None for line items that made no request.
    """
    funnel = np.sum([tick.funnel for tick in ticks], axis=0)
    made = [[plan for plan in column if plan is not None] for column in zip(*plans, strict=True)]
    pacing = Pacing(
        live=np.array([bidder.calendar.live[hour] for bidder in bidders], bool),
        goal_micros=_each(sum(plan.goal_micros for plan in own) for own in made),
        allowance_micros=_each(sum(plan.allowance_micros for plan in own) for own in made),
        expected_cum_micros=_each(bidder.expected(hour) for bidder in bidders),
        delivered_cum_micros=_each(bidder.account.spent for bidder in bidders),
        multiplier_ppm=_each(_mean([plan.multiplier_ppm for plan in own]) for own in made),
        participation_ppm=_each(_mean([plan.participation_ppm for plan in own]) for own in made),
        forecast_avails=_each(int(bidder.calendar.avails[hour]) for bidder in bidders),
    )
    return Hour(
        hour=hour,
        events=_joined([part for tick in ticks for part in tick.events]).view(EVENT),
        funnel=funnel,
        inventory=np.sum([tick.inventory for tick in ticks], axis=0),
        frequency=ticks[-1].frequency,
        pacing=pacing,
    )


def _joined(parts: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def _each(values: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(values, np.int64)


def _mean(values: list[int]) -> int:
    return sum(values) // len(values) if values else 0
