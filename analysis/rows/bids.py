"""The columns of bids, and the records of some hours as a frame of them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.columns import BookColumns
from analysis.rows.events import EVENT_COLUMNS, Entry
from sim.events import BID, BID_OUTCOMES, Hour

FILE = "bids.parquet"
"""The name of a day's file, in the folder of its date."""

_COLUMNS = (
    Entry("hour", "Int32", "hours", "Hour in which the slot's pod begins, from the start."),
    Entry(
        "ts", "Datetime", "UTC", "When the slot begins, in a dynamic pod the pod; may lie in the next hour."
    ),
    Entry(
        "slot_id",
        "Int64",
        "",
        "The slot that was bid for. Bids for a dynamic pod are for all of it, under its first slot.",
        "pod_id × 16 + pod_position",
    ),
    EVENT_COLUMNS["viewer_id"],
    Entry("line_item_id", "Int64", "", "The line item that bid. → line_items.id", "", "book"),
    Entry("campaign_id", "Int64", "", "Its campaign. → campaigns.id", "", "book"),
    Entry("advertiser_id", "Int64", "", "Its advertiser. → advertisers.id", "", "book"),
    EVENT_COLUMNS["bid_micros"],
    EVENT_COLUMNS["floor_micros"],
    Entry(
        "ambient_micros",
        "Int64",
        "micros",
        "Highest bid of demand outside the registry, 0 for none, whether it won or not.",
    ),
    Entry("outcome", "Enum", "", f"What became of the bid. One of {', '.join(BID_OUTCOMES)}."),
    Entry(
        "lost_to_line_item_id",
        "Int64",
        "",
        "The line item that it lost to; null where it lost to ambient demand, or to nobody. → line_items.id",
    ),
)
BID_COLUMNS = {column.name: column for column in _COLUMNS}
"""Columns of a file by name, in order."""
_TYPES: dict[str, pl.DataType] = {
    "Int32": pl.Int32(),
    "Int64": pl.Int64(),
    "Datetime": pl.Datetime("us", "UTC"),
    "Enum": pl.Enum(BID_OUTCOMES),
}
BID_SCHEMA = {name: _TYPES[column.type] for name, column in BID_COLUMNS.items()}
"""Types of Polars by column."""
_PER_SECOND = 1_000_000


class BidTable:
    """The bids of some hours, as records until a frame is made of them."""

    def __init__(self, columns: BookColumns) -> None:
        items = columns.line_items
        self._start = int(columns.start.timestamp())
        self._ids = {
            "line_item_id": np.array([item.id for item in items], np.int64),
            "campaign_id": np.array([item.campaign_id for item in items], np.int64),
            "advertiser_id": np.array([item.advertiser_id for item in items], np.int64),
        }
        self._hours: list[int] = []
        self._parts: list[NDArray[np.void]] = []

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    @property
    def hours(self) -> tuple[int, int]:
        """Return the first and the last hour with bids."""
        return self._hours[0], self._hours[-1]

    def add(self, hour: int, bids: NDArray[np.void]) -> None:
        """Add BID records of an *hour*, behind those that are there."""
        if len(bids):
            self._hours.append(hour)
            # Copied, for they lie in room for all bids that a tick might have had.
            self._parts.append(bids.copy())

    def clear(self) -> None:
        """Forget all bids."""
        self._hours, self._parts = [], []

    def frame(self) -> pl.DataFrame:
        """Return the bids as BID_COLUMNS, in the order in which they were added."""
        # As bytes, because NumPy copies records field by field.
        parts = [part.view(np.uint8) for part in self._parts]
        bids = np.concatenate(parts).view(BID) if parts else np.empty(0, BID)
        bidder, winner = bids["line_item"], pl.Series(bids["lost_to"])
        counts = [len(part) for part in self._parts]
        seconds = pl.Series(bids["ts"]).cast(pl.Int64) + self._start
        values: dict[str, NDArray[Any] | pl.Series] = {
            **{name: bids[name] for name in BID_COLUMNS if name in (BID.names or ())},
            **{name: ids[bidder] for name, ids in self._ids.items()},
            "hour": np.repeat(np.array(self._hours, np.int32), counts),
            "ts": (seconds * _PER_SECOND).cast(BID_SCHEMA["ts"]),
            "outcome": pl.Series(BID_OUTCOMES, dtype=BID_SCHEMA["outcome"]).gather(bids["outcome"]),
            "lost_to_line_item_id": pl.Series(self._ids["line_item_id"]).gather(winner.set(winner < 0, None)),
        }
        return pl.DataFrame({name: values[name] for name in BID_COLUMNS}, schema=BID_SCHEMA)


def bids_in_memory(hours: Iterable[Hour], columns: BookColumns, run_id: str) -> pl.LazyFrame:
    """Return the bids of *hours* in memory, as `scan_bids` returns those on disk."""
    table = BidTable(columns)
    for hour in hours:
        for part in hour.bids:
            table.add(hour.hour, part)
    day = (pl.lit(columns.start) + pl.duration(hours=pl.col("hour"))).dt.date()
    return table.frame().lazy().with_columns(run_id=pl.lit(run_id), date=day)
