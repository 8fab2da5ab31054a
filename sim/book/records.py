"""The records of a book: what is sold in a run, as it was booked before the first tick."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from entities import registry
from sim.bidding import BiddingRule
from sim.deal import Deal
from sim.pacing import PacingPolicy
from sim.valuation import Valuation


@dataclass(frozen=True, slots=True)
class BookedCreative:
    """An approved, active creative."""

    id: int
    line_item: int
    name: str
    seconds: int
    weight: int
    interactive: bool


@dataclass(frozen=True, slots=True)
class BookedCap:
    """A frequency cap at one of the three levels, in a zone."""

    unit: registry.CapUnit
    unit_count: int
    limit: int
    zone: str


@dataclass(frozen=True, slots=True)
class BookedCampaign:
    """A campaign that has line items in the book."""

    id: int
    key: int
    name: str
    advertiser: str
    lifetime_micros: int | None
    daily_micros: int | None
    line_items: tuple[int, ...]
    paused: bool = False
    """Whether it starts paused, until a change wakes it."""
    pacing: PacingPolicy | None = None
    """What plans for all its line items together; None where each has its own."""


@dataclass(frozen=True, slots=True)
class BookedLineItem:
    """A line item, its terms in whole micros and whole hours from the scenario's start."""

    id: int
    campaign_id: int
    advertiser_id: int
    key: int
    name: str
    campaign_name: str
    advertiser_name: str
    category: str
    campaign: int
    """Position of its campaign in the book."""
    zone: str
    max_bid_micros: int
    lifetime_micros: int | None
    """Its lifetime budget, or what its deal's goal comes to."""
    daily_micros: int | None
    flights: tuple[tuple[int, int], ...]
    """Hours from the start, end exclusive. A flight after the horizon keeps its part of the budget; one
    before it is past, and the whole budget is left for the others."""
    dayparts: frozenset[int] | None
    """Local hours of the week (Monday midnight is 0) in which it may deliver; always, if None."""
    include: Mapping[registry.TargetingKey, tuple[str, ...]]
    exclude: Mapping[registry.TargetingKey, tuple[str, ...]]
    caps: tuple[int, ...]
    """Positions of the caps that bind it, its own first, then its campaign's and its advertiser's."""
    slot_in_pod: registry.SlotInPod
    deal: Deal
    pacing: PacingPolicy
    bidding: BiddingRule
    valuation: Valuation
    paused: bool = False
    """Whether it starts paused, until a change wakes it."""
    holdout_ppm: int = 0
    """Share of viewers whom it never serves."""

    @property
    def path(self) -> str:
        """Return `advertiser / campaign / line item`."""
        return f"{self.advertiser_name} / {self.campaign_name} / {self.name}"


@dataclass(frozen=True)
class Book:
    """What is sold in a run, ordered by names and not by a database."""

    line_items: tuple[BookedLineItem, ...]
    campaigns: tuple[BookedCampaign, ...]
    creatives: tuple[BookedCreative, ...]
    caps: tuple[BookedCap, ...]

    @property
    def parts(self) -> Iterator[PacingPolicy | BiddingRule]:
        """Yield what plans and bids for each line item and campaign."""
        for item in self.line_items:
            yield from (item.pacing, item.bidding)
        yield from (one.pacing for one in self.campaigns if one.pacing)

    @cached_property
    def text(self) -> str:
        """Return the book as canonical JSON without database ids: what a run's fingerprint covers."""
        parts = [
            [_plain(item) for item in self.line_items],
            [_plain(campaign) for campaign in self.campaigns],
            [_plain(creative) for creative in self.creatives],
            [_plain(cap) for cap in self.caps],
        ]
        return json.dumps(parts, sort_keys=True, separators=(",", ":"))


_IDS = frozenset({"id", "campaign_id", "advertiser_id"})


def _plain(part: BookedLineItem | BookedCampaign | BookedCreative | BookedCap) -> dict[str, object]:
    fields = {name: getattr(part, name) for name in part.__slots__ if name not in _IDS}
    for name, value in fields.items():
        if isinstance(value, Deal | PacingPolicy | BiddingRule | Valuation):
            fields[name] = value.as_booked()
        elif isinstance(value, frozenset):
            fields[name] = sorted(value)
    # Left out where false, 0 or none, so that books from before there were such fields keep their text.
    later: dict[str, object] = {"paused": False, "holdout_ppm": 0}
    later |= {"pacing": None} if isinstance(part, BookedCampaign) else {}
    return {name: value for name, value in fields.items() if name not in later or value != later[name]}
