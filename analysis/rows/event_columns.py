"""The one table of the columns of event files: names, types, units and texts."""

from __future__ import annotations

from typing import NamedTuple

from entities.enums import TargetingKey
from entities.enums.outcomes import OUTCOMES
from sim.events import OPTIONAL


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
        _trait, ("region", "device", "genre", "second_genre", "title_tier", "age_band", "gender", *OPTIONAL)
    ),
    Entry("line_item_id", "Int64", "", "The line item that won. → line_items.id", "", "book"),
    Entry("campaign_id", "Int64", "", "Its campaign. → campaigns.id", "", "book"),
    Entry("advertiser_id", "Int64", "", "Its advertiser. → advertisers.id", "", "book"),
    Entry("creative_id", "Int64", "", "The creative that was chosen. → creatives.id", "", "book"),
    Entry("duration_s", "Int16", "seconds", "Length of the creative.", "", "book"),
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
