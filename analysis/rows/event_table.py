"""Events as a frame: the records of some hours, read once, with what their codes stand for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.columns import BookColumns
from analysis.rows.events import EVENT_COLUMNS, with_pods
from entities.enums import TargetingKey
from entities.enums.outcomes import FLAGS
from sim import kernels
from sim.events import COLUMNS_BY_TYPE, NO_GENRE, Hour

_FLAGS = ("ghost", *FLAGS)
_PER_SECOND = 1_000_000
"""Microseconds, in which moments count."""

_VOCABULARIES = {
    field: pl.Enum(key.words(())) for key in TargetingKey if key.trait.vocabulary for field in key.columns
}
EVENT_SCHEMA: dict[str, pl.DataType] = {
    name: _VOCABULARIES.get(name)
    or (pl.Datetime("us", "UTC") if column.type == "Datetime" else getattr(pl, column.type)())
    for name, column in EVENT_COLUMNS.items()
}
"""Types of Polars by column."""


class EventTable:
    """The events of some hours, as columns in room that the next ones use again.

    Fresh memory for each hour costs as much as reading its events.
    """

    def __init__(self, columns: BookColumns) -> None:
        # Every market names its own regions: as an Enum they would give each run's files another schema.
        self._words = {
            field: pl.Series(
                field,
                columns.words[field],
                dtype=pl.Enum(columns.words[field]) if key.trait.vocabulary else pl.String,
            )
            for key in TargetingKey
            for field in key.columns
        }
        named = {"line_item_id": "id", "campaign_id": "campaign_id", "advertiser_id": "advertiser_id"}
        self._ids = {
            field: np.array([getattr(item, name) for item in columns.line_items], dtype=np.int64)
            for field, name in named.items()
        }
        self._creatives = np.array([creative.id for creative in columns.creatives], dtype=np.int64)
        self._start = int(columns.start.timestamp())
        self._room = _room(0)
        self._hours: list[int] = []
        self._ends = [0]

    def __len__(self) -> int:
        return self._ends[-1]

    @property
    def hours(self) -> tuple[int, int]:
        """Return the first and the last hour with events."""
        return self._hours[0], self._hours[-1]

    def add(self, hour: int, events: NDArray[np.void]) -> None:
        """Add EVENT records of an *hour*, behind those that are there."""
        if not len(events):
            return
        begin = len(self)
        end, size = begin + len(events), self._room[0].shape[1]
        if end > size:
            room = _room(max(end, 2 * size))
            for new, old in zip(room, self._room, strict=True):
                new[:, :begin] = old[:, :begin]
            self._room = room
        kernels.unpack(events, begin, self._room)
        self._hours.append(hour)
        self._ends.append(end)

    def clear(self) -> None:
        """Forget all events; frames of them are not to be used any more."""
        self._hours, self._ends = [], [0]

    def frame(self) -> pl.DataFrame:
        """Return the events as EVENT_COLUMNS, in the order in which they were added.

        Most of it is this table's own memory.
        """
        own = {
            name: row[: len(self)]
            for names, table in zip(COLUMNS_BY_TYPE.values(), self._room, strict=True)
            for name, row in zip(names, table, strict=True)
        }
        hours = np.repeat(np.array(self._hours, np.int32), np.diff(self._ends))
        moments = (own["ts"].astype(np.int64) + self._start) * _PER_SECOND
        values: dict[str, pl.Series | NDArray[Any]] = {
            **own,
            "hour": hours,
            "ts": pl.Series(moments).cast(pl.Datetime("us", "UTC")),
            "creative_id": self._creatives[own["creative"]],
        }
        values |= {field: ids[own["line_item"]] for field, ids in self._ids.items()}
        values |= {field: own[field].view(np.bool_) for field in _FLAGS}
        for field, words in self._words.items():
            codes = pl.Series(own[field])
            if field == "second_genre":  # which not every title has
                codes = codes.replace(NO_GENRE, None)
            values[field] = words.gather(codes)
        return pl.DataFrame({name: values[name] for name in EVENT_COLUMNS})


def decoded(hours: Iterable[Hour], columns: BookColumns, run_id: str) -> pl.LazyFrame:
    """Return the events of *hours* in memory, as `scan_events` returns those on disk."""
    table = EventTable(columns)
    for hour in hours:
        for part in hour.parts:
            table.add(hour.hour, part)
    day = (pl.lit(columns.start) + pl.duration(hours=pl.col("hour"))).dt.date()
    return with_pods(table.frame().lazy().with_columns(run_id=pl.lit(run_id), date=day))


def _room(records: int) -> tuple[NDArray[Any], ...]:
    return tuple(np.empty((len(names), records), kind) for kind, names in COLUMNS_BY_TYPE.items())
