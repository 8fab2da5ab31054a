"""Whom frequency caps take a viewer for: how often they recognise one at all, and by what they count."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from sim.family import Settings, Share
from sim.layout import COUNTED_BY


class Identity(Settings):
    """What caps know of a viewer; the default is everything.

    In a session that is not matched to an identity nothing is capped and nothing counted, so that caps leak.
    All persons of a household share its caps; of devices each has its own. Caps of a pod or a stream need no
    identity: the player keeps them itself. Reach counts persons, whatever the caps take them for.
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
