"""The rows of a day, in files or in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from entities.messages import printable
from scenarios.reading import reading

Part = list[Path] | pl.DataFrame
"""The files that hold them, or themselves."""


def frame_of(part: Part, columns: Sequence[str], *more: pl.Expr) -> pl.DataFrame:
    """Return these *columns* of the rows, with *more* put into them; InputError where they cannot be read."""
    if isinstance(part, pl.DataFrame):
        return part.select(columns).with_columns(*more)
    with reading(f"{part[0].stem} in {printable(str(part[0].parent))}"):
        return pl.read_parquet(part, columns=list(columns), hive_partitioning=False, glob=False).with_columns(
            *more
        )
