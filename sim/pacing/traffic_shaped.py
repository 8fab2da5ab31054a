"""Traffic-shaped: hourly goals in proportion to the avails that are forecast for the hour."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from sim.pacing import PacingPolicy, Plan, Situation, Span
from sim.pacing.columns import Column, Situations, Spans, part_of


class TrafficShaped(PacingPolicy):
    """g_h = (B - S) w_h / Σ_{j ≥ h} w_j, where w is the forecast of avails; missed goals roll over.

    Google Ad Manager's expected traffic shape; Xandr's hourly pacing overrides, by the forecast.
    """

    kind: Literal["traffic_shaped"] = "traffic_shaped"
    shape: ClassVar[Literal["time", "traffic"]] = "traffic"

    def plan(self, now: Situation) -> Plan:
        """Return a plan to spend this tick's share of the traffic that is left."""
        goal = _share(now.flight, now.traffic)
        if now.today is not None:
            goal = min(goal, _share(now.today, now.traffic))
        return Plan(goal_micros=goal, allowance_micros=goal)

    def goals(self, now: Situations) -> Column:
        """Return this tick's share of the traffic that is left to each."""
        return now.tighter(_shares(now.flight, now.traffic), _shares(now.today, now.traffic))


def _share(span: Span, traffic: int) -> int:
    if span.traffic <= 0:
        return -(-span.micros // max(span.ticks, 1))
    return -(-span.micros * traffic // span.traffic)


def _shares(spans: Spans, traffic: Column) -> Column:
    by_traffic = spans.traffic > 0
    part, whole = (
        np.where(by_traffic, traffic, 1),
        np.where(by_traffic, spans.traffic, np.maximum(spans.ticks, 1)),
    )
    return part_of(spans.micros, part, whole)
