"""Events on disk: their columns, and every won slot of a run as Parquet, a file an hour, by UTC day."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from analysis.rows.columns import BookColumns
from entities.enums import TargetingKey
from entities.enums.outcomes import FLAGS, OUTCOMES
from sim.events import EVENT, LATER_TRAITS, NO_GENRE, POD_SHIFT, Hour


class Entry(NamedTuple):
    """One column of a table or of the event files."""

    name: str
    type: str
    unit: str
    text: str
    formula: str = ""
    source: str = "market"


def _trait(column: str) -> Entry:
    key = next(key for key in TargetingKey if column in key.columns)
    text = key.trait.text if column == key.value else key.trait.second_text
    return Entry(column, "Enum" if key.trait.vocabulary else "String", "", text)


_COLUMNS = (
    Entry("hour", "Int32", "hours", "Hour in which the slot's pod begins, from the start."),
    Entry(
        "ts", "Datetime", "UTC", "When the ad begins; may lie in the next hour.", "pod start + pod_offset_s"
    ),
    Entry("slot_id", "Int64", "", "The slot, unique in a run.", "pod_id × 16 + pod_position"),
    Entry("pod_id", "Int64", "", "The ad break that holds it.", "slot_id ÷ 16"),
    Entry("pod_position", "UInt8", "", "Place in the pod, 0 first."),
    Entry(
        "pod_slots",
        "UInt8",
        "slots",
        "How many slots the pod has; ads that it holds, ambient ones too, where it is dynamic.",
    ),
    Entry("pod_offset_s", "Int16", "seconds", "From the pod's start to that of the ad."),
    _trait("placement"),
    Entry("viewer_id", "Int32", "", "Who watches, the same for all runs of a population."),
    Entry("session_id", "Int32", "", "The viewer's sitting; a stream, for caps."),
    Entry(
        "identity",
        "Int32",
        "",
        "Whom caps took the viewer for, -1 for nobody: a viewer, household or device, as the market counts.",
        "viewer_id; household; viewer_id × 4 + device",
    ),
    *map(
        _trait,
        ("region", "device", "genre", "second_genre", "title_tier", "age_band", "gender", *LATER_TRAITS),
    ),
    Entry("line_item_id", "Int64", "", "The line item that won. → line_items.id", "", "book"),
    Entry(
        "ghost",
        "Boolean",
        "",
        "The line item would have won, and holds the viewer out: the slot went to the next, nothing was paid,"
        " and outcomes are those that its ad would have had.",
    ),
    Entry("campaign_id", "Int64", "", "Its campaign. → campaigns.id", "", "book"),
    Entry("advertiser_id", "Int64", "", "Its advertiser. → advertisers.id", "", "book"),
    Entry("creative_id", "Int64", "", "The creative that was chosen. → creatives.id", "", "book"),
    Entry("duration_s", "Int16", "seconds", "Length of the creative.", "", "book"),
    Entry("worth_micros", "Int64", "micros", "What the slot was worth to the line item."),
    Entry("multiplier_ppm", "Int32", "ppm", "What its pacing multiplied worth with, or the bid of its rule."),
    Entry("bid_micros", "Int64", "micros", "What was bid."),
    Entry("price_micros", "Int64", "micros", "What the auction format set.", "floor ≤ price ≤ bid"),
    Entry("charged_micros", "Int64", "micros", "What was paid.", "price if rendered and valid, else 0"),
    Entry(
        "floor_micros",
        "Int64",
        "micros",
        "What the bid had to meet.",
        "the slot's or its deal's; in a dynamic pod that of the ad's seconds",
        "scenario",
    ),
    Entry(
        "ambient_micros",
        "Int64",
        "micros",
        "Bid of demand outside the registry, 0 for none; in a dynamic pod the highest that found no place.",
    ),
    *(Entry(one.name, "Int16" if one.unit else "Boolean", one.unit, one.text) for one in OUTCOMES),
)
EVENT_COLUMNS = {column.name: column for column in _COLUMNS}
"""Columns of a file by name, in order."""
PATH_COLUMNS = (
    Entry("run_id", "String", "", "The run.", "", "path"),
    Entry("date", "Date", "UTC date", "Day of the hour in which the slot's pod begins.", "", "path"),
)
"""What a reader has besides: it is in the path of a file."""
_FLAGS = ("ghost", *FLAGS)
_CODED = {column for key in TargetingKey for column in key.columns}
_PLAIN = [
    name for name in EVENT.names or () if name in EVENT_COLUMNS and name not in {"ts", *_FLAGS, *_CODED}
]
"""Columns that are in the files as they are in the records."""


class EventFiles:
    """Writes hours under a hidden name, and shows them under the run's when the run is complete."""

    def __init__(self, folder: Path, run_id: str, columns: BookColumns) -> None:
        self.folder = events_folder(folder, run_id)
        if self.folder.exists():
            raise FileExistsError(f"{self.folder} already holds the events of a run")
        self._columns = columns
        self._decode = _Decoder(columns)
        self._now = self.folder.with_name(f".{self.folder.name}.partial")
        self._now.mkdir(parents=True)

    def write(self, hour: Hour) -> None:
        """Write the events of *hour*; an hour without any leaves no file."""
        if not len(hour.events):
            return
        began = self._columns.start + timedelta(hours=hour.hour)
        day = self._now / f"date={began:%Y-%m-%d}"
        day.mkdir(exist_ok=True)
        self._decode(hour).write_parquet(
            day / f"hour-{hour.hour:05d}.parquet", compression="zstd", compression_level=1
        )

    def publish(self) -> None:
        """Show the events, all at once."""
        self._now = self._now.rename(self.folder)

    def discard(self) -> None:
        """Remove the events, shown or not, of a run that failed."""
        shutil.rmtree(self._now, ignore_errors=True)


