"""Won slots of a run as Parquet, and bids beside them: written while the run goes, and a manifest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.bid_files import FILE as BIDS
from analysis.rows.bids import BidTable
from analysis.rows.claims import Claim
from analysis.rows.columns import BookColumns
from analysis.rows.day_files import DayFiles
from analysis.rows.disk import sync, written
from analysis.rows.event_table import EVENT_SCHEMA, EventTable
from analysis.rows.events import FILE, events_folder, with_pods
from analysis.rows.events_of import ALL, EventsOf
from analysis.rows.hidden import hidden_folder, show
from analysis.rows.manifest import NAME, Manifest, intact, manifest_of, read_manifest
from sim.events import Hour
from sim.streams import salts


class EventFiles:
    """Writes days into a hidden folder, and shows it under the run's name when the run is stored.

    With *events_of* less than all, only its events are kept, by the luck of *seed*. The *note* tells whoever
    finds the folder after this process has died where the run would be stored.
    """

    def __init__(
        self,
        folder: Path,
        run_id: str,
        columns: BookColumns,
        *,
        scenario: str,
        seed: int,
        events_of: EventsOf = ALL,
        note: str = "",
    ) -> None:
        self.folder = events_folder(folder, run_id)
        if self.folder.exists():
            raise FileExistsError(f"{self.folder} already holds the events of a run")
        self._columns, self._of = columns, events_of
        self._named = {"run_id": run_id, "scenario": scenario}
        self._seed, self._salts = seed, salts(seed)
        self._flights = _Flights(len(columns.line_items))
        self._claim = Claim(hidden_folder(folder, run_id), note)
        self._manifest: Manifest | None = None
        start, now = columns.start, self._claim.folder
        self._events = DayFiles(now, FILE, start, EventTable(columns))
        self._bids = DayFiles(now, BIDS, start, BidTable(columns)) if events_of.bids else None

    def write(self, hour: Hour) -> None:
        """Take the events of *hour*, the next one; a day without any leaves no file."""
        for part in hour.parts:
            self._events.add(hour.hour, self._kept(part))
        if self._bids:
            for part in hour.bids:
                self._bids.add(hour.hour, self._kept(part))
        self._flights.add(hour.hour, hour.pacing.live)

    def _kept(self, part: NDArray[np.void]) -> NDArray[np.void]:
        return part if self._of.everybody else part[self._of.kept(part["viewer_id"], self._salts)]

    def finish(self) -> None:
        """Write what waits."""
        self._events.finish()
        if self._bids:
            self._bids.finish()

    def complete(self) -> Manifest:
        """Return the manifest, with which all is on disk, and hidden: now the run may be committed.

        PacelineError where the disk does not take it.
        """
        if self._manifest is None:
            self.finish()
            manifest = manifest_of(
                self._columns,
                self._events.files,
                self._flights.spans(),
                **self._named,
                seed=self._seed,
                events=self._of,
                bids=self._bids.files if self._bids else (),
            )
            now = self._claim.folder
            with written(now / NAME):
                manifest.write(now)
                sync(now)
                sync(now.parent)
            self._manifest = manifest
        return self._manifest

    def publish(self) -> None:
        """Show the events, all at once; OSError where they stay hidden, complete as they are."""
        self.complete()
        try:
            self._claim.folder = show(self._claim.folder)
        except OSError:
            self._claim.leave()
            raise
        self._claim.release()

    def discard(self) -> None:
        """Remove the events, shown or not, of a run that failed."""
        self._claim.discard()


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
