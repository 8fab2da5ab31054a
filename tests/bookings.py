"""Small campaigns and markets for tests of the engine, built through the same schemas as a user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from entities import registry
from sim.book.booking import book_of
from sim.book.records import Book
from sim.engine.executors.here import here
from sim.engine.run import RunResult, simulate
from sim.events import FUNNEL, Hour
from sim.market.market import Market

CREATIVE = {"asset_url": "https://cdn.example.com/spot-30s.mp4", "mime_type": "mp4", "duration_s": 30}
ZONE = "America/New_York"


def line_item(name: str = "item", **terms: Any) -> dict[str, Any]:
    """Return a line item that wants every slot, with *terms* over it."""
    return {"name": name, "max_cpm": 25, "creatives": [CREATIVE], **terms}


def campaign(
    line_items: Sequence[Mapping[str, Any]],
    *,
    advertiser: str = "Advertiser",
    name: str = "Campaign",
    start: str = "2026-11-02",
    end: str = "2026-11-03",
    category: str | None = None,
    advertiser_caps: Sequence[Mapping[str, Any]] = (),
    **terms: Any,
) -> registry.Campaign:
    """Return an unsaved campaign of an advertiser in a category of its own."""
    owner = registry.AdvertiserCreate(
        name=advertiser,
        category=category or f"of_{advertiser.lower().replace(' ', '_')}",
        frequency_caps=tuple(advertiser_caps),
    ).row()
    terms = {"timezone": ZONE, **terms}
    row = registry.CampaignCreate(
        name=name, start_date=start, end_date=end, line_items=tuple(line_items), **terms
    ).row()
    row.advertiser = owner
    return row


def market(**settings: Any) -> Market:
    """Return a market of 1,500 viewers and two days, with *settings* over it."""
    whole = {"days": 2, "shards": 4, "population": {"viewers": 1500}, **settings}
    return Market.model_validate(whole)


def book(campaigns: Sequence[registry.Campaign], where: Market) -> Book:
    """Return the book of all line items of *campaigns*."""
    return book_of([item for one in campaigns for item in one.line_items], where)


@dataclass
class Played:
    """A run kept in memory."""

    book: Book
    hours: list[Hour]
    outcome: RunResult

    @property
    def funnel(self) -> NDArray[np.int64]:
        """Return the funnel of the whole run, line items × FUNNEL."""
        total: NDArray[np.int64] = np.sum([hour.funnel for hour in self.hours], axis=0)
        return total

    def of(self, place: int, column: str) -> int:
        """Return one sum of one line item."""
        return int(self.funnel[place, FUNNEL.index(column)])

    def by_hour(self, place: int, column: str) -> list[int]:
        """Return one column of one line item, hour by hour."""
        return [int(hour.funnel[place, FUNNEL.index(column)]) for hour in self.hours]

    def facts(self, kind: str) -> list[Any]:
        """Return the facts of a kind."""
        return [fact for fact in self.outcome.facts if fact.kind == kind]


def play(campaigns: Sequence[registry.Campaign], where: Market, seed: int = 1, workers: int = 1) -> Played:
    """Return what came of a run."""
    hours: list[Hour] = []
    booked = book(campaigns, where)
    with here(workers) as threads:
        outcome = simulate(where, booked, seed, hours.append, threads)
    return Played(booked, hours, outcome)
