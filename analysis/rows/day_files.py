"""Files of a UTC day each, written while a run goes on and shown when it is stored.

Until then they have names that no reader's pattern matches.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.disk import sync, written
from analysis.rows.manifest import EventFile, described

PARTIAL = ".partial"
"""What the name of a file ends in until its run is stored."""
_ROWS_TOGETHER = 1 << 18
"""Rows of a row group: what a reader has in memory at once."""


class Waiting(Protocol):
    """Rows of some hours, in memory."""

    def __len__(self) -> int: ...

    @property
    def hours(self) -> tuple[int, int]:
        """Return the first and the last hour that has any."""
        ...

    def add(self, hour: int, records: NDArray[np.void], /) -> None:
        """Add records of an *hour*, behind those that are there."""

    def frame(self) -> pl.DataFrame:
        """Return them all."""
        ...

    def clear(self) -> None:
        """Forget them all; a frame of them is not to be used any more."""


class DayFiles:
    """The files of one *name* in the *folder* of a run, one for each day that has rows.

    A day waits in memory until its last hour is there: Polars cannot add to a file that is written.
    """

    def __init__(
        self, folder: Path, name: str, start: datetime, waiting: Waiting, files: Iterable[EventFile] = ()
    ) -> None:
        """Begin, or go on after the days of *files*; others that are there are of a process that died."""
        self._folder, self._name, self._start, self._waiting = folder, name, start, waiting
        self._day: date | None = None
        self.files = list(files)
        """What is written."""
        known = {folder / f"{file.path}{PARTIAL}" for file in self.files}
        for file in folder.glob(f"date=*/{name}{PARTIAL}"):
            if file not in known:
                file.unlink()

    def add(self, hour: int, records: NDArray[np.void]) -> None:
        """Take records of an *hour*, no earlier than the one before; PacelineError where the disk is full."""
        day = (self._start + timedelta(hours=hour)).date()
        if day != self._day:
            self.finish()
            self._day = day
        self._waiting.add(hour, records)

    def finish(self) -> None:
        """Write what waits, so that it lasts; PacelineError where the disk does not take it."""
        if not len(self._waiting):
            return
        path = f"date={self._day:%Y-%m-%d}/{self._name}"
        file, frame = self._folder / f"{path}{PARTIAL}", self._waiting.frame()
        with written(file):
            file.parent.mkdir(exist_ok=True)
            # Statistics are a sixth of the work, and all that they could spare a reader is hours of a day.
            frame.write_parquet(
                file,
                compression="zstd",
                compression_level=1,
                statistics=False,
                row_group_size=_ROWS_TOGETHER,
            )
            sync(file)
            sync(file.parent)
            self.files.append(described(file, path, len(frame), self._waiting.hours))
        self._waiting.clear()


def show_days(folder: Path, files: Iterable[EventFile]) -> None:
    """Give *files* in the *folder* of their run the names that readers know; some may have them."""
    for file in files:
        hidden = folder / f"{file.path}{PARTIAL}"
        if hidden.exists():
            hidden.rename(folder / file.path)
