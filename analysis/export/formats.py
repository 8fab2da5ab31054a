"""The formats of an export: how the tables of a run become files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

import polars as pl

from analysis.export.tables import Table
from entities.errors import InputError

RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What the text of a cell begins with that a spreadsheet would take for a formula (OWASP, CSV Injection)."""
NEUTRAL = "'"
"""What such a cell, and one that begins with this, has in front; whoever reads text takes one off."""


class Format(ABC):
    """How tables become files."""

    suffix: ClassVar[str]
    """Of its files."""
    media_type: ClassVar[str]
    by_table: ClassVar[bool] = True
    """Whether each table is a file of its own."""

    needs: ClassVar[str] = ""
    """What has to be installed for it, as people spell it; the module and our extra are its lower case."""

    def check(self) -> None:
        """Raise InputError, before anything is read, where what it needs is not installed."""
        extra = self.needs.lower()
        if extra and find_spec(extra) is None:
            raise InputError(f"format {self.suffix}: needs {self.needs}; pip install 'paceline[{extra}]'")

    @abstractmethod
    def write(self, tables: Iterable[Table], folder: Path) -> Mapping[str, str]:
        """Return the file of each table, by its name, having written them into *folder*."""


class _ByTable(Format):
    def write(self, tables: Iterable[Table], folder: Path) -> Mapping[str, str]:
        """Return the file of each table: its own."""
        files = {}
        for table in tables:
            files[table.name] = f"{table.name}.{self.suffix}"
            self.write_table(table.rows, folder / files[table.name])
        return files

    @abstractmethod
    def write_table(self, rows: pl.DataFrame, file: Path) -> None:
        """Write *rows* into a file."""


class Parquet(_ByTable):
    """Apache Parquet, compressed with Zstandard."""

    suffix, media_type = "parquet", "application/vnd.apache.parquet"

    def write_table(self, rows: pl.DataFrame, file: Path) -> None:
        """Write *rows*, with their types."""
        rows.write_parquet(file, compression="zstd")


class Arrow(_ByTable):
    """Apache Arrow's file format, Feather's second version; not compressed, so that it can be mapped."""

    suffix, media_type = "arrow", "application/vnd.apache.arrow.file"

    def write_table(self, rows: pl.DataFrame, file: Path) -> None:
        """Write *rows*, with their types."""
        rows.write_ipc(file, compression="uncompressed")


class Csv(_ByTable):
    """Comma-separated values, UTF-8: NULL is nothing, empty text is quoted, and no text is a formula."""

    suffix, media_type = "csv", "text/csv"

    def write_table(self, rows: pl.DataFrame, file: Path) -> None:
        """Write *rows*: numbers as they are, moments as 2026-11-02T05:00:00Z, text so that none is run."""
        rows.with_columns(neutral(rows)).write_csv(
            file, quote_style="necessary", datetime_format="%Y-%m-%dT%H:%M:%SZ"
        )


class DuckDb(Format):
    """A DuckDB database with a table for each, whose columns have their description as comment."""

    suffix, media_type = "duckdb", "application/octet-stream"
    by_table, needs = False, "DuckDB"

    def write(self, tables: Iterable[Table], folder: Path) -> Mapping[str, str]:
        """Return the file of each table: one for all."""
        import duckdb  # noqa: PLC0415 - an extra: without it all other formats work

        name, files, between = f"run.{self.suffix}", {}, folder / "between.parquet"
        with duckdb.connect(str(folder / name)) as database:
            for table in tables:
                table.rows.write_parquet(between)  # which needs nothing else installed
                database.read_parquet(str(between)).create(table.name)
                for entry in table.entries:
                    text = entry.text.replace("'", "''")
                    database.execute(f"COMMENT ON COLUMN {table.name}.{entry.name} IS '{text}'")
                files[table.name] = name
        between.unlink(missing_ok=True)
        return files


def neutral(rows: pl.DataFrame) -> list[pl.Expr]:
    """Return the text columns of *rows*, with NEUTRAL before what a spreadsheet would run."""
    text = [name for name, dtype in rows.schema.items() if dtype == pl.String]
    signs = (*RUNS_AS_FORMULA, NEUTRAL)
    return [
        pl.when(pl.any_horizontal(pl.col(name).str.starts_with(sign) for sign in signs))
        .then(NEUTRAL + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in text
    ]


FORMATS: dict[str, Format] = {"parquet": Parquet(), "csv": Csv(), "duckdb": DuckDb(), "arrow": Arrow()}
