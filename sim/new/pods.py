"""Template: say in a line how ads are sold where a title is interrupted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from sim.audience.pods import Place, Pods, Size


class Template(Pods):
    """How pods are made up and why, and the source of it."""

    kind: Literal["template"] = "template"
    slot_seconds: int = Field(default=30, ge=5, le=120)
    ads: int = Field(default=2, ge=1, le=15, description="Slots in every pod")
    share: float = Field(default=0.8, ge=0, le=1, description="Share of the places that carry a break")

    @property
    def ad_seconds(self) -> int:
        """Return the seconds of a slot."""
        return self.slot_seconds

    @property
    def places(self) -> tuple[Place, Place]:
        """Return the pre-roll and the mid-roll, which are alike."""
        return Place(share=self.share), Place(share=self.share)

    def sizes(self, place: Place) -> Mapping[Size, float]:  # noqa: ARG002 - the same everywhere
        """Return the one size that a pod has."""
        return {Size(self.ads, self.ads * self.slot_seconds): 1.0}
