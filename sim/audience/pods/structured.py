"""Structured pods: a number of equal slots, sold one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from sim.audience.pods import Place, Pods, Size, refuse
from sim.family import SHARES, SOME, Weight, over

Slots = Annotated[int, Field(ge=1, le=15)]


class Break(Place):
    """How often a break comes up where it could, and how many slots it has then."""

    slots: Annotated[Mapping[Slots, Weight], SHARES, SOME] = Field(
        description="Weights of the number of slots"
    )

    @model_validator(mode="before")
    @classmethod
    def _of_slots(cls, given: Any) -> Any:
        return refuse(given, ("seconds", "max_ads"), "dynamic pods have; say kind: dynamic")


DEFAULT_PRE_ROLL = Break(share=0.8, slots={1: 1.0})
DEFAULT_MID_ROLL = Break(share=0.75, slots={2: 2.0, 3: 1.0})


class StructuredPods(Pods):
    """Pods of equal slots, each auctioned for itself (OpenRTB 2.6, structured pods).

    The ad load is 4 to 5 minutes an hour (Netflix launch brief; Digiday 2022), four fifths in mid-rolls. That
    takes a pre-roll of up to 30 s before four titles in five, and three mid-rolls an hour of 60 to 75 s.
    Slots of 30 s make these 60 s twice as often as 90 s, 70 s on average [assumption].
    """

    kind: Literal["structured"] = "structured"
    slot_seconds: int = Field(default=30, ge=5, le=120, description="Seconds of a slot")
    pre_roll: Annotated[Break, over(DEFAULT_PRE_ROLL)] = Field(
        default=DEFAULT_PRE_ROLL, description="The break before a title"
    )
    mid_roll: Annotated[Break, over(DEFAULT_MID_ROLL)] = Field(
        default=DEFAULT_MID_ROLL, description="The breaks within it"
    )

    @property
    def ad_seconds(self) -> int:
        """Return the seconds of a slot."""
        return self.slot_seconds

    @property
    def places(self) -> tuple[Break, Break]:
        """Return the pre-roll and the mid-roll."""
        return self.pre_roll, self.mid_roll

    def sizes(self, place: Place) -> Mapping[Size, float]:
        """Return the weights of pods of so many slots."""
        assert isinstance(place, Break)
        return {Size(n, n * self.slot_seconds): weight for n, weight in place.slots.items()}
