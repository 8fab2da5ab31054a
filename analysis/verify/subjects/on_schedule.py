"""On schedule: the indicator of the performance rows.

Delivered over expected by now, of a lone bidder whose budget pays for a tenth of all slots.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from analysis.runs.played import ALL, PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.theory import schedules
from sim.units import MICROS

SHARDS = 4
"""Of the exact market. A goal goes to them in whole bids, so that a bid for each may come a tick later."""
EVEN = {"kind": "even", "ahead": 0}


def _market(size: int, days: int, pacing: Any, **settings: Any) -> tuple[PlayedRun, int]:
    budget = size // 10
    bidder = {"name": "Lone", "lifetime_budget": budget, "pacing": pacing}
    market = {"auction": "first_price", "days": days, **settings}
    given = {f"market.{path}": value for path, value in market.items()}
    return play(size, [bidder], given, columns=ALL), budget


def _indicator(
    market: PlayedRun, day: int, bound: float, exact: float = 1.0, hour: int | None = None
) -> rows.Row:
    name = f"indicator, end of day {day}" if hour is None else f"indicator, {hour}:00 of day {day}"
    found = market.performance_extended["osi"][24 * (day - 1) + (hour or 24) - 1]
    return rows.certain(name, exact, found, market.auctions, bound=bound)


@check("even, nothing ahead, over 4 days of flat traffic")
def _on_schedule(size: int) -> Iterator[rows.Row]:
    market, budget = _market(size, 4, EVEN)
    for day in (1, 3, 4):
        yield _indicator(market, day, SHARDS / (budget * day / 4))


@check("even as Google Ad Manager has it, 5 % ahead, over 10 days")
def _ahead(size: int) -> Iterator[rows.Row]:
    days = 10
    market, budget = _market(size, days, "even")
    delivered = list(itertools.accumulate(schedules.evenly(days, 0.05)))
    for day in (1, 5, 10):
        due = day / days
        yield _indicator(market, day, 2 * SHARDS / (budget * due), delivered[day - 1] / due)


@check("even over 4 days, paused for the third")
def _paused(size: int) -> Iterator[rows.Row]:
    changes = [
        {"at": "2026-11-04 00:00", "line_item": "Lone", "status": "paused"},
        {"at": "2026-11-05 00:00", "line_item": "Lone", "status": "active"},
    ]
    market, budget = _market(size, 4, EVEN, changes=changes)
    # Half is delivered when three quarters should have been.
    yield _indicator(market, 3, SHARDS / (budget * 3 / 4), 2 / 3)
    spent = market.total("spend_micros") / MICROS / budget
    yield rows.certain("spent in the end", 1.0, spent, market.auctions, bound=SHARDS / budget)


@check("by traffic, which is three times as much from noon on")
def _by_traffic(size: int) -> Iterator[rows.Row]:
    market, budget = _market(size, 4, "traffic_shaped", **{"viewing.hours": [1] * 12 + [3] * 12})
    for day, hour in ((1, 6), (1, 18), (3, 12)):
        # A quarter of a day's traffic comes before noon.
        due = (day - 1 + (hour / 48 if hour <= 12 else 1 / 4 + (hour - 12) / 16)) / 4
        yield _indicator(market, day, SHARDS / (budget * due), hour=hour)
