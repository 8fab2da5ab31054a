"""A tiny market that keeps every law, as arrays, for tests to corrupt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from entities.enums import TargetingKey
from sim import laws
from sim.auction import AuctionFormat
from sim.events import EVENT

HOURS = 48
SLOT_SECONDS = 30
FLOORS = laws.Floors(np.zeros(1, np.int64), np.full((1, 2, SLOT_SECONDS + 1, 4, 2), 10_000, np.int64))
SLOTS = np.array([0, 3, 2, 1, 1, 0], np.int64)
"""Of each pod, by its number; number 5 never came up."""
NO_GENRE = 255


def nowhere(i: int) -> str:
    return f"place {i}"


@dataclass
class Market:
    """Two advertisers of one category, one line item each: the first wants drama on screens 0 and 1."""

    live: NDArray[np.bool_] = field(default_factory=lambda: np.ones((2, HOURS), bool))
    open: NDArray[np.bool_] = field(default_factory=lambda: np.ones((2, HOURS), bool))
    changes: list[tuple[int, int, int]] = field(default_factory=list)
    bids: list[tuple[int, int, int]] = field(default_factory=list)
    targets: dict[str, set[int]] = field(default_factory=lambda: {"genre": {0}, "device": {0, 1}})
    refused: set[int] = field(default_factory=set)
    category: tuple[int, int] = (0, 1)
    advertiser: tuple[int, int] = (0, 1)
    priority: tuple[int, int] = (0, 0)
    floor: tuple[int, int] = (-1, -1)
    within_worth: tuple[bool, bool] = (False, False)
    ends: tuple[int, int] = (0, 0)

    @property
    def terms(self) -> laws.LineItemTerms:
        admits = {trait: np.ones((2, laws.CODES), bool) for trait in TargetingKey}
        admits["genre"][:, NO_GENRE] = False
        for trait, codes in self.targets.items():
            admits[trait][0] = np.isin(np.arange(laws.CODES), sorted(codes))
        refuses = np.zeros((2, laws.CODES), bool)
        refuses[0, sorted(self.refused)] = True
        return laws.LineItemTerms(
            live=self.live,
            open=self.open,
            active=laws.in_force(np.ones(2, np.int64), self.changes),
            max_bid=laws.in_force(np.array([25_000, 20_000]), self.bids),
            admits=admits,
            refuses={"genre": refuses},
            campaign=np.arange(2),
            advertiser=np.array(self.advertiser),
            category=np.array(self.category),
            priority=np.array(self.priority),
            floor=np.array(self.floor),
            within_worth=np.array(self.within_worth),
            ends=np.array(self.ends),
        )


def events() -> NDArray[np.void]:
    """Return won slots: two pods of two ads each, then two single ads, one not rendered and one invalid."""
    made = np.zeros(6, EVENT)
    pods = np.array([1, 1, 2, 2, 3, 4])
    made["pod_position"] = [0, 1, 0, 1, 0, 0]
    made["pod_slots"] = SLOTS[pods]
    made["pod_offset_s"] = SLOT_SECONDS * made["pod_position"]
    made["slot_id"] = pods * 16 + made["pod_position"]
    made["ts"] = 3600 * pods + 600 + SLOT_SECONDS * made["pod_position"]
    made["viewer_id"] = [7, 7, 8, 8, 7, 8]
    made["line_item"] = [0, 1, 1, 0, 0, 1]
    made["placement"] = [1, 1, 1, 1, 0, 0]
    made["genre"], made["second_genre"] = 3, 0
    made["bid_micros"] = [25_000, 20_000, 19_000, 24_000, 25_000, 20_000]
    made["price_micros"] = made["bid_micros"]
    made["floor_micros"], made["ambient_micros"] = 10_000, [0, 12_000, 0, 0, 14_000, 0]
    made["duration_s"] = [30, 15, 15, 30, 30, 15]
    made["rendered"], made["invalid"] = [1, 1, 1, 1, 0, 1], [0, 0, 0, 0, 0, 1]
    made["charged_micros"] = np.where(np.arange(6) < 4, made["price_micros"], 0)
    for name in ("measurable", "viewable", "started", "q25"):
        made[name][:4] = 1
    for name in ("q50", "q75", "completed", "clicked"):
        made[name][:2] = 1
    made["watch_seconds"][:4] = [30, 15, 5, 9]
    return made


def seconds(made: NDArray[np.void]) -> NDArray[np.int64]:
    return laws.break_seconds(made)


def breaks(made: NDArray[np.void]) -> laws.Breaks:
    number = made["slot_id"] // 16
    return laws.Breaks(3600 * number + 600, SLOT_SECONDS * SLOTS[number], SLOTS[number])


Check = Callable[[NDArray[np.void], Market], laws.Verdict]

CHECKS: dict[str, Check] = {
    "charges": lambda made, market: laws.charges(made, nowhere),
    "eligibility": lambda made, market: laws.eligibility(made, seconds(made), market.terms, nowhere, nowhere),
    "pods": lambda made, market: laws.pods(made, market.terms, breaks(made), SLOT_SECONDS, nowhere),
    "prices": lambda made, market: prices(made, market, "first_price"),
    "outcomes": lambda made, market: laws.outcomes(made, nowhere),
}
"""Every check of single slots, by name."""


def prices(made: NDArray[np.void], market: Market, auction: str) -> laws.Verdict:
    return laws.prices(
        made, seconds(made), market.terms, FLOORS, AuctionFormat.members()[auction]().equation, nowhere
    )
