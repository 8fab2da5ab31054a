"""How the columns of events are stored: flags as bits, words and ids as codes, numbers as differences."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import polars as pl

from analysis.parquet.columns import (
    INT16,
    MOMENT,
    NUMBER,
    TEXT,
    UINT8,
    Chunk,
    Column,
    Encoder,
    Encoding,
    Meaning,
    Physical,
    plain_text,
)
from analysis.rows.columns import BookColumns
from analysis.rows.event_table import EventTable
from analysis.rows.events import EVENT_COLUMNS
from sim.events import NO_GENRE

_SECOND = 1_000_000
_NULLABLE = "second_genre"
_SCHEMA = "ARROW:schema"
"""The key under which files keep types of Arrow."""
_STORED: dict[str, tuple[Physical, Meaning]] = {
    "Boolean": (Physical.boolean, NUMBER),
    "UInt8": (Physical.int32, UINT8),
    "Int16": (Physical.int32, INT16),
    "Int32": (Physical.int32, NUMBER),
    "Int64": (Physical.int64, NUMBER),
    "Datetime": (Physical.int64, MOMENT),
    "Enum": (Physical.text, TEXT),
    "String": (Physical.text, TEXT),
}
"""How the types of EVENT_COLUMNS are stored."""
COLUMNS = [Column(one.name, *_STORED[one.type], one.name == _NULLABLE) for one in EVENT_COLUMNS.values()]
"""The columns of a file."""


class EventChunks:
    """Makes row groups of events."""

    def __init__(self, columns: BookColumns) -> None:
        items, creatives = columns.line_items, columns.creatives
        ids = {
            "line_item_id": ("line_item", [item.id for item in items]),
            "campaign_id": ("line_item", [item.campaign_id for item in items]),
            "advertiser_id": ("line_item", [item.advertiser_id for item in items]),
            "creative_id": ("creative", [creative.id for creative in creatives]),
        }
        stored = {column.name: column for column in COLUMNS}
        self._dictionaries = {
            name: (code, len(values), stored[name].plain(values)) for name, (code, values) in ids.items()
        }
        self._dictionaries |= {
            name: (name, len(words), plain_text(words)) for name, words in columns.words.items()
        }
        self._encoder = Encoder()
        self.about = {_SCHEMA: _schema(columns)}
        """What makes Enums of words for those who read files with Polars or Arrow."""

    def __call__(self, table: EventTable) -> list[Chunk]:
        """Return the events of a *table*, at least one, as chunks of COLUMNS."""
        values, encoder, coded = table.values(), self._encoder, dict[str, bytes]()
        found = []
        for column in COLUMNS:
            name = column.name
            if name in self._dictionaries:
                code, entries, dictionary = self._dictionaries[name]
                if code not in coded:
                    null = NO_GENRE if column.nullable else None
                    coded[code] = encoder.codes(values[code], entries, null)
                found.append(Chunk(Encoding.dictionary, coded[code], dictionary, entries))
            elif column.physical == Physical.boolean:
                found.append(encoder.flags(values[name]))
            elif name == "ts":
                found.append(encoder.numbers(column, (values[name].astype(np.int64) + table.start) * _SECOND))
            elif name == "hour":
                found.append(replace(encoder.numbers(column, values[name]), bounds=table.hours))
            else:
                found.append(encoder.numbers(column, values[name]))
        return found


def _schema(columns: BookColumns) -> str:
    # As Polars writes it for a frame of these types.
    file = BytesIO()
    EventTable(columns).frame().write_parquet(file)
    file.seek(0)
    return pl.read_parquet_metadata(file)[_SCHEMA]
