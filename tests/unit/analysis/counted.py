"""Rows of a run written by hand: what is not said is 0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import polars as pl

from analysis.rows.frames import schema_of
from analysis.rows.results import LINE_ITEMS

START = datetime(2026, 11, 2, 5, tzinfo=UTC)


def counted(*rows: dict[str, Any], names: tuple[str, ...] = ("A", "B"), **more: Any) -> Any:
    """Return a run of the line items *names*, numbered from 1, whose hours are *rows*.

    A row says `item` (1 by default), `hour` from the start, and columns of `performance_extended`.
    """
    schema = schema_of("performance_extended")
    zeros = {name: 0 if dtype.is_numeric() else None for name, dtype in schema.items()}
    hours = [
        zeros
        | {"run_id": "r", "line_item_id": row.pop("item", 1)}
        | {"hour_start": START + timedelta(hours=row.pop("hour", 0))}
        | row
        for row in map(dict, rows)
    ]
    items = [(at, name, at, f"C{at}", "Ad", 10**9) for at, name in enumerate(names, 1)]
    line_items = pl.DataFrame(items, schema=LINE_ITEMS, orient="row").with_columns(line_item=pl.col("name"))
    return SimpleNamespace(
        performance_extended=pl.DataFrame(hours, schema=schema),
        line_items=line_items,
        **more,
    )
