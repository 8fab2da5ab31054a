"""Where ads fit: a pre-roll before a title and mid-rolls inside it, each a pod of slots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

from sim.family import Settings, over
from sim.tables import cumulative

Slots = Annotated[int, Field(ge=1, le=15)]


class Break(Settings):
    """How often a break comes up where it could, and how many slots it has then."""

    share: float = Field(ge=0, le=1, description="Share of the places that carry the break")
    slots: Mapping[Slots, float] = Field(description="Weights of the number of slots")

    @field_validator("slots")
    @classmethod
    def _weights(cls, slots: Mapping[int, float]) -> Mapping[int, float]:
        if not slots or any(weight < 0 for weight in slots.values()) or sum(slots.values()) <= 0:
            raise ValueError("weights of slots must not be negative, and one must be above zero")
        return slots

    def always(self) -> Break:
        """Return the break as it is when it comes up."""
        return self.model_copy(update={"share": 1.0})


DEFAULT_PRE_ROLL = Break(share=0.8, slots={1: 1.0})
DEFAULT_MID_ROLL = Break(share=0.75, slots={2: 2.0, 3: 1.0})


class Pods(Settings):
    """The ad load: 4 to 5 minutes an hour (Netflix launch brief; Digiday 2022), four fifths in mid-rolls.

    That takes a pre-roll of up to 30 s before four titles in five, and three mid-rolls an hour of 60 to 75 s.
    Slots of 30 s make these 60 s twice as often as 90 s, 70 s on average [assumption].
    """

    slot_seconds: int = Field(default=30, ge=5, le=120)
    pre_roll: Annotated[Break, over(DEFAULT_PRE_ROLL)] = DEFAULT_PRE_ROLL
    mid_roll: Annotated[Break, over(DEFAULT_MID_ROLL)] = DEFAULT_MID_ROLL
    mid_roll_every_minutes: int = Field(default=10, ge=1, le=600)


def breaks(pods: Pods, title_minutes: int) -> NDArray[np.int64]:
    """Return the seconds from a title's start at which it may be interrupted, the pre-roll first."""
    middle = range(pods.mid_roll_every_minutes, title_minutes, pods.mid_roll_every_minutes)
    return np.array([0, *(60 * minute for minute in middle)], dtype=np.int64)


def slot_shares(pods: Pods) -> NDArray[np.uint64]:
    """Return, by placement, the cumulative 32-bit share of places with at most 0, 1, … slots."""
    largest = max(*pods.pre_roll.slots, *pods.mid_roll.slots)
    rows = [_shares(place, largest) for place in (pods.pre_roll, pods.mid_roll)]
    return np.stack([cumulative(row) for row in rows])


def _shares(place: Break, largest: int) -> Sequence[float]:
    total = sum(place.slots.values())
    return [1 - place.share] + [place.share * place.slots.get(n, 0.0) / total for n in range(1, largest + 1)]
