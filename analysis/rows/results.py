"""What a run leaves behind: its scenario, its book and its tables, from which all else is derived."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from functools import cached_property
from typing import Annotated

import polars as pl
from pydantic import AfterValidator

from analysis.rows.columns import BookColumns, columns_of
from analysis.rows.facts import facts_of
from analysis.rows.performance import Rows
from scenarios.models import Scenario
from sim.book.records import Book
from sim.events import Fact
from sim.market.market import Market

TABLES = (*Rows._fields, "delivery_events")
"""The tables that have rows of a run."""
TableName = Annotated[str, AfterValidator(TABLES.index), f"one of {', '.join(TABLES)}"]


class Results(ABC):
    """The results of a run; frames are made on first use and kept.

    Columns and dtypes are those of `entities/TABLES.md`, wherever the run comes from.
    """

    run_id: str

    @property
    @abstractmethod
    def scenario(self) -> Scenario:
        """Return the scenario, defaults and overrides included; InputError where it cannot be read."""

    @property
    @abstractmethod
    def book(self) -> Book:
        """Return what was sold, with the ids of this run's rows."""

    @property
    @abstractmethod
    def digest(self) -> str:
        """Return the digest of all events and rows, 64 hexadecimal digits: equal digests, equal runs."""

    @property
    @abstractmethod
    def line_items(self) -> pl.DataFrame:
        """Return who could bid: LINE_ITEMS, and line_item, a name that no two of them have."""

    @abstractmethod
    def table(self, name: TableName) -> pl.DataFrame:
        """Return the rows of one of the tables of `entities/TABLES.md`, in the order of its key."""

    def rows_of(self, name: TableName, line_item_id: int) -> pl.DataFrame:
        """Return the rows that one line item has in one of the tables, in the order of its key."""
        return self.table(name).filter(pl.col("line_item_id") == line_item_id)

    @property
    def market(self) -> Market:
        """Return the market of the scenario."""
        return self.scenario.market

    @cached_property
    def columns(self) -> BookColumns:
        """Return the book as the aggregation sees it."""
        return columns_of(self.book, self.scenario)

    @cached_property
    def paths(self) -> list[str]:
        """Return `advertiser / campaign / line item` by position in the book."""
        return [item.path for item in self.book.line_items]

    @cached_property
    def performance(self) -> pl.DataFrame:
        """Return what was shown, watched and spent, by hour and creative."""
        return self.table("performance")

    @cached_property
    def performance_extended(self) -> pl.DataFrame:
        """Return the funnel, prices, reach and pacing, by hour and line item."""
        return self.table("performance_extended")

    @cached_property
    def inventory(self) -> pl.DataFrame:
        """Return the slots on offer and who filled them, by hour, device and placement."""
        return self.table("inventory_hourly")

    @cached_property
    def conversions(self) -> pl.DataFrame:
        """Return what viewers did afterwards, by hour and line item; empty unless the market has any."""
        return self.table("conversions_hourly")

    @cached_property
    def contention(self) -> pl.DataFrame:
        """Return how many bids each line item lost to whom, by UTC day; see `delivery.report.contention`."""
        return self.table("contention_daily").drop("id")

    @cached_property
    def delivery_events(self) -> pl.DataFrame:
        """Return the rows of what happened now and then: a flight began, a budget ran out."""
        return self.table("delivery_events").drop("id")

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """Return the same as records, whose line items and campaigns are positions in the book."""
        return tuple(facts_of(self.columns, self.delivery_events))


def fingerprint(scenario: Scenario, book: Book) -> str:
    """Return what names an experiment by its content: SHA-256 of the scenario and the resolved book."""
    text = scenario.model_dump_json(exclude={"name", "description"}) + book.text
    return hashlib.sha256(text.encode()).hexdigest()


LINE_ITEMS: dict[str, pl.DataType] = {
    "line_item_id": pl.Int64(),
    "name": pl.String(),
    "campaign_id": pl.Int64(),
    "campaign": pl.String(),
    "advertiser": pl.String(),
    "budget_micros": pl.Int64(),
}
"""The columns of `Results.line_items`, but for the name that tells a line item from all others."""
