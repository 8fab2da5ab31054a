"""On schedule.

What is delivered by when, read from the performance rows; the on-schedule indicator is delivered over
expected.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import polars as pl

from analysis.performance import Tally
from analysis.runs import columns_of
from analysis.verify import rows
from analysis.verify.play import Played, play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import schedule

SHARDS = 4
"""Of the exact market. A goal goes to them in whole bids, so that a bid for each may come a tick later."""


def checks() -> Iterator[Check]:
    """Yield the checks of a lone bidder whose budget, a tenth of all slots, is paced."""
    yield Check("even, nothing ahead, over 4 days of flat traffic", _on_schedule)
    yield Check("even as Google Ad Manager has it, 5 % ahead, over 10 days", _ahead)
    yield Check("even over 4 days, paused for the third", _paused)
    yield Check("front-loaded over 4 days", _front_loaded)
    yield Check("by traffic, three times as much from noon on", partial(_by_traffic, 3))


def _market(size: int, days: int, pacing: Any, **settings: Any) -> tuple[Played, int]:
    budget = size // 10
    bidder = {"name": "Lone", "lifetime_budget": budget, "pacing": pacing}
    whole = {"market.auction": "first_price", "market.days": days}
    return play(size, [bidder], whole | {f"market.{path}": value for path, value in settings.items()}), budget


def _rows(market: Played) -> pl.DataFrame:
    tally = Tally(columns_of(market.book, market.scenario))
    told = pl.concat([tally.add(hour).performance_extended for hour in market.hours])
    return told.with_columns(osi=pl.col("delivered_cum_micros") / pl.col("expected_cum_micros"))


def _on_schedule(size: int) -> Iterator[Row]:
    market, budget = _market(size, 4, {"kind": "even", "ahead": 0})
    told = _rows(market)
    for day in (1, 3, 4):
        osi = told["osi"][24 * day - 1]
        bound = SHARDS / (budget * day / 4)
        yield rows.certain(f"on-schedule indicator, end of day {day}", 1.0, osi, market.auctions, bound=bound)


def _ahead(size: int) -> Iterator[Row]:
    days = 10
    market, budget = _market(size, days, "even")
    delivered = [0, *(_rows(market)["delivered_cum_micros"][23::24] / 1_000_000)]
    for day, exact in enumerate(schedule.even_by_day(days, 0.05)):
        if day in (0, 1, 4, 9):
            share = (delivered[day + 1] - delivered[day]) / budget
            name = f"share of the budget on day {day + 1}"
            yield rows.certain(name, exact, share, market.auctions, bound=2 * SHARDS / budget)


def _paused(size: int) -> Iterator[Row]:
    changes = [
        {"at": "2026-11-04 00:00", "line_item": "Lone", "status": "paused"},
        {"at": "2026-11-05 00:00", "line_item": "Lone", "status": "active"},
    ]
    market, budget = _market(size, 4, {"kind": "even", "ahead": 0}, changes=changes)
    # Half is delivered when three quarters should have been.
    osi = _rows(market)["osi"][24 * 3 - 1]
    bound = SHARDS / (budget * 3 / 4)
    yield rows.certain("on-schedule indicator, end of day 3", 2 / 3, osi, market.auctions, bound=bound)
    spent = market.of("Lone", "spend_micros") / 1_000_000 / budget
    yield rows.certain("spent in the end", 1.0, spent, market.auctions, bound=SHARDS / budget)


def _front_loaded(size: int) -> Iterator[Row]:
    market, budget = _market(size, 4, {"kind": "front_loaded", "half": 0.25})
    share = _rows(market)["delivered_cum_micros"][47] / 1_000_000 / budget
    exact = schedule.front_loaded_by_half(0.25)
    yield rows.certain(
        "share of the budget in the first half", exact, share, market.auctions, bound=2 * SHARDS / budget
    )


def _by_traffic(times: int, size: int) -> Iterator[Row]:
    settings = {"viewing.hours": [1] * 12 + [times] * 12}
    market, budget = _market(size, 4, "traffic_shaped", **settings)
    told = _rows(market)
    by_noon = told["delivered_cum_micros"][11] / 1_000_000 / (budget / 4)
    bound = 2 * SHARDS / (budget / 4)
    yield rows.certain(
        "share of the day's goal by noon", 1 / (1 + times), by_noon, market.auctions, bound=bound
    )
    osi = told["osi"][24 * 2 + 11]
    bound = SHARDS / (budget / 2)
    yield rows.certain("on-schedule indicator, noon of day 3", 1.0, osi, market.auctions, bound=bound)
