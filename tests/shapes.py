"""Shapes of small random markets: what is in them, every knob turned somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim import layout as at

ALWAYS = 1 << 32
PLENTY = 10**12


@dataclass(frozen=True)
class Shape:
    """What kind of market to build; every choice within it follows from the seed."""

    items: int = 5
    advertisers: int = 3
    categories: int = 0
    viewers: int = 4
    shards: int = 1
    pods: int = 12
    slots: int = 4
    ticks: int = 2
    bids: tuple[int, ...] = (9_000, 10_000, 10_001, 25_000)
    shaded: float = 0.2
    """Share of line items that bid half their maximum."""
    floors: tuple[int, ...] = (0, 10_000)
    leases: tuple[int, ...] = (0, 9_999, 10_000, 60_000, PLENTY)
    parts: tuple[int, ...] = (0, 1, 3, 59)
    """In which a tick releases its allowances, after the first."""
    releases: tuple[int, ...] = (0, 1, 9_999, 10_000, 60_000)
    ambient: str = "log_normal"
    """`none`, `ties` (a bid that line items make too) or `log_normal`."""
    presence: float = 0.6
    caps: int = 3
    clocks: tuple[int, ...] = (at.CLOCK_TICK, at.CLOCK_MINUTE, at.CLOCK_POD, at.CLOCK_STREAM)
    limits: tuple[int, ...] = (1, 2, 3, 255)
    minutes: tuple[int, ...] = (1, 7, 60)
    linked: bool = False
    """Whether every cap counts every line item."""
    creatives: int = 3
    bare: float = 0.2
    """Share of line items that may have fewer creatives, or none."""
    seconds: tuple[int, ...] = (6, 15, 30, 60)
    participation: tuple[int, ...] = (0, ALWAYS // 2, ALWAYS)
    values: int = 2
    targeted: float = 0.85
    """Share of line items that a trait admits."""
    refused: float = 0.05
    open: float = 0.9
    live: float = 0.9
    outcomes: tuple[float, ...] = (0.0, 0.3, 0.9, 1.0)
    own_floors: tuple[int, ...] = (-1,)
    """Of deals; -1 is the market's."""
    priorities: tuple[int, ...] = (0,)
    ends: tuple[int, ...] = (0,)
    """Places in the pod that line items buy."""
    premium: float = 1.0
    parameters: tuple[int, ...] = (0,)
    """Of the auction format."""
    overlap: bool = False
    """Whether a viewer's pods may overlap in time."""
    match: float = 1.0
    counted_by: int = at.COUNTED_PERSON
    household: int = 1
    """Persons in each household."""
    rivals: bool = False
    """Whether ambient demand is a number of rivals."""
    worth: bool = False
    """Whether some line items have a worth of several parts, tilted, or a bid that is shaded."""
    cold: bool = False
    """Whether nobody has seen anything yet."""
    held_out: tuple[int, ...] = (0,)
    """Shares of viewers whom line items never serve."""


def random_shape(rng: np.random.Generator) -> Shape:
    """Return a shape in which every knob is turned somewhere, small markets most often."""

    def one(*choices: Any) -> Any:
        return choices[rng.integers(len(choices))]

    bids, floors = one(
        ((10_000,), (10_000,)),
        ((10_000,), (10_001, 0)),
        ((0, 1), (0, 1)),
        (tuple(range(30)), (0, 1, 20)),
        ((9_999, 10_000, 10_001), (0, 10_000)),
        ((9_000, 14_000, 25_000), (0, 8_000, 10_000)),
        ((9_000, 14_000, 25_000), (10_000,)),
    )
    dear = max(bids)
    return Shape(
        items=one(0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 8, 10, 64, 65, 130),
        advertisers=one(1, 2, 3, 50),
        categories=one(0, 1, 3),
        viewers=one(1, 2, 5),
        pods=one(0, 1, 8, 12, 16, 16),
        slots=one(1, 2, 5, 15),
        ticks=one(1, 2, 3),
        bids=bids,
        floors=floors,
        leases=one((PLENTY,), (PLENTY,), (0, PLENTY), (dear - 1, dear, PLENTY), (3 * dear, 10 * dear)),
        ambient=one("none", "ties", "log_normal"),
        presence=one(0.0, 0.3, 0.6, 1.0),
        caps=one(0, 1, 3, 8),
        clocks=one((0,), (1,), (2,), (3,), (0, 1, 2, 3)),
        limits=one((1,), (2, 3), (255,), tuple(range(1, 256))),
        minutes=one((1,), (1, 5, 7), (30, 60, 1440)),
        creatives=one(1, 2, 4),
        seconds=one((30,), (15, 30), (6, 15, 30), (15, 30, 45), (6, 15, 30, 31, 60)),
        participation=one((ALWAYS,), (ALWAYS,), (ALWAYS // 3, ALWAYS), (0, ALWAYS - 1, ALWAYS)),
        values=one(0, 0, 3),
        targeted=one(0.6, 0.85, 1.0),
        refused=one(0.0, 0.1),
        open=one(0.8, 1.0, 1.0),
        live=one(0.0, 0.8, 0.8, 1.0, 1.0, 1.0),
        outcomes=one((0.0,), (1.0,), (0.0, 1.0), (0.001, 0.1, 0.5, 0.9, 0.999)),
        overlap=one(False, True),
        cold=one(False, True),
        own_floors=one((-1,), (-1,), (-1, 0, min(bids), dear), (-1, floors[0], dear + 1)),
        priorities=one((0,), (0,), (0, 0, 0, 8), (0, 1, 8)),
        ends=one((0,), (0,), (0, at.FIRST), (0, 0, at.FIRST, at.LAST, at.FIRST | at.LAST)),
        premium=one(1.0, 1.25, 2.0),
        parameters=one((0,), (dear,), bids, (dear + 1,)),
        match=one(1.0, 1.0, 0.5, 0.0),
        counted_by=one(at.COUNTED_PERSON, at.COUNTED_PERSON, at.COUNTED_HOUSEHOLD, at.COUNTED_DEVICE),
        household=one(1, 2, 5),
        rivals=bool(rng.spawn(1)[0].random() < 0.3),
        worth=bool(rng.spawn(1)[0].random() < 0.5),
        held_out=((0,), (0, ALWAYS // 2), (ALWAYS // 5, ALWAYS))[rng.spawn(1)[0].integers(3)],
        shards=one(1, 1, 2, 3),
    )
