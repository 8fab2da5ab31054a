"""Every bid of some viewers as Parquet: a file for each UTC day, beside that of the events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.bids import BID_SCHEMA, BidFrames
from analysis.rows.columns import BookColumns
from analysis.rows.day_files import write_day
from analysis.rows.events import events_folder
from analysis.rows.manifest import EventFile, intact, read_manifest
from entities.errors import InputError
from entities.messages import printable

FILE = "bids.parquet"
"""The name of a day's file, in the folder of its date."""


class BidFiles:
    """Writes the bids of a run, a day at a time, into the folder of its events."""

    def __init__(self, folder: Path, columns: BookColumns) -> None:
        self._folder, self._start, self._frames = folder, columns.start, BidFrames(columns)
        self._day: date | None = None
        self._waiting: list[tuple[int, NDArray[np.void]]] = []
        self._written: list[EventFile] = []

    def write(self, hour: int, parts: Sequence[NDArray[np.void]]) -> None:
        """Take the BID records of an *hour*, the next one; a day without any leaves no file."""
        day = (self._start + timedelta(hours=hour)).date()
        if day != self._day:
            self.finish()
            self._day = day
        # Copied, for they lie in room for all bids that a tick might have had.
        self._waiting += [(hour, part.copy()) for part in parts if len(part)]

    def finish(self) -> None:
        """Write what waits."""
        if not self._waiting:
            return
        hours = self._waiting[0][0], self._waiting[-1][0]
        frame = self._frames(self._waiting)
        self._written.append(write_day(frame, self._folder, f"date={self._day:%Y-%m-%d}/{FILE}", hours))
        self._waiting.clear()

    @property
    def files(self) -> list[EventFile]:
        """Return what was written, after writing what waits."""
        self.finish()
        return self._written


def scan_bids(folder: Path, run_id: str) -> pl.LazyFrame:
    """Return a run's bids lazily, in the order of their hours: BID_COLUMNS, then `run_id` and `date`.

    They are of the viewers that the manifest says. InputError where no bids were kept, or where a file is
    missing or was cut.
    """
    manifest, where = read_manifest(folder, run_id), events_folder(folder, run_id)
    if manifest.bids is None:
        raise InputError(
            f"{printable(str(folder))}: has no bids of run {run_id}, whose events are kept as"
            f" {manifest.events}; simulate it again with events_of='lost:1%' (--events-of lost:1%)"
        )
    files = intact(where, manifest.bids.files)
    more: dict[str, pl.DataType] = {"run_id": pl.String(), "date": pl.Date()}
    if not files:
        return pl.LazyFrame(schema=BID_SCHEMA | more)
    return pl.scan_parquet(files, hive_partitioning=True, hive_schema=more).select(*BID_SCHEMA, *more)
