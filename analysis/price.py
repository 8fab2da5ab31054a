"""What a run will cost before it is run: seconds, memory and disk, from lines fitted to measured runs.

The lines are in `price.json`, with the runs that they were fitted to; `python -m analysis.price_fit` measures
and fits anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from analysis.runs.simulate import available_workers
from entities import registry
from scenarios.models import Scenario
from sim.book.book import Book

FILE = Path(__file__).with_suffix(".json")
DEVICES_AND_PLACEMENTS = len(registry.DeviceType) * len(registry.Placement)


@dataclass(frozen=True, slots=True)
class Price:
    """What a run takes."""

    seconds: float
    memory_bytes: int
    disk_bytes: int
    """How much the database, and the folder of events, grow."""


def predict(scenario: Scenario, book: Book, *, workers: int, events: bool) -> Price:
    """Return what a run will take on a machine like the one of the measurements, once it is compiled."""
    busy = min(workers, available_workers(None))  # more threads than processors are no faster
    size, lines = size_of(scenario, book, workers=busy, events=events), fitted()
    return Price(
        seconds=priced(lines["seconds"], size),
        memory_bytes=round(priced(lines["memory_bytes"], size)),
        disk_bytes=round(priced(lines["disk_bytes"], size)),
    )


@cache
def fitted() -> dict[str, dict[str, float]]:
    """Return the fitted lines: for each of a price's parts, how much each part of a size adds."""
    return dict(json.loads(FILE.read_text(encoding="utf-8"))["lines"])


def priced(line: Mapping[str, float], size: Mapping[str, float]) -> float:
    """Return what a run of that size takes by that line."""
    return sum(each * size[name] for name, each in line.items())


def size_of(scenario: Scenario, book: Book, *, workers: int, events: bool) -> dict[str, float]:
    """Return what the price of a run depends on."""
    market = scenario.market
    hours, ticks, viewers = market.horizon.hours, market.ticks_per_hour, market.population.viewers
    in_flight = [_hours(item.flights, hours) for item in book.line_items]
    auctions = _auctions(scenario)
    each = len(registry.DeviceType) if market.identity.counted_by == "device" else 1
    threads = min(workers, market.shards)
    return {
        "one": 1.0,
        "auctions": auctions,
        "auctions_a_thread": auctions / threads,
        # How many line items an auction has to look at, on average.
        "looks_a_thread": auctions / threads * sum(in_flight) / hours,
        "auctions_a_tick": auctions / (hours * ticks),
        "plans": float(sum(in_flight) * ticks),
        "shard_ticks": float(hours * ticks * market.shards),
        "viewers": float(viewers),
        "counters": float(viewers * (len(book.line_items) + 4 * each * len(book.caps))),
        "creative_hours": float(sum(in_flight[one.line_item] for one in book.creatives)),
        "line_item_hours": float(sum(in_flight)),
        "market_hours": float(hours * DEVICES_AND_PLACEMENTS),
        "events": auctions if events else 0.0,
    }


def _hours(flights: Any, horizon: int) -> int:
    return sum(max(min(last, horizon) - max(first, 0), 0) for first, last in flights)


def _auctions(scenario: Scenario) -> float:
    """Return about how many slots are offered: the breaks met, or the viewing hours, times their slots."""
    market = scenario.market
    pods, title = market.pods, market.content.title_minutes
    if market.viewing.exposure == "poisson":
        breaks_met = market.population.viewers * market.viewing.breaks_a_day * market.days
        return float(breaks_met * pods.mean_ads(pods.places[0]))
    breaks = (title - 1) // pods.mid_roll_every_minutes
    pre_roll, mid_roll = pods.places
    a_title = pre_roll.share * pods.mean_ads(pre_roll) + breaks * mid_roll.share * pods.mean_ads(mid_roll)
    viewing = market.population.viewers * market.population.hours_a_month * 12 / 365 * market.days
    return float(viewing * a_title * 60 / title)
