"""The digest of a run's rows: the same bytes for the same market, whatever the database and the machine."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import polars as pl

from analysis.rows.columns import BookColumns
from analysis.rows.facts import canonical
from analysis.rows.performance import Rows
from sim.events import Fact


class Digest:
    """SHA-256 over the rows as they come and the facts, without run ids, database ids and ratios."""

    def __init__(self, columns: BookColumns) -> None:
        self._columns: dict[str, list[str]] = {}
        # A table without rows is not in the digest: what a market does not have leaves it as it was.
        self._tables: dict[str, hashlib._Hash] = {}
        # Rows name a creative by its rank in its line item; here is what those ranks stand for.
        creatives = [columns.creatives[at] for at in columns.creative_order]
        header = {
            "start": columns.start.timestamp(),
            "creatives": [[columns.line_items[each.line_item].key, each.name] for each in creatives],
            "devices": columns.words["device"],
            "placements": columns.words["placement"],
        }
        self._header = json.dumps(header, sort_keys=True)
        self._facts = hashlib.sha256()

    def update(self, rows: Rows) -> None:
        """Add the rows of the next hours; one by one or many at a time is the same."""
        for table, frame in zip(Rows._fields, rows, strict=True):
            self.add(table, frame)

    def add(self, table: str, frame: pl.DataFrame) -> None:
        """Add the next rows of one table."""
        if frame.is_empty():
            return
        numbers = _whole_numbers(frame)
        sha = self._tables.setdefault(table, hashlib.sha256())
        self._columns[table] = numbers.columns
        sha.update(numbers.to_numpy(order="c").astype("<i8", copy=False).tobytes())

    def facts(self, columns: BookColumns, facts: Iterable[Fact]) -> None:
        """Add what happened now and then, all of it; in which order it was noted is no part of the result."""
        for line in sorted(map(canonical(columns), facts)):
            self._facts.update(line.encode())

    def hexdigest(self) -> str:
        """Return the digest of the rows so far, 64 hexadecimal digits."""
        parts = {
            "header": self._header,
            "facts": self._facts.hexdigest(),
            "columns": self._columns,
            "rows": {table: sha.hexdigest() for table, sha in self._tables.items()},
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def combine(events: str, rows: str) -> str:
    """Return a run's digest from the digests of its events and of its rows, 64 hexadecimal digits."""
    return hashlib.sha256(f"events {events}\nrows {rows}\n".encode()).hexdigest()


def _whole_numbers(frame: pl.DataFrame) -> pl.DataFrame:
    # Enums become their codes and -1 stands for NULL; a 64-bit key keeps its bits.
    columns = []
    for name, dtype in frame.schema.items():
        if name.endswith("_id"):
            continue
        column = pl.col(name)
        if dtype == pl.UInt64:
            column = column.reinterpret(signed=True)
        elif dtype == pl.Enum:
            column = column.to_physical().cast(pl.Int64).fill_null(-1)
        columns.append(column.cast(pl.Int64))
    return frame.select(columns)
