"""Every won slot of a run as Parquet: a file for each UTC day, written while the run goes."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from pathlib import Path

from analysis.rows.columns import BookColumns
from analysis.rows.event_table import EventTable
from analysis.rows.events import events_folder
from sim.events import Hour

FILE = "events.parquet"
"""The name of a day's file, in the folder of its date."""
_ROWS_TOGETHER = 1 << 18
"""Rows of a row group: what a reader has in memory at once."""


class EventFiles:
    """Writes days under a hidden name, and shows them under the run's when the run is complete.

    A day waits in memory until its last hour is there: Polars cannot add to a file that is written.
    """

    def __init__(self, folder: Path, run_id: str, columns: BookColumns) -> None:
        self.folder = events_folder(folder, run_id)
        if self.folder.exists():
            raise FileExistsError(f"{self.folder} already holds the events of a run")
        self._start = columns.start
        self._waiting = EventTable(columns)
        self._day: date | None = None
        self._now = self.folder.with_name(f".{self.folder.name}.partial")
        self._now.mkdir(parents=True)

    def write(self, hour: Hour) -> None:
        """Take the events of *hour*, the next one; a day without any leaves no file."""
        day = (self._start + timedelta(hours=hour.hour)).date()
        if day != self._day:
            self.finish()
            self._day = day
        self._waiting.add(hour.hour, hour.events)

    def finish(self) -> None:
        """Write what waits."""
        if not len(self._waiting):
            return
        folder = self._now / f"date={self._day:%Y-%m-%d}"
        folder.mkdir()
        # Statistics are a sixth of the work, and all that they could spare a reader is hours of a day.
        self._waiting.frame().write_parquet(
            folder / FILE,
            compression="zstd",
            compression_level=1,
            statistics=False,
            row_group_size=_ROWS_TOGETHER,
        )
        self._waiting.clear()

    def publish(self) -> None:
        """Show the events, all at once."""
        self.finish()
        self._now = self._now.rename(self.folder)

    def discard(self) -> None:
        """Remove the events, shown or not, of a run that failed."""
        shutil.rmtree(self._now, ignore_errors=True)
