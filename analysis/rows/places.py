"""Rows without a database: whom they are of by places in the book instead of ids, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl
from polars.exceptions import PolarsError

from analysis.rows.columns import BookColumns
from analysis.rows.frames import schema_of
from entities import registry

_PLACES = {
    "line_item_id": "line_item",
    "creative_id": "creative",
    "winner_line_item_id": "winner",
    "campaign_id": "campaign",
}
"""The column of places, by the column of ids that it stands for."""
_MADE = ("id", "run_id")
_OF_CREATIVE = {"performance": ("line_item_id", "campaign_id", "advertiser_id")}
"""What a table has of a row's creative, and the book says as well."""
_FACTS = "delivery_events"
_ORDER = ("hour_start", "line_item", "creative", "device", "placement")
"""The columns that tell a row from the others of its table."""


def placed_schema(name: str) -> dict[str, pl.DataType]:
    """Return the columns of a table whose rows are `placed`."""
    columns = registry.Base.metadata.tables[name].columns
    repeated = {*_MADE, *_OF_CREATIVE.get(name, ())}
    return {
        _PLACES.get(column, column): dtype
        for column, dtype in schema_of(name).items()
        if column not in repeated and columns[column].computed is None
    }


def placed(name: str, rows: pl.DataFrame, columns: BookColumns) -> pl.DataFrame:
    """Return *rows* of a table with places in *columns* for the ids of it, without what a database makes.

    ValueError for rows of whom is not in the book.
    """
    schema, ids = placed_schema(name), _ids(columns)
    if name == _FACTS:  # the campaign of a line item is in the book
        owned = pl.col("line_item_id").is_not_null()
        rows = rows.with_columns(pl.when(~owned).then("campaign_id").alias("campaign_id"))
    kept = [column for column in schema if column not in _PLACES.values()]
    named = [
        _mapped(has, ids[has], range(len(ids[has]))).alias(place)
        for has, place in _PLACES.items()
        if place in schema
    ]
    found = _selected(rows, [*kept, *named], schema)
    if "id" in schema_of(name):  # what is numbered has an order of its own
        return found
    # In an order that no database's ids decide.
    return found.sort([column for column in schema if column in _ORDER])


def identified(name: str, rows: pl.DataFrame, columns: BookColumns) -> pl.DataFrame:
    """Return rows that are `placed` with the ids that *columns* has for their places, as a table takes them.

    ValueError for a place that is not in the book.
    """
    ids, items = _ids(columns), columns.line_items
    owners = [items[creative.line_item] for creative in columns.creatives]
    owned = {
        "line_item_id": [item.id for item in owners],
        "campaign_id": [item.campaign_id for item in owners],
        "advertiser_id": [item.advertiser_id for item in owners],
    }
    named = {
        has: _mapped(place, range(len(ids[has])), ids[has])
        for has, place in _PLACES.items()
        if place in rows.columns
    }
    for column in _OF_CREATIVE.get(name, ()):
        named[column] = _mapped("creative", range(len(owners)), owned[column])
    if name == _FACTS:
        own = _mapped("line_item", range(len(items)), [item.campaign_id for item in items])
        named["campaign_id"] = pl.coalesce(own, named["campaign_id"])
    kept = [column for column in rows.columns if column not in _PLACES.values()]
    schema = {column: dtype for column, dtype in schema_of(name).items() if column in {*kept, *named}}
    return _selected(rows, [*kept, *(ids.alias(column) for column, ids in named.items())], schema)


def _ids(columns: BookColumns) -> dict[str, Sequence[int]]:
    items = [item.id for item in columns.line_items]
    creatives = [creative.id for creative in columns.creatives]
    own = {"line_item_id": items, "winner_line_item_id": items, "creative_id": creatives}
    return {**own, "campaign_id": columns.campaign_ids}


def _mapped(column: str, old: Iterable[int], new: Iterable[int]) -> pl.Expr:
    # Of NULL there is none on either side.
    pairs = dict(zip(old, new, strict=True))
    return pl.col(column).cast(pl.Int64).replace_strict({None: None, **pairs}, return_dtype=pl.Int64)


def _selected(
    rows: pl.DataFrame, expressions: Iterable[str | pl.Expr], schema: dict[str, pl.DataType]
) -> pl.DataFrame:
    try:
        found = rows.select(expressions)
        return found.select(pl.col(name).cast(dtype) for name, dtype in schema.items())
    except PolarsError:
        raise ValueError("has rows of whom the book has not, or other columns") from None
