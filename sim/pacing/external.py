"""External: a pacing policy of the user's own, a class in a file beside the scenario."""

from __future__ import annotations

from typing import Literal

from sim import external
from sim.pacing import PacingPolicy, Plan, Situation


class External(PacingPolicy, external.External):
    """A class of the user's own, by the contract of sim/pacing/README.md."""

    kind: Literal["external"] = "external"

    def plan(self, now: Situation) -> Plan:
        """Refuse: a description plans nothing."""
        del now
        raise self.unplayable()
