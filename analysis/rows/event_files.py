"""Won slots of a run as Parquet, and bids beside them: written while the run goes, and a manifest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from analysis.rows.claims import Claim, reclaimed
from analysis.rows.columns import BookColumns
from analysis.rows.day_files import PARTIAL, clear
from analysis.rows.disk import is_whole, sync, written
from analysis.rows.event_table import EVENT_SCHEMA
from analysis.rows.event_writer import SHARED, EventWriter, Keeping, ShardFiles
from analysis.rows.events import events_folder, with_pods
from analysis.rows.events_of import ALL, EventsOf
from analysis.rows.hidden import AGAIN, hidden_folder, mark, show
from analysis.rows.manifest import NAME, EventFile, Manifest, intact, manifest_of, read_manifest
from entities.errors import InputError, PacelineError
from entities.messages import printable
from sim.engine.site import Scribing
from sim.events import Files, Hour


class Flights(NamedTuple):
    """In which hours each line item was in flight so far, and whether it is."""

    live: list[bool]
    since: list[int]
    spans: list[list[tuple[int, int]]]
    hours: int


class KeptEvents(BaseModel):
    """What is kept of them at the end of a day, beside the files themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    files: tuple[EventFile, ...]
    bids: tuple[EventFile, ...]
    flights: Flights


class EventFiles:
    """Has days written into a hidden folder, and shows it under the run's name when the run is stored.

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
        kept: KeptEvents | None = None,
    ) -> None:
        """Begin in a folder of its own, or go on from what is *kept*; InputError where that is gone."""
        self.folder = events_folder(folder, run_id)
        if self.folder.exists():
            raise FileExistsError(f"{self.folder} already holds the events of a run")
        self._columns, self._of = columns, events_of
        self._named = {"run_id": run_id, "scenario": scenario}
        self._seed = seed
        self._flights = _InFlight(len(columns.line_items), kept.flights if kept else None)
        hidden = hidden_folder(folder, run_id)
        self._claim = _taken_up(hidden, run_id, kept) if kept else Claim(hidden, note)
        self._manifest: Manifest | None = None
        self._files, self._bids = ([*kept.files], [*kept.bids]) if kept else ([], [])
        self._writer = EventWriter(self._keeping)

    @property
    def _keeping(self) -> Keeping:
        return Keeping(self._claim.folder.absolute(), self._columns, self._of, self._seed)

    @property
    def scribe(self) -> Scribing:
        """Return what makes scribes for sites: where these write events, hours have only the files."""
        return partial(ShardFiles, self._keeping)

    def write(self, hour: Hour) -> None:
        """Take the events of *hour*, the next one, or the files that have them."""
        for part in hour.parts:
            self._writer.events(hour.hour, part)
        for part in hour.bids:
            self._writer.bids(hour.hour, part)
        if hour.files:
            self._take(hour.files)
        self._flights.add(hour.hour, hour.pacing.live)

    def _take(self, files: Files) -> None:
        for file in (*files.events, *files.bids):
            path = self._claim.folder / f"{file.path}{PARTIAL}"
            if not path.is_file() or path.stat().st_size != file.bytes:
                raise PacelineError(
                    f"{printable(str(path))}: a worker has written it, and it is not here; {SHARED}"
                )
        self._files += map(EventFile.of, files.events)
        self._bids += map(EventFile.of, files.bids)

    def finish(self) -> None:
        """Write what waits."""
        self._take(self._writer.taken())

    def at_rest(self, hour: int) -> bool:
        """Return whether a day is over with *hour*, so that nothing of it need wait in memory."""
        now, then = (self._columns.start + timedelta(hours=each) for each in (hour, hour + 1))
        return now.date() != then.date()

    def keep(self, owner: Path) -> KeptEvents:
        """Return what is kept of them, for as long as there is a file *owner*, once a day is over."""
        self.finish()
        mark(self._claim.folder, owner)
        return KeptEvents(files=tuple(self._files), bids=tuple(self._bids), flights=self._flights.keep())

    def leave(self) -> None:
        """Leave them to whoever goes on with the run."""
        self._claim.leave()

    def complete(self) -> Manifest:
        """Return the manifest, with which all is on disk, and hidden: now the run may be committed.

        PacelineError where the disk does not take it.
        """
        if self._manifest is None:
            self.finish()
            manifest = manifest_of(
                self._columns,
                _by_path(self._files),
                self._flights.spans(),
                **self._named,
                seed=self._seed,
                events=self._of,
                bids=_by_path(self._bids),
            )
            now = self._claim.folder
            with written(now / NAME):
                clear(now, (file.path for file in manifest.every_file))
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


def _by_path(files: Iterable[EventFile]) -> list[EventFile]:
    # Day by day, and shard by shard.
    return sorted(files, key=attrgetter("path"))


def _taken_up(hidden: Path, run_id: str, kept: KeptEvents) -> Claim:
    try:
        claim = reclaimed(hidden)
    except OSError:
        claim = None
    if claim is None:
        raise InputError(f"run {run_id}: {printable(str(hidden))}, its events so far, cannot be had; {AGAIN}")
    files = (*kept.files, *kept.bids)
    for file in files:
        if not is_whole(hidden / f"{file.path}{PARTIAL}", file.sha256):
            claim.leave()
            raise InputError(
                f"run {run_id}: {printable(str(hidden / file.path))}, its events so far, is damaged; {AGAIN}"
            )
    clear(hidden, (file.path for file in files))
    (hidden / NAME).unlink(missing_ok=True)  # of a process that died as it stored the run
    return claim


class _InFlight:
    # In which hours each line item is in flight, as first and last hours of spans.
    def __init__(self, line_items: int, kept: Flights | None = None) -> None:
        kept = kept or Flights([False] * line_items, [0] * line_items, [[] for _ in range(line_items)], 0)
        self._live, self._since = np.array(kept.live, bool), np.array(kept.since, np.int64)
        self._spans, self._hours = [[*each] for each in kept.spans], kept.hours

    def keep(self) -> Flights:
        spans = [[*each] for each in self._spans]
        return Flights(self._live.tolist(), self._since.tolist(), spans, self._hours)

    def add(self, hour: int, live: NDArray[np.bool_]) -> None:
        for place in np.flatnonzero(self._live & ~live).tolist():
            self._spans[place].append((int(self._since[place]), hour - 1))
        self._since[live & ~self._live] = hour
        self._live, self._hours = live.copy(), hour + 1

    def spans(self) -> list[list[tuple[int, int]]]:
        self.add(self._hours, np.zeros_like(self._live))
        return self._spans


def scan_events(folder: Path, run_id: str) -> pl.LazyFrame:
    """Return a run's events lazily, day by day: EVENT_COLUMNS, then READER_COLUMNS.

    A day's are in the order of their hours, or shard by shard where shards have files of their own. `ts` is
    UTC. InputError where a file that the manifest lists is missing or was cut.
    """
    files = intact(events_folder(folder, run_id), read_manifest(folder, run_id).files)
    paths: dict[str, pl.DataType] = {"run_id": pl.String(), "date": pl.Date()}
    if not files:
        return with_pods(pl.LazyFrame(schema=EVENT_SCHEMA | paths))
    return with_pods(pl.scan_parquet(files, hive_partitioning=True, hive_schema=paths, glob=False))
