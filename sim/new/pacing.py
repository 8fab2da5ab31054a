"""Template: say in a line what it does, for `paceline list pacers`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.pacing import PacingPolicy, Plan, Situation


class Template(PacingPolicy):
    """What it does and why, and the source of its formula."""

    kind: Literal["template"] = "template"
    pace: int = Field(default=100, ge=1, le=1000, description="Percent of an even pace")

    def plan(self, now: Situation) -> Plan:
        """Return *pace* percent of what is left by the ticks that are left, and all of it in the last one."""
        even = now.flight.micros // now.flight.ticks
        micros = now.flight.micros if now.flight.ticks == 1 else even * self.pace // 100
        micros = min(micros, now.spendable_micros)
        return Plan(goal_micros=micros, allowance_micros=micros)
