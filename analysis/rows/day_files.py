"""A day's Parquet file: written under a name that no reader's pattern matches, and shown with its run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from analysis.rows.manifest import EventFile, described
from entities.errors import PacelineError
from entities.messages import printable, reason, short

_PARTIAL = ".partial"
_ROWS_TOGETHER = 1 << 18
"""Rows of a row group: what a reader has in memory at once."""


def write_day(frame: pl.DataFrame, folder: Path, path: str, hours: tuple[int, int]) -> EventFile:
    """Return what the manifest says of *frame*, written as what will be *path* in the *folder* of its run.

    *hours* are the first and the last one that it has. PacelineError where the disk does not take it.
    """
    file = folder / f"{path}{_PARTIAL}"
    try:
        file.parent.mkdir(exist_ok=True)
        # Statistics are a sixth of the work, and all that they could spare a reader is hours of a day.
        frame.write_parquet(
            file, compression="zstd", compression_level=1, statistics=False, row_group_size=_ROWS_TOGETHER
        )
        return described(file, path, len(frame), hours)
    except OSError as error:
        raise PacelineError(f"{printable(str(file))}: cannot be written: {reason(error)}") from error
    except pl.exceptions.ComputeError as error:  # what Polars makes of a disk that is full
        said = short(str(error).partition("\n")[0])
        raise PacelineError(
            f"{printable(str(file))}: cannot be written; is the disk full? ({said})"
        ) from error


def show_days(folder: Path, files: Iterable[EventFile]) -> None:
    """Give *files* in the *folder* of their run the names that readers know."""
    for file in files:
        (folder / f"{file.path}{_PARTIAL}").rename(folder / file.path)
