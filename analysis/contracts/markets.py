"""A small market with one line item, by which a part is tried where it will live."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analysis.booking.books import book_scenario
from analysis.runs.played import PlayedRun, play_in_memory
from scenarios.loader import built
from sim.bidding import BiddingRule
from sim.pacing import PacingPolicy
from sim.units import MICROS

SHARDS, BUDGET_MICROS, MAX_BID_MICROS = 2, 60 * MICROS, 25_000
_ITEM = {"name": "item", "max_cpm": 25, "lifetime_budget": 60, "pacing": "asap"}


def played(
    pacing: PacingPolicy | None = None, bidding: BiddingRule | None = None, minutes: int = 60, **terms: Any
) -> PlayedRun:
    """Return the run of a line item with these policies and *terms*, with far more than it can buy."""
    market = {"days": 2, "shards": SHARDS, "tick_minutes": minutes, "ambient": "none"}
    loaded = built(
        {
            "name": "contract",
            "seed": 1,
            "bidders": [{**_ITEM, **terms}],
            "market": {**market, "population": {"viewers": 1500}},
        }
    )
    book = book_scenario(loaded)
    (item,) = book.line_items
    item = replace(item, pacing=pacing or item.pacing, bidding=bidding or item.bidding)
    return play_in_memory(loaded.scenario, replace(book, line_items=(item,)), listings=loaded.listings)
