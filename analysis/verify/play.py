"""Exact markets, run as `paceline simulate` runs any other, and kept in memory instead of in a database."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.booking.books import book_listings
from analysis.runs.played import PlayedRun, play_in_memory
from analysis.runs.playing import available_workers
from scenarios.loader import load

MORE = 1.005
"""Slots come by chance: markets are made a little larger, so that there are as many as were asked for."""
COLUMNS = ("line_item", "bid_micros", "price_micros", "slot_id", "viewer_id", "identity", "ts")
"""Of the events, what most checks look at."""


def play(
    auctions: int,
    bidders: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any] | None = None,
    *,
    campaigns: Sequence[Mapping[str, Any]] = (),
    columns: Sequence[str] = COLUMNS,
) -> PlayedRun:
    """Return what comes of the exact market with these *bidders*, *campaigns* and *settings* of the market.

    There are as many viewers as it takes for that many *auctions*, unless the settings say how many. Of the
    events only *columns* are kept.
    """
    given = {f"market.{path}": value for path, value in (settings or {}).items()}
    given |= {"bidders": list(bidders), "campaigns": list(campaigns)}
    written = [f"{path}={json.dumps(value)}" for path, value in given.items()]
    if "market.population.viewers" not in given:
        market = load("exact", written).scenario.market
        viewers = math.ceil(auctions * MORE / (market.days * market.viewing.breaks_a_day))
        written.append(f"market.population.viewers={viewers}")
    loaded = load("exact", written)
    book = book_listings(loaded.listings.values(), loaded.scenario.market)
    return play_in_memory(loaded.scenario, book, keep=columns, workers=available_workers(None))


def uniform(name: str = "Bidder", **terms: Any) -> dict[str, Any]:
    """Return a bidder whose values are uniform on [0, 1], who bids them truthfully unless *terms* differ."""
    return {"name": name, "valuation": "uniform", **terms}


def campaign(advertiser: str, name: str, *items: Mapping[str, Any]) -> dict[str, Any]:
    """Return a campaign of an *advertiser* over the exact market, of line items with money for every slot."""
    dates = {"start_date": "2026-11-02", "end_date": "2026-11-03"}
    terms = {"lifetime_budget": 10**9, "pacing": "asap"}
    found = {"name": name, **dates, "line_items": [{**terms, **item} for item in items]}
    return {"advertiser": {"name": advertiser}, "campaign": found}


def creative(seconds: int) -> dict[str, Any]:
    """Return a creative of so many *seconds*."""
    url = f"https://cdn.example.com/{seconds}.mp4"
    return {"asset_url": url, "name": f"{seconds} s", "mime_type": "mp4", "duration_s": seconds}
