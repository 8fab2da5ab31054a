"""The columns of events, and the events of a run as they are read."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import polars as pl

from entities.enums import TargetingKey
from entities.enums.outcomes import OUTCOMES
from sim.events import LATER_TRAITS, POD_SHIFT

FILE = "events.parquet"
"""The name of a day's file, in the folder of its date."""


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
READER_COLUMNS = (
    Entry("pod_id", "Int64", "", "The ad break that holds the slot; in no file.", "slot_id ÷ 16", "slot_id"),
    Entry("run_id", "String", "", "The run.", "", "path"),
    Entry("date", "Date", "UTC date", "Day of the hour in which the slot's pod begins.", "", "path"),
)
"""What a reader has besides: it follows from a column, or is in the path of a file."""


def events_folder(folder: Path, run_id: str) -> Path:
    """Return where the events of *run_id* are."""
    return folder / f"run_id={run_id}"


def with_pods(events: pl.LazyFrame) -> pl.LazyFrame:
    """Return *events* with `pod_id` behind the columns of the files."""
    pod = (pl.col("slot_id") // (1 << POD_SHIFT)).alias("pod_id")
    return events.select(*EVENT_COLUMNS, pod, "run_id", "date")
