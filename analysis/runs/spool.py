"""Rows of a run on their way to the database: most of them wait on disk, so that memory stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from analysis.rows.disk import is_whole, sum_of, sync, written
from analysis.rows.performance import Rows
from entities.errors import InputError
from entities.messages import printable

ROWS_TOGETHER = 20_000
"""Rows of a table that wait for their file; so a small run writes none."""


class Spool:
    """Rows by table, most of them in Parquet files: in a *folder*, or else in a temporary one."""

    def __init__(self, folder: Path | None = None, sums: Mapping[str, Sequence[str]] | None = None) -> None:
        """Begin with the files of each table that were kept in *folder*, and have these *sums*.

        Others that are there are overwritten. InputError where a file is not what it was.
        """
        self._temporary = None
        if folder is None:
            self._temporary = TemporaryDirectory(prefix="paceline-", ignore_cleanup_errors=True)
            folder = Path(self._temporary.name)
        self._folder = folder
        self._waiting: dict[str, list[pl.DataFrame]] = {table: [] for table in Rows._fields}
        self._sums: dict[str, list[str]] = {table: [*(sums or {}).get(table, ())] for table in Rows._fields}
        """SHA-256 of the files of each table that are on disk to stay, which are the first ones."""
        self._files = {table: len(known) for table, known in self._sums.items()}
        for table, known in self._sums.items():
            for number, found in enumerate(known):
                if not is_whole(self._path(table, number), found):
                    raise InputError(f"{printable(str(self._path(table, number)))}: is damaged")

    def append(self, rows: Rows) -> None:
        """Keep the rows of some more hours."""
        for table, frame in zip(Rows._fields, rows, strict=True):
            self._waiting[table].append(frame)
            if sum(map(len, self._waiting[table])) >= ROWS_TOGETHER:
                self._write(table)

    def read(self, table: str) -> Iterator[pl.DataFrame]:
        """Return the rows of *table* in the order of their hours, some thousand in a frame."""
        for number in range(self._files[table]):
            yield pl.read_parquet(self._path(table, number), glob=False)
        if self._waiting[table]:
            yield pl.concat(self._waiting[table])

    def keep(self) -> dict[str, list[str]]:
        """Return the SHA-256 of the files of each table, once all rows so far are on disk to stay."""
        for table, waiting in self._waiting.items():
            if sum(map(len, waiting)):
                self._write(table)
            for number in range(len(self._sums[table]), self._files[table]):
                path = self._path(table, number)
                with written(path):
                    sync(path)
                    self._sums[table].append(sum_of(path))
        return {table: [*sums] for table, sums in self._sums.items() if sums}

    def close(self) -> None:
        """Remove the folder if it is a temporary one."""
        if self._temporary:
            self._temporary.cleanup()

    def _write(self, table: str) -> None:
        path = self._path(table, self._files[table])
        with written(path):
            pl.concat(self._waiting[table]).write_parquet(path, compression="lz4", statistics=False)
        self._files[table] += 1
        self._waiting[table].clear()

    def _path(self, table: str, number: int) -> Path:
        return self._folder / f"{table}-{number:05d}.parquet"
