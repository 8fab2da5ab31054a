"""Identity: how often frequency caps recognise a viewer, and what they count by."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.family import Settings, Share
from sim.layout import COUNTED_BY


class Identity(Settings):
    """What caps know of a viewer; by default everything.

    In a session that is not matched to an identity nothing is capped or counted, so caps leak. Counted by
    household, all its persons share the caps; counted by device, each device has its own. Caps of a pod or a
    stream need no identity: the player keeps them itself. Reach always counts persons.
    """

    match_rate: Share = Field(default=1.0, description="Share of sessions in which the viewer is recognised")
    counted_by: Literal["person", "household", "device"] = Field(
        default="person", description="What a recognised session is counted for by frequency caps"
    )

    @property
    def perfect(self) -> bool:
        """Return whether no cap can leak."""
        return self.match_rate == 1 and self.counted_by == "person"

    @property
    def code(self) -> int:
        """Return the position of `counted_by` in COUNTED_BY."""
        return COUNTED_BY.index(self.counted_by)
