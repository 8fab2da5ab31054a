"""The events of a run on their way into files, and bids beside them: of all shards, or of each apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.rows.bids import FILE as BIDS
from analysis.rows.bids import BidTable
from analysis.rows.columns import BookColumns
from analysis.rows.day_files import DayFiles
from analysis.rows.event_table import EventTable
from analysis.rows.events import FILE
from analysis.rows.events_of import EventsOf
from entities.errors import PacelineError
from entities.messages import printable
from sim.engine.site import SiteHour
from sim.events import Files
from sim.streams import salts

SHARED = (
    "where workers are on other machines, the folder of events must be one that all of them have at this path"
)
"""What to do where a worker and the driver do not see the same files."""


@dataclass(frozen=True)
class Keeping:
    """Which events of a run are kept, where, and what their positions and codes mean."""

    folder: Path
    columns: BookColumns
    of: EventsOf
    seed: int


class EventWriter:
    """Writes a file of events for each day, and one of bids where they are kept."""

    def __init__(self, keeping: Keeping, shard: int | None = None) -> None:
        """Write those of all shards, or of one into files of its own."""
        self._of, self._salts = keeping.of, salts(keeping.seed)
        start, columns = keeping.columns.start, keeping.columns
        self._events = DayFiles(keeping.folder, name_of(FILE, shard), start, EventTable(columns))
        self._bids = None
        if keeping.of.bids:
            self._bids = DayFiles(keeping.folder, name_of(BIDS, shard), start, BidTable(columns))

    def events(self, hour: int, events: NDArray[np.void]) -> None:
        """Take EVENT records of an *hour*, no earlier than the one before; a day without any has no file."""
        self._events.add(hour, self._kept(events))

    def bids(self, hour: int, bids: NDArray[np.void]) -> None:
        """Take BID records of an *hour* in the same way."""
        if self._bids:
            self._bids.add(hour, self._kept(bids))

    def taken(self) -> Files:
        """Return the files since this was last asked, when nothing waits any more."""
        return Files(self._events.taken(), self._bids.taken() if self._bids else ())

    def _kept(self, records: NDArray[np.void]) -> NDArray[np.void]:
        return records if self._of.everybody else records[self._of.kept(records["viewer_id"], self._salts)]


class ShardFiles:
    """A scribe who writes the events of each shard of a site into files of its own.

    Their bytes depend on neither who plays the shards nor how many do.
    """

    def __init__(self, keeping: Keeping, shards: range, viewers: Sequence[NDArray[np.int32]]) -> None:
        """Write for *shards*, with the ids of the *viewers* of each; PacelineError without the folder."""
        if not keeping.folder.is_dir():
            raise PacelineError(f"{printable(str(keeping.folder))}: a worker does not find it; {SHARED}")
        self._writers = [EventWriter(keeping, shard) for shard in shards]
        self._bids = keeping.of.bids
        if self._bids:
            ids, shard = np.concatenate(viewers), np.repeat(np.arange(len(viewers)), [*map(len, viewers)])
            order = np.argsort(ids)
            self._ids, self._shard = ids[order], shard[order]

    def write(self, hours: Sequence[SiteHour]) -> None:
        """Take the next *hours* of one day; PacelineError where a disk does not."""
        for hour in hours:
            for events, ends in zip(hour.events, hour.ends, strict=True):
                spans = pairwise([0, *ends.tolist()])
                for writer, (begin, end) in zip(self._writers, spans, strict=True):
                    writer.events(hour.hour, events[begin:end])
            for bids in hour.bids if self._bids else ():
                shard = self._shard[np.searchsorted(self._ids, bids["viewer_id"])]
                for place in np.unique(shard).tolist():
                    self._writers[place].bids(hour.hour, bids[shard == place])

    def finish(self) -> Files:
        """Return the files of the day that is over."""
        return reduce(Files.plus, (writer.taken() for writer in self._writers))


def name_of(file: str, shard: int | None) -> str:
    """Return the name of a *file* of all shards, or that of one."""
    stem, _, ending = file.partition(".")
    return file if shard is None else f"{stem}-{shard:04d}.{ending}"
