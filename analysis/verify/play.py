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
from sim.events import Sink

MORE = 1.005
"""Slots come by chance: markets are made a little larger, so that there are as many as were asked for."""
COLUMNS = ("line_item", "bid_micros", "price_micros")


def play(
    auctions: int,
    bidders: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any] | None = None,
    *,
    base: str = "exact",
    columns: Sequence[str] = COLUMNS,
    sinks: Sequence[Sink] = (),
) -> PlayedRun:
    """Return what comes of the market *base* with these *bidders* and *settings*, as `--set` has them.

    There are as many viewers as it takes for that many *auctions*, unless the settings say how many. Of the
    events only *columns* are kept; the *sinks* take every hour with all of them.
    """
    given = {"bidders": list(bidders), **(settings or {})}
    written = [f"{path}={json.dumps(value)}" for path, value in given.items()]
    if "market.population.viewers" not in given:
        market = load(base, written).scenario.market
        viewers = math.ceil(auctions * MORE / (market.days * market.viewing.breaks_a_day))
        written.append(f"market.population.viewers={viewers}")
    loaded = load(base, written)
    book = book_listings(loaded.listings.values(), loaded.scenario.market)
    workers = available_workers(None)
    return play_in_memory(loaded.scenario, book, *sinks, keep=columns, workers=workers)
