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
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import schedules

SHARDS = 4
"""Of the exact market. A goal goes to them in whole bids, so that a bid for each may come a tick later."""


def checks() -> Iterator[Check]:
    """Yield a check for each way to be on schedule or off it."""
    yield Check("even, nothing ahead, over 4 days of flat traffic", _on_schedule)
    yield Check("even as Google Ad Manager has it, 5 % ahead, over 10 days", _ahead)
    yield Check("even over 4 days, paused for the third", _paused)
    yield Check("by traffic, which is three times as much from noon on", _by_traffic)


def _market(size: int, days: int, pacing: Any, **settings: Any) -> tuple[PlayedRun, int]:
    budget = size // 10
    bidder = {"name": "Lone", "lifetime_budget": budget, "pacing": pacing}
    whole = {"market.auction": "first_price", "market.days": days}
    whole |= {f"market.{path}": value for path, value in settings.items()}
    return play(size, [bidder], whole, columns=ALL), budget


def _on_schedule(size: int) -> Iterator[Row]:
    market, budget = _market(size, 4, {"kind": "even", "ahead": 0})
    osi = market.performance_extended["osi"]
    for day in (1, 3, 4):
        bound = SHARDS / (budget * day / 4)
        yield rows.certain(
            f"indicator, end of day {day}", 1.0, osi[24 * day - 1], market.auctions, bound=bound
        )


def _ahead(size: int) -> Iterator[Row]:
    days = 10
    market, budget = _market(size, days, "even")
    osi = market.performance_extended["osi"]
    delivered = list(itertools.accumulate(schedules.evenly(days, 0.05)))
    for day in (1, 5, 10):
        due = day / days
        name, bound = f"indicator, end of day {day}", 2 * SHARDS / (budget * due)
        exact = delivered[day - 1] / due
        yield rows.certain(name, exact, osi[24 * day - 1], market.auctions, bound=bound)


def _paused(size: int) -> Iterator[Row]:
    changes = [
        {"at": "2026-11-04 00:00", "line_item": "Lone", "status": "paused"},
        {"at": "2026-11-05 00:00", "line_item": "Lone", "status": "active"},
    ]
    market, budget = _market(size, 4, {"kind": "even", "ahead": 0}, changes=changes)
    # Half is delivered when three quarters should have been.
    osi, bound = market.performance_extended["osi"][24 * 3 - 1], SHARDS / (budget * 3 / 4)
    yield rows.certain("indicator, end of day 3", 2 / 3, osi, market.auctions, bound=bound)
    spent = market.total("spend_micros", "Lone") / 1_000_000 / budget
    yield rows.certain("spent in the end", 1.0, spent, market.auctions, bound=SHARDS / budget)


def _by_traffic(size: int) -> Iterator[Row]:
    settings = {"viewing.hours": [1] * 12 + [3] * 12}
    market, budget = _market(size, 4, "traffic_shaped", **settings)
    osi = market.performance_extended["osi"]
    for day, hour in ((1, 6), (1, 18), (3, 12)):
        # A quarter of a day's traffic comes before noon.
        due = (day - 1 + (hour / 48 if hour <= 12 else 1 / 4 + (hour - 12) / 16)) / 4
        name, bound = f"indicator, {hour}:00 of day {day}", SHARDS / (budget * due)
        yield rows.certain(name, 1.0, osi[24 * (day - 1) + hour - 1], market.auctions, bound=bound)
