"""One world played with one seed, and the few sums that a forecast needs of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.forecast.world import Arm
from analysis.runs.playing import play
from sim.events import FUNNEL, INVENTORY, Hour

_SOLD = INVENTORY.index("filled_ambient"), INVENTORY.index("unfilled")
_KEPT = tuple(
    FUNNEL.index(name) for name in ("requests_matched", "blocked_daypart", "impressions", "spend_micros")
)


@dataclass(frozen=True)
class Try:
    """A world, and the seed with which it is to be played."""

    arm: Arm
    seed: int


class Counts(NamedTuple):
    """What a line item had in a run."""

    matched: int = 0
    """Slots that matched while it was in flight and its dayparts open."""
    impressions: int = 0
    spend_micros: int = 0


@dataclass(frozen=True)
class Played:
    """What came of a world with one seed."""

    arm: str
    seed: int
    items: dict[str, Counts]
    """By path."""
    rivals: int
    """Slots that demand from outside took."""
    unsold: int


def played(one: Try) -> Played:
    """Return what comes of a world with a seed."""
    scenario = one.arm.scenario.reseeded(one.seed)
    counts = np.zeros((len(one.arm.book.line_items), len(_KEPT)), np.int64)
    slots = np.zeros(len(_SOLD), np.int64)

    def add(hour: Hour) -> None:
        counts[:] += hour.funnel[:, _KEPT]
        slots[:] += hour.inventory.sum(axis=(0, 1))[list(_SOLD)]

    play(scenario, one.arm.book, add)
    items = {
        item.path: Counts(matched - closed, impressions, spend)
        for item, (matched, closed, impressions, spend) in zip(
            one.arm.book.line_items, counts.tolist(), strict=True
        )
    }
    rivals, unsold = slots.tolist()
    return Played(one.arm.name, one.seed, items, rivals, unsold)
