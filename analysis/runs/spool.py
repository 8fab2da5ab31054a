"""Finished hours wait on disk, so that memory does not grow with the horizon."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from analysis.rows.performance import Rows

HOURS_PER_FILE = 24


class Spool:
    """Rows by table, a Parquet file for each day, in a temporary folder that lives as long as the context."""

    def __init__(self, hours_per_file: int = HOURS_PER_FILE, within: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="paceline-", dir=within))
        self._hours_per_file = hours_per_file
        self._waiting: list[Rows] = []
        self._files = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """Return how many hours are still in memory; never more than a file takes."""
        return len(self._waiting)

    def append(self, rows: Rows) -> Rows | None:
        """Keep the rows of one more hour; return those of all that waited when they go to disk."""
        self._waiting.append(rows)
        return self.flush() if len(self._waiting) >= self._hours_per_file else None

    def flush(self) -> Rows | None:
        """Write whatever waits and return it."""
        if not self._waiting:
            return None
        rows = Rows(*(pl.concat(frames) for frames in zip(*self._waiting, strict=True)))
        for table, frame in zip(Rows._fields, rows, strict=True):
            frame.write_parquet(self._path(table, self._files), compression="lz4", statistics=False)
        self._files += 1
        self._waiting.clear()
        return rows

    def read(self, table: str) -> Iterator[pl.DataFrame]:
        """Return the rows of *table* that are on disk, in the order of their hours, a frame for each file."""
        for number in range(self._files):
            yield pl.read_parquet(self._path(table, number))

    def close(self) -> None:
        """Remove the folder and whatever waits."""
        self._waiting.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, table: str, number: int) -> Path:
        return self.folder / f"{table}-{number:05d}.parquet"
