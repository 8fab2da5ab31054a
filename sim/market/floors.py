"""The market's floors: by device, placement and seconds, and what a place in the pod costs on top."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from entities.enums import DeviceType, Placement
from sim.family import Scale, Settings


class DurationFloor(Settings):
    """The floor of ads from the shortest to the longest of a range of seconds, both included."""

    shortest: int = Field(default=0, ge=0, le=600, description="Seconds")
    longest: int | None = Field(default=None, ge=1, le=600, description="Seconds; open upwards if left out")
    cpm: float = Field(ge=0, le=10_000, description="Floor of ads of these seconds")

    @model_validator(mode="after")
    def _a_range(self) -> Self:
        if self.longest is not None and self.longest < self.shortest:
            raise ValueError(f"longest {self.longest}: must be at least shortest, {self.shortest}")
        if self.longest is None and self.shortest == 0:
            raise ValueError("says no range; give shortest or longest, or set floors.cpm for all ads")
        return self

    def holds(self, seconds: int) -> bool:
        """Return whether an ad of that many *seconds* lies in the range."""
        return self.shortest <= seconds and (self.longest is None or seconds <= self.longest)


class Floors(Settings):
    """The lowest price at which a slot is sold, in CPM (OpenRTB 2.6).

    `cpm` is the floor of everything (`bidfloor`). A range of `by_duration` takes its place for the seconds
    that it covers (`durfloors`). `per_second_cpm` is for dynamic pods alone (`mincpmpersec`): there an ad's
    floor is so much for each of its seconds in place of the other two. Slots of fixed length keep those, as
    they are the fallback of buyers who do not support prices by the second.

    In structured pods the slot's seconds count, in dynamic ones the ad's. The multipliers are applied last,
    and the result is rounded once.
    """

    cpm: float = Field(
        default=10.0, ge=0, le=10_000, description="Floor of everything, half the effective CPM [assumption]"
    )
    per_second_cpm: float | None = Field(
        default=None, ge=0, le=10_000, description="Floor of each second of an ad, in dynamic pods"
    )
    by_duration: tuple[DurationFloor, ...] = Field(
        default=(), description="Floors by seconds, in place of cpm; ranges must not overlap"
    )
    by_device: Mapping[DeviceType, Scale] = Field(default={}, description="Multipliers by device")
    by_placement: Mapping[Placement, Scale] = Field(default={}, description="Multipliers by placement")
    position_premium: float = Field(
        default=1.0,
        ge=1,
        le=10,
        description="Multiplier for a bid that buys its place, slot_in_pod; sellers claim 1.2 to 1.4",
    )

    @field_validator("by_duration")
    @classmethod
    def _apart(cls, ranges: tuple[DurationFloor, ...]) -> tuple[DurationFloor, ...]:
        for one, other in pairwise(sorted(ranges, key=lambda each: each.shortest)):
            if one.holds(other.shortest):
                raise ValueError(
                    f"ranges must not overlap, and two hold {other.shortest} seconds: from {one.shortest} on"
                    f" and from {other.shortest} on"
                )
        return ranges

    def table(
        self, seconds: int, *, dynamic: bool = False, bought_position: bool = False
    ) -> NDArray[np.int64]:
        """Return the floors for so many *seconds*, devices × placements, micros per impression.

        *dynamic* is whether the pod is, *bought_position* whether the bid buys its place in it.
        """
        cpm = self._cpm(seconds, dynamic) * (self.position_premium if bought_position else 1.0)
        rows = [
            [
                round(cpm * 1000 * self.by_device.get(d, 1.0) * self.by_placement.get(p, 1.0))
                for p in Placement
            ]
            for d in DeviceType
        ]
        return np.array(rows, dtype=np.int64)

    def _cpm(self, seconds: int, dynamic: bool) -> float:
        if dynamic and self.per_second_cpm is not None:
            return self.per_second_cpm * seconds
        return next((each.cpm for each in self.by_duration if each.holds(seconds)), self.cpm)
