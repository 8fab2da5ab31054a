"""Budgets and frequency caps, counted again: spend by period, and billed impressions by window."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from analysis.audit.book import Sold
from entities import registry
from sim import laws
from sim.book.records import BookedCap
from sim.events import POD_SHIFT
from sim.layout import POD_BITS

OWN = (registry.CapUnit.pod, registry.CapUnit.stream)
"""Units whose caps the player keeps, whoever watches."""
_WITHIN = (registry.CapUnit.minute, *OWN)
"""Units whose windows are not made of hours."""


class CapAudit:
    """Counts every cap of a run, some events at a time, in order."""

    def __init__(self, sold: Sold) -> None:
        self._caps, self._clocks, items = sold.book.caps, sold.clocks, sold.book.line_items
        identity, viewers = sold.market.identity, sold.market.population.viewers
        known = viewers * (len(registry.DeviceType) if identity.counted_by == "device" else 1)
        self._counts = [
            laws.CapCount(
                cap.limit,
                viewers if cap.unit in OWN else known,
                _name(sold, place),
                "viewer" if cap.unit in OWN or identity.counted_by == "person" else identity.counted_by,
            )
            for place, cap in enumerate(self._caps)
        ]
        self._bound = [np.array([place in item.caps for item in items]) for place in range(len(self._caps))]
        self._hours = [
            laws.hour_windows(cap.unit.value, cap.unit_count, sold.clocks[cap.zone])
            if cap.unit not in _WITHIN
            else np.zeros(sold.hours, np.int64)
            for cap in self._caps
        ]

    def verdicts(
        self, events: NDArray[np.void], billed: NDArray[np.bool_], second: NDArray[np.int64]
    ) -> Iterator[laws.Verdict]:
        """Yield the verdict on each cap; *second* is when the pod of each EVENT record began.

        Caps of pods and streams are the viewer's own; all others are those of whom they took the viewer for,
        and hold for nobody else.
        """
        line_item, viewer = events["line_item"][billed], events["viewer_id"][billed]
        identity = events["identity"][billed]
        hour = second[billed] // 3600
        for cap, count, bound, by_hour in zip(
            self._caps, self._counts, self._bound, self._hours, strict=True
        ):
            whose = viewer if cap.unit in OWN else identity
            mine = bound[line_item] & (whose >= 0)
            if cap.unit in _WITHIN:
                window = self._within(cap, events[billed], second[billed])[mine]
            else:
                window = by_hour[hour[mine].clip(0, len(by_hour) - 1)]
            yield count.add(whose[mine], window)

    def _within(
        self, cap: BookedCap, billed: NDArray[np.void], second: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        if cap.unit == registry.CapUnit.pod:
            return np.asarray((billed["slot_id"] >> POD_SHIFT) & ((1 << POD_BITS) - 1))
        if cap.unit == registry.CapUnit.stream:
            return billed["session_id"].astype(np.int64)
        # A pod is in the minute in which it began.
        return laws.minute_windows(cap.unit_count, self._clocks[cap.zone], second)


def _name(sold: Sold, place: int) -> str:
    cap = sold.book.caps[place]
    owners = [item.path for item in sold.book.line_items if place in item.caps]
    shared = f" and {len(owners) - 1} more" if len(owners) > 1 else ""
    return f"{cap.limit} per {cap.unit_count} {cap.unit.value} of {owners[0]}{shared}"


def budget_verdicts(
    sold: Sold, spend: NDArray[np.int64], step_seconds: int, moment: Callable[[int], str]
) -> Iterator[laws.Verdict]:
    """Yield the verdicts on all budgets; *spend* is line items × steps, and *moment* names a step."""
    steps = spend.shape[1]
    # Steps are ticks or hours. A sync within an hour is known to the hour that it lies in.
    per, per_sync = step_seconds // sold.tick_seconds, sold.market.ticks_per_sync
    synced = np.arange(steps) * per // per_sync * per_sync // per
    ticks = per_sync if per % per_sync == 0 else per
    late = synced if per_sync > 1 else None
    by_campaign = np.zeros((len(sold.book.campaigns), steps), np.int64)
    np.add.at(by_campaign, sold.terms.campaign, spend)
    campaigns = [f"{campaign.advertiser} / {campaign.name}" for campaign in sold.book.campaigns]
    for spent, names, over in ((spend, sold.paths, False), (by_campaign, campaigns, True)):
        days = np.repeat(sold.days(campaigns=over), 3600 // step_seconds, axis=1)
        for kind, periods in (
            (registry.BudgetType.lifetime, np.zeros_like(days)),
            (registry.BudgetType.daily, days),
        ):
            limit = sold.budgets(kind, campaigns=over).highest(step_seconds, steps)
            yield laws.budgets(spent, limit, periods, _budget_name(kind, names, steps, moment), late, ticks)


def _budget_name(
    kind: registry.BudgetType, names: list[str], steps: int, moment: Callable[[int], str]
) -> Callable[[int], str]:
    return lambda i: f"{kind.value} budget of {names[i // steps]}, {moment(i % steps)}"
