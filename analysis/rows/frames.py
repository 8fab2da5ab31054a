"""A run's rows as frames: the same columns and dtypes from hours in memory as from the database."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import zip_longest
from typing import Any, cast

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.rows.columns import BookColumns
from analysis.rows.facts import fact_rows
from analysis.rows.performance import CANONICAL
from entities import registry
from sim.events import Fact

_OWN = ("id", "run_id")
_TABLES = registry.Base.metadata.tables
_BY_A_NUMBER = re.compile(r"CAST\((\w+) AS DOUBLE PRECISION\) / NULLIF\((\d+), 0\)")
# Polars multiplies with the reciprocal of a number, another float in the last bit; it divides by columns.
_BY_A_COLUMN = r"CAST(\1 AS DOUBLE PRECISION) / NULLIF(\2 + 0 * \1, 0)"
_MOMENTS = ("hour_start", "ts", "start", "started_at", "finished_at")


def schema_of(name: str) -> dict[str, pl.DataType]:
    """Return the columns of a table: Int64 counts and micros, Float64 ratios, UTC times, words as String."""
    return {column.name: _dtype(column.name, column.type.python_type) for column in _TABLES[name].columns}


def stored(session: Session, name: str, run_id: str, line_item_id: int | None = None) -> pl.DataFrame:
    """Return a run's rows of a table as they are stored, in the order of its key; or those of a line item."""
    table = _TABLES[name]
    query = select(table).where(table.c.run_id == run_id).order_by(*table.primary_key.columns)
    if line_item_id is not None:
        query = query.where(table.c.line_item_id == line_item_id)
    return frame(session.execute(query), schema_of(name))


def counted(name: str, rows: pl.DataFrame, run_id: str) -> pl.DataFrame:
    """Return what *rows* of a run, as `Tally.dated` leaves them, are in the database that stores them."""
    table = _TABLES[name]
    # The formulas of generated columns are the table's own.
    ratios = [
        pl.sql_expr(_BY_A_NUMBER.sub(_BY_A_COLUMN, str(column.computed.sqltext))).alias(column.name)
        for column in table.columns
        if column.computed is not None
    ]
    if "id" in table.columns:
        rows = rows.with_row_index("id", 1)
    return (
        rows.drop(CANONICAL, strict=False)
        .with_columns(pl.lit(run_id).alias("run_id"), *ratios)
        .select(pl.col(column).cast(dtype) for column, dtype in schema_of(name).items())
        .sort([column.name for column in table.primary_key.columns])
    )


def facts(columns: BookColumns, run_id: str, found: Iterable[Fact]) -> pl.DataFrame:
    """Return the rows of `delivery_events` that the facts of a run become, numbered from 1."""
    numbered = [{"id": number, **row} for number, row in enumerate(fact_rows(columns, run_id, found), 1)]
    return pl.DataFrame(numbered, schema=schema_of("delivery_events"))


def first_difference(name: str, then: pl.DataFrame, now: pl.DataFrame) -> str:
    """Return where the rows of a table first differ, *then* from *now*, in words; nothing where they do not.

    Numbers of rows in a database do not count, nor does the run.
    """
    one, other = (each.drop(_OWN, strict=False) for each in (then, now))
    if one.equals(other):
        return ""
    key = [column.name for column in _TABLES[name].primary_key.columns if column.name not in _OWN]
    pairs = zip_longest(one.iter_rows(named=True), other.iter_rows(named=True))
    for number, (was, comes) in enumerate(pairs, 1):
        if was == comes:
            continue
        old, new = ([row[each] for each in key] if row else None for row in (was, comes))
        # What happens now and then has no key, and goes by its place.
        first = min(filter(None, (old, new)), default=[])
        place = (
            ", ".join(f"{each} {value}" for each, value in zip(key, first, strict=True)) or f"row {number}"
        )
        if comes and (was is None or (new or []) < (old or [])):
            return f"{name}, {place}: there is no such row"
        if was and (comes is None or (old or []) < (new or [])):
            return f"{name}, {place}: comes out no more"
        column = next(each for each in was or () if was[each] != comes[each])
        return f"{name}, {place}: {column} is {was[column]}, and comes out as {comes[column]}"
    return ""


def frame(rows: Iterable[object], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """Return *rows* of a query as a frame."""
    return pl.DataFrame([tuple(cast("tuple[object, ...]", row)) for row in rows], schema=schema, orient="row")


def _dtype(name: str, kind: type[Any]) -> pl.DataType:
    # Times are kept as text, so that the column's own type says nothing about them.
    if name in _MOMENTS:
        return pl.Datetime("us", "UTC")
    if name == "date":
        return pl.Date()
    return {int: pl.Int64(), float: pl.Float64()}.get(kind, pl.String())
