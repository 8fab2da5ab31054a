"""Even: the same goal in every hour; what an hour misses is spread over those that remain."""

from __future__ import annotations

from typing import Literal

from sim.pacing import PacingPolicy, Plan, Situation, Span


class Even(PacingPolicy):
    """g_h = (B - S_{h-1}) / (H - h + 1): budget left over hours left, rounded up; within a day likewise."""

    kind: Literal["even"] = "even"

    def plan(self, now: Situation) -> Plan:
        """Return a plan to spend an even share of what is left."""
        goal = _share(now.flight)
        if now.today is not None:
            goal = min(goal, _share(now.today))
        return Plan(goal_micros=goal, allowance_micros=goal)


def _share(span: Span) -> int:
    return -(-span.micros // max(span.ticks, 1))
