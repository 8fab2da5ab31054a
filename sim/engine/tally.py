"""The tally of one hour: its ticks added up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sim import laws
from sim.engine.bidder import Bidder
from sim.engine.supply import Merged
from sim.events import EVENT, FUNNEL, Hour, Pacing
from sim.pacing import Plan


class HourTally:
    """Adds up the plans and results of an hour's ticks."""

    def __init__(self, hour: int, bidders: Sequence[Bidder]) -> None:
        self._hour, self._bidders = hour, bidders
        self._ticks: list[Merged] = []
        self._plans: list[list[Plan | None]] = []

    def add(self, plans: list[Plan | None], merged: Merged) -> None:
        """Add one tick, in order; *plans* has None for line items that made no request."""
        self._plans.append(plans)
        self._ticks.append(merged)

    def close(self) -> Hour:
        """Return the hour as the sink takes it, or fail where its funnel does not add up."""
        funnel = np.sum([tick.funnel for tick in self._ticks], axis=0)
        columns = dict(zip(FUNNEL, funnel.T, strict=True))
        adds_up = laws.funnel(columns, lambda place: self._bidders[place].item.path)
        assert adds_up.holds, adds_up.findings
        return Hour(
            hour=self._hour,
            events=np.concatenate([part for tick in self._ticks for part in tick.events]).view(EVENT),
            funnel=funnel,
            inventory=np.sum([tick.inventory for tick in self._ticks], axis=0),
            frequency=self._ticks[-1].frequency,
            pacing=self._pacing(),
        )

    def _pacing(self) -> Pacing:
        columns = [[plans[place] for plans in self._plans] for place in range(len(self._bidders))]
        made = [[plan for plan in column if plan is not None] for column in columns]
        return Pacing(
            live=np.array([bidder.calendar.live[self._hour] for bidder in self._bidders], bool),
            goal_micros=_each(sum(plan.goal_micros for plan in plans) for plans in made),
            allowance_micros=_each(sum(plan.allowance_micros for plan in plans) for plans in made),
            expected_cum_micros=_each(bidder.expected(self._hour) for bidder in self._bidders),
            delivered_cum_micros=_each(bidder.account.spent for bidder in self._bidders),
            multiplier_ppm=_each(_mean([plan.multiplier_ppm for plan in plans]) for plans in made),
            participation_ppm=_each(_mean([plan.participation_ppm for plan in plans]) for plans in made),
        )


def _each(values: Iterable[int]) -> NDArray[np.int64]:
    return np.fromiter(values, np.int64)


def _mean(values: list[int]) -> int:
    return sum(values) // len(values) if values else 0
