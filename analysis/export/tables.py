"""What is exported: the tables of a run, each with its rows and what its columns hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from analysis.rows.dictionary import entries, first, section
from analysis.rows.events import Entry
from analysis.rows.results import TABLES, Results
from entities import registry

LINE_ITEMS = "line_items"
_NAMES = {
    "line_item_id": "As the rows of the other tables have it; the number of the line item in its database.",
    "line_item": "Its name, or its path where another line item has that name: no two have the same.",
    "name": "Its name.",
    "campaign_id": "Its campaign.",
    "campaign": "The name of its campaign.",
    "advertiser": "The name of its advertiser.",
    "budget_micros": "Its own lifetime budget; NULL where it has none.",
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of an export."""

    name: str
    what: str
    entries: Sequence[Entry]
    keys: Sequence[str]
    """Of its rows."""
    rows: pl.DataFrame

    @property
    def section(self) -> str:
        """Return its part of the dictionary, Markdown."""
        return section(self.name, self.what, self.entries)


def tables_of(run: Results) -> Iterator[Table]:
    """Yield the tables of *run*, one in memory at a time, and then the names of the line items in them."""
    met = set[int]()
    for name in TABLES:
        rows = run.table(name)
        if name == "performance_extended":
            met = set(rows["line_item_id"])
        yield table_of(name, rows)
    rows = run.line_items.filter(pl.col("line_item_id").is_in(met)).select(*_NAMES)
    yield Table(LINE_ITEMS, "The line items that the rows are of.", _entries(rows), ["line_item_id"], rows)


def table_of(name: str, rows: pl.DataFrame) -> Table:
    """Return *rows* of a table of the database, with what its columns hold."""
    table = registry.Base.metadata.tables[name]
    model = next(model for model in registry.TABLES if model.__tablename__ == name)
    keys = [column.name for column in table.primary_key.columns]
    return Table(name, first(model.__doc__), entries(table), keys, rows)


def _entries(rows: pl.DataFrame) -> list[Entry]:
    kinds = {name: "TEXT" if dtype == pl.String else "INTEGER" for name, dtype in rows.schema.items()}
    units = {"budget_micros": "micros"}
    return [Entry(name, kinds[name], units.get(name, ""), _NAMES[name], "", "book") for name in rows.columns]
