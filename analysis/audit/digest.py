"""The digest of a run, counted anew from what is stored: the rows in the database and the events on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.audit.book import Sold
from analysis.rows.columns import BookColumns
from analysis.rows.digest import Digest
from analysis.rows.performance import Rows, Tally
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


def rows_digest(sold: Sold, frames: Mapping[str, pl.DataFrame]) -> str:
    """Return the digest of a run's rows as they are in the database, 64 hexadecimal digits."""
    columns = sold.columns
    # An hour in which nothing happens has the columns of every hour, in their order.
    model = Tally(columns).add(_empty_hour(columns))
    digest = Digest(columns)
    digest.update(
        Rows(*(_as_counted(sold, name, frames[name], getattr(model, name)) for name in Rows._fields))
    )
    return digest.hexdigest()


def _as_counted(sold: Sold, name: str, stored: pl.DataFrame, model: pl.DataFrame) -> pl.DataFrame:
    columns = sold.columns
    hours = (pl.col("hour_start") - pl.lit(sold.market.horizon.start)).dt.total_hours().alias("hour")
    rows = stored.with_columns(hours)
    if name == "inventory_hourly":
        kinds = [pl.col(key).cast(model.schema[key]) for key in ("device", "placement")]
        return rows.with_columns(kinds).sort("hour", "device", "placement").select(_cast(model))
    if name == "performance":
        order = [columns.creatives[place] for place in columns.creative_order]
        keys = [columns.line_items[one.line_item].key for one in order]
        owners = [one.line_item for one in order]
        ranks = [place - owners.index(owner) for place, owner in enumerate(owners)]
        known = {"creative_id": [one.id for one in order], "creative_rank": ranks}
    else:
        items = [columns.line_items[place] for place in columns.line_item_order]
        keys = [item.key for item in items]
        known = {"line_item_id": [item.id for item in items]}
    joined = {**known, "line_item_key": pl.Series(keys, dtype=pl.UInt64), "place": range(len(keys))}
    key = next(iter(known))
    rows = rows.join(pl.DataFrame(joined, schema_overrides={key: pl.Int64}), on=key)
    return rows.sort("hour", "place").select(_cast(model))


def _cast(model: pl.DataFrame) -> list[pl.Expr]:
    return [pl.col(name).cast(dtype) for name, dtype in model.schema.items()]


def _empty_hour(columns: BookColumns) -> Hour:
    items = len(columns.line_items)
    nothing = np.zeros(items, np.int64)
    supply = (len(registry.DeviceType), len(registry.Placement), len(INVENTORY))
    return Hour(
        hour=0,
        events=np.zeros(0, EVENT),
        funnel=np.zeros((items, len(FUNNEL)), np.int64),
        inventory=np.zeros(supply, np.int64),
        frequency=np.zeros((items, len(FREQUENCY_BUCKETS)), np.int64),
        pacing=Pacing(np.zeros(items, bool), *(nothing for _ in Pacing._fields[1:])),
    )
