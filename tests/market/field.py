"""Scenarios of what goes wrong in the field, played in memory for tests to hold against arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from entities import registry
from scenarios.loader import load
from scenarios.models import Listing, Scenario
from sim.market.market import Market
from tests.bookings import Played, play


def field(name: str, *settings: str) -> tuple[Played, Market]:
    """Return what came of the scenario `field-NAME` with *settings*, and its market."""
    scenario = load(f"field-{name}", settings).scenario
    return play(campaigns(scenario), scenario.market, seed=scenario.seed), scenario.market


def campaigns(scenario: Scenario) -> list[registry.Campaign]:
    """Return the campaigns of *scenario*, unsaved."""
    return [_row(listing) for listing in scenario.campaigns]


def _row(listing: Listing) -> registry.Campaign:
    row = listing.campaign.row()
    row.advertiser = listing.advertiser.row()
    return row


def place(played: Played, name: str) -> int:
    """Return where in the book the line item of that name is."""
    return [item.name for item in played.book.line_items].index(name)


def spend(played: Played, name: str) -> NDArray[np.int64]:
    """Return what a line item spent hour by hour, micros."""
    return np.array(played.by_hour(place(played, name), "spend_micros"), np.int64)


def billed(played: Played, name: str) -> NDArray[np.void]:
    """Return the billed impressions of a line item as EVENT records."""
    events = np.concatenate([hour.events for hour in played.hours])
    mine = events[events["line_item"] == place(played, name)]
    return mine[(mine["rendered"] == 1) & (mine["invalid"] == 0)]


def facts(played: Played, kind: str) -> list[tuple[str, int, str]]:
    """Return the facts of a kind: whose, the second, and the detail."""
    items, campaigns = played.book.line_items, played.book.campaigns
    return [
        (
            campaigns[fact.campaign].name if fact.line_item is None else items[fact.line_item].name,
            fact.second,
            fact.detail,
        )
        for fact in played.facts(kind)
    ]


def local(where: Market, zone: str, seconds: Sequence[int] | NDArray[np.integer]) -> list[datetime]:
    """Return moments, in seconds from the start, on the wall clock of *zone*."""
    start = where.horizon.start.astimezone(UTC)
    return [(start + timedelta(seconds=int(second))).astimezone(ZoneInfo(zone)) for second in seconds]


def exposures(events: NDArray[np.void]) -> Counter[int]:
    """Return how many of *events* each viewer met."""
    return Counter(events["viewer_id"].tolist())
