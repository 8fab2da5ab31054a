"""The digest of a run, counted from what is stored: the rows in the database and the events on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.columns import BookColumns
from analysis.rows.digest import Digest
from analysis.rows.facts import facts_of, known_facts
from analysis.rows.performance import CANONICAL, Rows, Tally
from entities import registry
from sim.events import EVENT, FREQUENCY_BUCKETS, FUNNEL, INVENTORY, Hour, Pacing, events_digest


class EventsDigest:
    """SHA-256 of events as the engine takes it: tick by tick, and in each the shards in their order.

    *homes* are the viewers of each shard.
    """

    def __init__(self, homes: Sequence[NDArray[np.void]], tick_seconds: int) -> None:
        self._shard = np.zeros(sum(map(len, homes)), np.int64)
        for shard, viewers in enumerate(homes):
            self._shard[viewers["id"]] = shard
        self._shards, self._tick_seconds = len(homes), tick_seconds
        self._sha = hashlib.sha256()

    def update(self, events: NDArray[np.void], second: NDArray[np.int64], first: int, last: int) -> None:
        """Add the EVENT records of the hours from *first* to before *last*; *second* is when pods began."""
        ticks = (last - first) * 3600 // self._tick_seconds
        tick = (second - first * 3600) // self._tick_seconds
        place = tick.clip(0, ticks - 1) * self._shards + self._shard[events["viewer_id"]]
        if (place[1:] < place[:-1]).any():
            order = np.argsort(place, kind="stable")
            events, place = events[order], place[order]
        edges = np.searchsorted(place, np.arange(ticks * self._shards + 1))
        for a, b in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
            self._sha.update(events_digest(events[a:b]))

    def hexdigest(self) -> str:
        """Return the digest of the events so far, 64 hexadecimal digits."""
        return self._sha.hexdigest()


def rows_digest(columns: BookColumns, frames: Mapping[str, pl.DataFrame]) -> str:
    """Return the digest of a run's rows as they are in the database, 64 hexadecimal digits."""
    # An hour in which nothing happens has the columns of every hour, in their order.
    model = Tally(columns).rows(_empty_hour(columns))
    digest = Digest(columns)
    digest.update(Rows(*(_as_counted(columns, frames[name], getattr(model, name)) for name in Rows._fields)))
    digest.facts(columns, facts_of(columns, known_facts(columns, frames["delivery_events"])))
    return digest.hexdigest()


def _as_counted(columns: BookColumns, stored: pl.DataFrame, model: pl.DataFrame) -> pl.DataFrame:
    if "day" in model.columns:
        time = (pl.col("date") - pl.lit(columns.start.date())).dt.total_days().alias("day")
    else:
        time = (pl.col("hour_start") - pl.lit(columns.start)).dt.total_hours().alias("hour")
    rows, items, known = stored.with_columns(time), columns.line_items, dict[str, list[int]]()
    if "creative_rank" in model.columns:
        creatives = [columns.creatives[place] for place in columns.creative_order]
        owners = [one.line_item for one in creatives]
        known["creative_id"] = [one.id for one in creatives]
        known["line_item_key"] = [items[owner].key for owner in owners]
        known["creative_rank"] = [place - owners.index(owner) for place, owner in enumerate(owners)]
    elif "line_item_key" in model.columns:
        known["line_item_id"] = [item.id for item in items]
        known["line_item_key"] = [item.key for item in items]
    if known:
        schema = dict.fromkeys(known, pl.Int64()) | {"line_item_key": pl.UInt64()}
        rows = rows.join(pl.DataFrame(known, schema), on=next(iter(known)))
    if "winner_key" in model.columns:
        winners = {"winner_line_item_id": [item.id for item in items], "winner_key": known["line_item_key"]}
        schema = {"winner_line_item_id": pl.Int64(), "winner_key": pl.UInt64()}
        rows = rows.join(pl.DataFrame(winners, schema), on="winner_line_item_id", how="left")
        rows = rows.with_columns(pl.col("winner_key").fill_null(0))
    order = [key for key in ("hour", "day", *CANONICAL, "device", "placement") if key in model.columns]
    return rows.select(pl.col(name).cast(dtype) for name, dtype in model.schema.items()).sort(order)


def _empty_hour(columns: BookColumns) -> Hour:
    items, supply = len(columns.line_items), (len(registry.DeviceType), len(registry.Placement))
    shapes = (items, len(FUNNEL)), (*supply, len(INVENTORY)), (items, len(FREQUENCY_BUCKETS))
    funnel, inventory, frequency = (np.zeros(shape, np.int64) for shape in shapes)
    pacing = Pacing(np.zeros(items, bool), *np.zeros((len(Pacing._fields) - 1, items), np.int64))
    return Hour(0, (np.zeros(0, EVENT),), funnel, inventory, frequency, pacing)
