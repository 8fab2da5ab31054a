"""Files of a UTC day each, written while a run goes on and shown when it is stored.

Until then they have names that no reader's pattern matches.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.rows.disk import contents, sync, written
from sim.events import Written

PARTIAL = ".partial"
"""What the name of a file ends in until its run is stored."""
_WRITING = ".writing"
"""What it ends in besides until it is complete."""
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

    def __init__(self, folder: Path, name: str, start: datetime, waiting: Waiting) -> None:
        """Begin, or go on after some days."""
        self._folder, self._name, self._start, self._waiting = folder, name, start, waiting
        self._day: date | None = None
        self._files: list[Written] = []

    def add(self, hour: int, records: NDArray[np.void]) -> None:
        """Take records of an *hour*, no earlier than the one before; PacelineError where the disk is full."""
        day = (self._start + timedelta(hours=hour)).date()
        if day != self._day:
            self._finish()
            self._day = day
        self._waiting.add(hour, records)

    def taken(self) -> tuple[Written, ...]:
        """Return the files since this was last asked, that of what waited among them: they last.

        PacelineError where the disk does not take it.
        """
        self._finish()
        found, self._files = self._files, []
        return tuple(found)

    def _finish(self) -> None:
        if not len(self._waiting):
            return
        path = f"date={self._day:%Y-%m-%d}/{self._name}"
        file, frame = self._folder / f"{path}{PARTIAL}", self._waiting.frame()
        # A worker that takes up what a lost one did writes files once more: never into those that are there.
        now = file.with_name(f"{file.name}.{secrets.token_hex(4)}{_WRITING}")
        with written(now):
            file.parent.mkdir(exist_ok=True)
            # Statistics are a sixth of the work, and all that they could spare a reader is hours of a day.
            frame.write_parquet(
                now,
                compression="zstd",
                compression_level=1,
                statistics=False,
                row_group_size=_ROWS_TOGETHER,
            )
            sync(now)
            now.replace(file)
            sync(file.parent)
            self._files.append(described(file, path, len(frame), self._waiting.hours))
        self._waiting.clear()


def described(file: Path, path: str, rows: int, hours: tuple[int, int]) -> Written:
    """Return what is to be known of a *file* that will be at *path* in the folder of its run."""
    return Written(path, rows, *contents(file), *hours)


def show_days(folder: Path, paths: Iterable[str]) -> None:
    """Give files in the *folder* of their run the names that readers know; some may have them."""
    for path in paths:
        hidden = folder / f"{path}{PARTIAL}"
        if hidden.exists():
            hidden.rename(folder / path)


def clear(folder: Path, paths: Iterable[str]) -> None:
    """Remove all files of days that are not at *paths*: processes left them that died."""
    known = {folder / f"{path}{PARTIAL}" for path in paths}
    for file in folder.glob(f"date=*/*{PARTIAL}*"):
        if file not in known:
            file.unlink(missing_ok=True)
