"""A run's rows as frames: the same columns and dtypes from hours in memory as from the database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from analysis.rows.performance import CANONICAL
from entities import registry

_TABLES = registry.Base.metadata.tables
_MOMENTS = ("hour_start", "ts", "start", "started_at", "finished_at")


def schema_of(name: str) -> dict[str, pl.DataType]:
    """Return the columns of a table: Int64 counts and micros, Float64 ratios, UTC times, words as String."""
    return {column.name: _dtype(column.name, column.type.python_type) for column in _TABLES[name].columns}


def stored(session: Session, name: str, run_id: str) -> pl.DataFrame:
    """Return a run's rows of a table as they are stored, in the order of its key."""
    table = _TABLES[name]
    query = select(table).where(table.c.run_id == run_id).order_by(*table.primary_key.columns)
    return frame(session.execute(query), schema_of(name))


def counted(name: str, rows: pl.DataFrame, run_id: str) -> pl.DataFrame:
    """Return what *rows* of a run, as `Tally.dated` leaves them, are in the database that stores them."""
    table = _TABLES[name]
    # The formulas of generated columns are the table's own.
    ratios = [
        pl.sql_expr(str(column.computed.sqltext)).alias(column.name)
        for column in table.columns
        if column.computed is not None
    ]
    return (
        rows.drop(CANONICAL, strict=False)
        .with_columns(pl.lit(run_id).alias("run_id"), *ratios)
        .select(pl.col(column).cast(dtype) for column, dtype in schema_of(name).items())
        .sort([column.name for column in table.primary_key.columns])
    )


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
