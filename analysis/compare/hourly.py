"""Where two runs part: the first hour, line item and column, and the hours that differ most."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import polars as pl

from analysis.rows.results import Results

_KEY = ("hour_start", "line_item")
_SUPPLY_KEY = ("hour_start", "device", "placement")


class Parting(NamedTuple):
    """The first value that differs."""

    hour_start: datetime
    """UTC."""
    line_item: str
    """Its path of names."""
    column: str
    """Of `performance_extended`."""
    first: int | None
    """None where there is no such row."""
    second: int | None


def by_hour(run: Results, paths: set[str], hours: tuple[datetime, datetime]) -> pl.DataFrame:
    """Return the whole numbers of `performance_extended`, of some line items in some hours, by name.

    hour_start, line_item (path of names), and every Int64 column but the ids.
    """
    named = [(item.id, item.path) for item in run.book.line_items if item.path in paths]
    names = pl.DataFrame(named, schema={"line_item_id": pl.Int64, "line_item": pl.String}, orient="row")
    rows = run.performance_extended.filter(_within(hours)).join(names, on="line_item_id")
    return rows.select(*_KEY, pl.col(pl.Int64).exclude("line_item_id")).sort(_KEY)


def parting(one: pl.DataFrame, other: pl.DataFrame) -> Parting | None:
    """Return where two frames of `by_hour` first differ: by hour, line item and column, in this order."""
    columns = [name for name in one.columns if name not in _KEY]
    both = _side_by_side(one, other, _KEY)
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_other")) for name in columns)
    found = both.filter(differs).sort(_KEY).head(1).to_dicts()
    for row in found:
        column = next(name for name in columns if row[name] != row[f"{name}_other"])
        return Parting(row["hour_start"], row["line_item"], column, row[column], row[f"{column}_other"])
    return None


def supply_parts(one: Results, other: Results, hours: tuple[datetime, datetime]) -> datetime | None:
    """Return the first hour in which other slots were on offer; None where they are the same in all."""
    first, second = (
        run.inventory.filter(_within(hours)).select(*_SUPPLY_KEY, "avails") for run in (one, other)
    )
    both = _side_by_side(first, second, _SUPPLY_KEY)
    differs = both.filter(pl.col("avails").ne_missing(pl.col("avails_other")))
    found: datetime | None = differs.select(pl.col("hour_start").min()).item()
    return found


def largest(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """Return the hours in which spend differs, the largest difference first.

    hour_start (UTC); spend_micros, impressions and the same with `_other`, of all line items;
    differing_micros, the sum of what each line item spent more or less; line_item, who has most of that, and
    its item_spend_micros, item_spend_micros_other.
    """
    both = _side_by_side(one, other, _KEY).with_columns(pl.col(pl.Int64).fill_null(0))
    both = both.with_columns(differing_micros=(pl.col("spend_micros_other") - pl.col("spend_micros")).abs())
    most = both.sort("differing_micros", "line_item", descending=[True, False]).group_by("hour_start")
    sums = ("spend_micros", "spend_micros_other", "impressions", "impressions_other", "differing_micros")
    item = ("spend_micros", "spend_micros_other")
    return (
        both.group_by("hour_start")
        .agg(pl.col(*sums).sum())
        .join(
            most.agg(pl.first("line_item"), *(pl.first(name).alias(f"item_{name}") for name in item)),
            on="hour_start",
        )
        .filter(pl.col("differing_micros") > 0)
        .sort("differing_micros", "hour_start", descending=[True, False])
    )


def _within(hours: tuple[datetime, datetime]) -> pl.Expr:
    return pl.col("hour_start").is_between(*hours, closed="left")


def _side_by_side(one: pl.DataFrame, other: pl.DataFrame, key: tuple[str, ...]) -> pl.DataFrame:
    return one.join(other, on=key, how="full", suffix="_other", coalesce=True)
