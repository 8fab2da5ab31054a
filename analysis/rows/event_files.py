"""Won slots of a run as Parquet: a file for each UTC day, written while the run goes, and a manifest."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.bid_files import BidFiles
from analysis.rows.columns import BookColumns
from analysis.rows.day_files import show_days, write_day
from analysis.rows.event_table import EVENT_SCHEMA, EventTable
from analysis.rows.events import FILE, events_folder, with_pods
from analysis.rows.events_of import ALL, EventsOf
from analysis.rows.manifest import EventFile, intact, manifest_of, read_manifest
from sim.events import Hour
from sim.streams import salts


class EventFiles:
    """Writes days under a hidden name, and shows them under the run's when the run is complete.

    A day waits in memory until its last hour is there: Polars cannot add to a file that is written. With
    *events_of* less than all, only its events are kept, by the luck of *seed*.
    """

    def __init__(
        self,
        folder: Path,
        run_id: str,
        columns: BookColumns,
        *,
        scenario: str = "",
        seed: int = 0,
        events_of: EventsOf = ALL,
    ) -> None:
        self.folder = events_folder(folder, run_id)
        if self.folder.exists():
            raise FileExistsError(f"{self.folder} already holds the events of a run")
        self._columns, self._of = columns, events_of
        self._named = {"run_id": run_id, "scenario": scenario}
        self._seed, self._salts = seed, salts(seed)
        self._waiting = EventTable(columns)
        self._day: date | None = None
        self._files: list[EventFile] = []
        self._flights = _Flights(len(columns.line_items))
        self._now = self.folder.with_name(f".{self.folder.name}.partial")
        self._now.mkdir(parents=True)
        self._bids = BidFiles(self._now, columns) if events_of.bids else None

    def write(self, hour: Hour) -> None:
        """Take the events of *hour*, the next one; a day without any leaves no file."""
        day = (self._columns.start + timedelta(hours=hour.hour)).date()
        if day != self._day:
            self.finish()
            self._day = day
        for part in hour.parts:
            self._waiting.add(hour.hour, self._kept(part))
        if self._bids:
            self._bids.write(hour.hour, [self._kept(part) for part in hour.bids])
        self._flights.add(hour.hour, hour.pacing.live)

    def _kept(self, part: NDArray[np.void]) -> NDArray[np.void]:
        return part if self._of.everybody else part[self._of.kept(part["viewer_id"], self._salts)]

    def finish(self) -> None:
        """Write what waits."""
        if not len(self._waiting):
            return
        path = f"date={self._day:%Y-%m-%d}/{FILE}"
        self._files.append(write_day(self._waiting.frame(), self._now, path, self._waiting.hours))
        self._waiting.clear()

    def publish(self) -> None:
        """Show the events, all at once."""
        self.finish()
        manifest = manifest_of(
            self._columns,
            self._files,
            self._flights.spans(),
            **self._named,
            seed=self._seed,
            events=self._of,
            bids=self._bids.files if self._bids else (),
        )
        show_days(self._now, manifest.every_file)
        manifest.write(self._now)
        self._now = self._now.rename(self.folder)

    def discard(self) -> None:
        """Remove the events, shown or not, of a run that failed."""
        shutil.rmtree(self._now, ignore_errors=True)


class _Flights:
    # In which hours each line item is in flight, as first and last hours of spans.
    def __init__(self, line_items: int) -> None:
        self._live = np.zeros(line_items, bool)
        self._spans: list[list[tuple[int, int]]] = [[] for _ in range(line_items)]
        self._since = np.zeros(line_items, np.int64)
        self._hours = 0

    def add(self, hour: int, live: NDArray[np.bool_]) -> None:
        for place in np.flatnonzero(self._live & ~live).tolist():
            self._spans[place].append((int(self._since[place]), hour - 1))
        self._since[live & ~self._live] = hour
        self._live, self._hours = live.copy(), hour + 1

    def spans(self) -> list[list[tuple[int, int]]]:
        self.add(self._hours, np.zeros_like(self._live))
        return self._spans


def scan_events(folder: Path, run_id: str) -> pl.LazyFrame:
    """Return a run's events lazily, in the order of their hours: EVENT_COLUMNS, then READER_COLUMNS.

    `ts` is UTC. InputError where a file that the manifest lists is missing or was cut.
    """
    files = intact(events_folder(folder, run_id), read_manifest(folder, run_id).files)
    paths: dict[str, pl.DataType] = {"run_id": pl.String(), "date": pl.Date()}
    if not files:
        return with_pods(pl.LazyFrame(schema=EVENT_SCHEMA | paths))
    return with_pods(pl.scan_parquet(files, hive_partitioning=True, hive_schema=paths))