def events_folder(folder: Path, run_id: str) -> Path:
    """Return where the events of *run_id* are."""
    return folder / f"run_id={run_id}"


def scan_events(folder: Path, run_id: str) -> pl.LazyFrame:
    """Return a run's events lazily: EVENT_COLUMNS, then run_id (String) and date (Date); `ts` is UTC."""
    schema = {"run_id": pl.String, "date": pl.Date}
    pattern = events_folder(folder, run_id) / "**" / "*.parquet"
    return pl.scan_parquet(pattern, hive_partitioning=True, hive_schema=schema)


def decoded(hours: Iterable[Hour], columns: BookColumns, run_id: str) -> pl.LazyFrame:
    """Return the events of *hours* in memory, as `scan_events` returns those on disk."""
    decode = _Decoder(columns)
    frames = [
        decode(hour).with_columns(
            run_id=pl.lit(run_id), date=pl.lit((columns.start + timedelta(hours=hour.hour)).date())
        )
        for hour in hours
    ]
    return pl.concat(frames).lazy()


class _Decoder:
    def __init__(self, columns: BookColumns) -> None:
        # A code is a position in a series; second_genre's 255 lies behind the last one and becomes NULL.
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
        self._start = np.datetime64(int(columns.start.timestamp()), "s")

    def __call__(self, hour: Hour) -> pl.DataFrame:
        events, moments = hour.events, (self._start + hour.events["ts"]).astype("datetime64[us]")
        values: dict[str, pl.Series | np.ndarray] = {
            "hour": np.full(len(events), hour.hour, dtype=np.int32),
            "ts": pl.Series(moments).dt.replace_time_zone("UTC"),
            "pod_id": events["slot_id"] >> POD_SHIFT,
            "creative_id": self._creatives[events["creative"]],
        }
        values |= {field: ids[events["line_item"]] for field, ids in self._ids.items()}
        values |= {field: np.ascontiguousarray(events[field]) for field in _PLAIN}
        values |= {field: events[field].astype(np.bool_) for field in _FLAGS}
        for field, words in self._words.items():
            codes = pl.Series(np.ascontiguousarray(events[field]))
            if field == "second_genre":
                codes = codes.replace(NO_GENRE, None)
            values[field] = words.gather(codes)
        return pl.DataFrame({name: values[name] for name in EVENT_COLUMNS})
