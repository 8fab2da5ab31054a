"""Where ads fit: pre-rolls before titles and mid-rolls inside them, each a pod. Each kind is one file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from sim.family import Part, Settings
from sim.tables import cumulative


class Size(NamedTuple):
    """How large a pod is."""

    ads: int
    """The most ads that it holds, 15 at most."""
    seconds: int
    """The seconds of all of them together."""


class Place(Settings):
    """How often a break comes up where it could."""

    share: float = Field(ge=0, le=1, description="Share of the places that carry the break")


class Pods(Part):
    """How ads are sold where a title is interrupted."""

    used: ClassVar[str] = "market.pods: NAME in a scenario, or --set market.pods=NAME"

    usual: ClassVar[str] = "structured"
    dynamic: ClassVar[bool] = False
    """Whether a pod is sold at once, by its seconds, and not slot by slot."""

    mid_roll_every_minutes: int = Field(
        default=10, ge=1, le=600, description="Minutes between places for a mid-roll"
    )

    @property
    @abstractmethod
    def ad_seconds(self) -> int:
        """Return the seconds of a slot, or of an ad of ambient demand where there are no slots."""

    @property
    @abstractmethod
    def places(self) -> tuple[Place, Place]:
        """Return the pre-roll and the mid-roll."""

    @abstractmethod
    def sizes(self, place: Place) -> Mapping[Size, float]:
        """Return the weights of the sizes that a pod has at a *place*, one of this kind's own."""

    def like(self, other: Pods) -> bool:
        """Return whether their ads are sold in the same way, and the slots are as long."""
        return (self.dynamic, self.ad_seconds) == (other.dynamic, other.ad_seconds)

    @property
    def longest_ad(self) -> int:
        """Return the seconds of the longest ad that some pod can hold."""
        return max(self._longest())

    @property
    def fitting_ad(self) -> int:
        """Return the seconds of the longest ad that every pod can hold."""
        return min(self._longest())

    def _longest(self) -> list[int]:
        sizes = [size for place in self.places for size in self.sizes(place)]
        return [size.seconds if self.dynamic else self.ad_seconds for size in sizes]


def refuse(given: Any, names: tuple[str, ...], why: str) -> Any:
    """Return what was *given* for a place, or raise ValueError where it has a setting of the other kind."""
    for name in names:
        if isinstance(given, Mapping) and name in given:
            raise ValueError(f"has {name}, as {why}")
    return given


def breaks(pods: Pods, title_minutes: int) -> NDArray[np.int64]:
    """Return the seconds from a title's start at which it may be interrupted, the pre-roll first."""
    middle = range(pods.mid_roll_every_minutes, title_minutes, pods.mid_roll_every_minutes)
    return np.array([0, *(60 * minute for minute in middle)], dtype=np.int64)


def size_tables(pods: Pods, pre_roll: float | None = None) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Return how often a place has a pod of which size; *pre_roll* is another share of the pre-roll.

    The first is placements × sizes, the cumulative 32-bit share of places with a pod of at most that size;
    the second placements × sizes × 2, the ads and the seconds of each size. Size 0 is no pod at all.
    """
    before, within = pods.places
    drawn = [
        _drawn(pods, before, before.share if pre_roll is None else pre_roll),
        _drawn(pods, within, within.share),
    ]
    most = max(len(row) for row in drawn)
    # A placement with fewer sizes repeats its largest, with a share of zero.
    rows = [row + [(row[-1][0], 0.0)] * (most - len(row)) for row in drawn]
    shares = np.stack([cumulative([share for _, share in row]) for row in rows])
    return shares, np.array([[size for size, _ in row] for row in rows], np.int64)


def _drawn(pods: Pods, place: Place, often: float) -> list[tuple[Size, float]]:
    sizes = sorted(pods.sizes(place).items())
    total = sum(weight for _, weight in sizes)
    return [(Size(0, 0), 1 - often), *((size, often * w / total) for size, w in sizes)]
