"""Exact markets, run as `paceline simulate` runs any other, and kept in memory instead of in a database."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.simulate import available_workers
from entities import registry
from scenarios.loader import load
from scenarios.models import Listing, Scenario
from sim.book.booking import book_of
from sim.book.records import Book
from sim.engine.executors import executor
from sim.engine.run import Outcome, simulate
from sim.events import FUNNEL, INVENTORY, Hour
from sim.units import MICROS

MORE = 1.005
"""Slots come by chance: markets are made a little larger, so that there are as many as were asked for."""
COLUMNS = ("line_item", "bid_micros", "price_micros")


@dataclass
class Played:
    """What came of a market; the columns of its events, and its hours without them."""

    scenario: Scenario
    book: Book
    outcome: Outcome
    events: Mapping[str, NDArray[Any]]
    """The columns that were asked for, won slots in order."""
    hours: Sequence[Hour] = field(repr=False)
    """All hours; their events are left out."""

    @cached_property
    def auctions(self) -> int:
        """Return how many slots were offered."""
        return self.supply("avails")

    @cached_property
    def funnel(self) -> NDArray[np.int64]:
        """Return the funnel of the whole run, line items × FUNNEL, in the order of the book."""
        total: NDArray[np.int64] = np.sum([hour.funnel for hour in self.hours], axis=0)
        return total

    def supply(self, column: str) -> int:
        """Return one sum of the supply side, by its name in INVENTORY."""
        return sum(supply_of(hour, column) for hour in self.hours)

    def total(self, column: str) -> int:
        """Return one sum of the funnel over all line items, by its name in FUNNEL."""
        return int(self.funnel[:, FUNNEL.index(column)].sum())

    def of(self, name: str, column: str) -> int:
        """Return one sum of the line item of that name."""
        return int(self.funnel[self.place(name), FUNNEL.index(column)])

    def place(self, name: str) -> int:
        """Return where the line item of that name stands in the book."""
        return [item.name for item in self.book.line_items].index(name)

    def money(self, column: str, name: str | None = None) -> NDArray[np.float64]:
        """Return a column of micros in whole units of currency, of all wins or of those of one line item."""
        values = self.events[column] / MICROS
        picked: NDArray[np.float64] = (
            values if name is None else values[self.events["line_item"] == self.place(name)]
        )
        return picked


def supply_of(hour: Hour, column: str) -> int:
    """Return one sum of the supply side in one hour, by its name in INVENTORY."""
    return int(hour.inventory[..., INVENTORY.index(column)].sum())


def play(
    auctions: int,
    bidders: Sequence[Mapping[str, Any]],
    settings: Mapping[str, Any] | None = None,
    *,
    base: str = "exact",
    columns: Sequence[str] = COLUMNS,
    sink: Callable[[Hour], None] = lambda _: None,
) -> Played:
    """Return what comes of the market *base* with these *bidders* and *settings*, as `--set` has them.

    There are as many viewers as it takes for that many *auctions*, unless the settings say how many. The
    *sink* is given every hour, its events included.
    """
    given = {"bidders": list(bidders), **(settings or {})}
    written = [f"{path}={json.dumps(value)}" for path, value in given.items()]
    if "market.population.viewers" not in given:
        market = load(base, written).scenario.market
        viewers = math.ceil(auctions * MORE / (market.days * market.viewing.breaks_a_day))
        written.append(f"market.population.viewers={viewers}")
    loaded = load(base, written)
    scenario = loaded.scenario
    book = book_of(_line_items(loaded.listings.values()), scenario.market)
    parts: list[NDArray[np.void]] = []
    hours: list[Hour] = []

    def keep(hour: Hour) -> None:
        sink(hour)
        parts.append(hour.events[list(columns)].copy())
        hours.append(hour._replace(events=hour.events[:0]))

    with executor(available_workers(None)) as threads:
        outcome = simulate(scenario.market, book, scenario.seed, keep, threads)
    won = {name: np.concatenate([part[name] for part in parts]) for name in columns}
    return Played(scenario, book, outcome, won, hours)


def _line_items(listings: Iterable[Listing]) -> list[registry.LineItem]:
    numbers = itertools.count(1)
    found: list[registry.LineItem] = []
    for listing in listings:
        campaign = listing.campaign.row()
        campaign.advertiser = listing.advertiser.row()
        # No database numbers them, and performance rows name everything by its number.
        campaign.id, campaign.advertiser.id = next(numbers), next(numbers)
        for item in campaign.line_items:
            item.id = next(numbers)
            for creative in item.creatives:
                creative.id = next(numbers)
        found += campaign.line_items
    return found
