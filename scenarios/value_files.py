"""Files of observed values that a scenario names: read when it is loaded, and part of it from then on."""

from __future__ import annotations

import copy
import math
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from entities.errors import InputError
from entities.messages import listed, short
from scenarios.layers import Layered, places
from scenarios.reading import reading
from scenarios.yaml_source import at, dotted, shown
from sim.valuation.empirical import MOST_VALUES, MOST_WORTH

if TYPE_CHECKING:
    import polars as pl

MAX_BYTES = 1_000_000_000
MOST_CELLS = 100_000_000
"""Rows × columns of a file: a small one may unfold to more than the memory."""
SUFFIXES = (".csv", ".parquet")
KIND = "empirical"


def inlined(layered: Layered) -> Layered:
    """Return *layered* with the values of every file that an empirical valuation names beside its name.

    A file is looked for beside the scenario in which it is named, and nowhere else. InputError names the
    place in the scenario, the file, and what is wrong with it.
    """
    named = [key for key in places(layered.data, ()) if _names_a_file(at(layered.data, key))]
    if not named:
        return layered
    data = copy.deepcopy(layered.data)
    for path in named:
        part, where = at(data, path), (*path, "file")
        source = layered.origin(where).source
        written = (document.path for document in layered.documents if shown(document.path) == source)
        folder = next(written, layered.path).parent
        try:
            part["values"] = _values(folder, part["file"], part.get("column", ""))
        except InputError as error:
            raise InputError(f"{layered.origin(where)}: {dotted(where)}: {error}") from None
    return replace(layered, data=data)


def _names_a_file(part: Any) -> bool:
    # Values beside a file are its own, from a scenario that was shown; there is nothing left to read.
    named = isinstance(part, dict) and part.get("kind") == KIND and isinstance(part.get("file"), str)
    return named and "values" not in part


def _values(folder: Path, name: str, column: str) -> list[float]:
    path = _inside(folder, name)
    frame = frame_of(path)
    if frame.is_empty():
        raise InputError(f"{shown(path)}: has no rows; a value needs one")
    numbers = _column(frame, column).to_list()
    for row, number in enumerate(numbers, 1):
        if number is None or not math.isfinite(number) or not 0 <= number <= MOST_WORTH:
            given = "nothing" if number is None else f"{number:g}"
            allowed = f"must be a number from 0 to {MOST_WORTH}, a multiple of the maximum CPM"
            raise InputError(f"{shown(path)}: row {row}: {given} is not allowed; {allowed}")
    return _shortened(sorted(float(number) for number in numbers))


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    quoted = f'"{short(name)}"'
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise InputError(f"{quoted} is not allowed; must be a file beside the scenario, or in a folder there")
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{quoted} is not allowed; must end in {' or '.join(SUFFIXES)}")
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(folder.resolve()):
            raise InputError(f"{quoted} is a link that leads out of the scenario's folder")
        if not real.is_file():
            raise InputError(f"{shown(path)}: is not a file")
        if real.stat().st_size > MAX_BYTES:
            raise InputError(f"{shown(path)}: is larger than {MAX_BYTES:,} bytes, the most that is read")
    except FileNotFoundError:
        raise InputError(f"{shown(path)}: no such file") from None
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{shown(path)}: cannot be read: {why}") from None
    return path


def frame_of(path: Path) -> pl.DataFrame:
    """Return the table in a CSV or Parquet file; InputError where it is none, or larger than MOST_CELLS."""
    import polars as pl  # noqa: PLC0415 - takes a moment, and few scenarios name a file

    with reading(shown(path), f"is not a {path.suffix[1:].upper()} file"):
        parquet = path.suffix.lower() == ".parquet"
        table = pl.scan_parquet(path, glob=False) if parquet else pl.scan_csv(path, glob=False)
        # A short line of CSV has all columns of the first one, too.
        rows, columns = table.select(pl.len()).collect().item(), len(table.collect_schema())
        if rows * columns <= MOST_CELLS:
            return pl.read_parquet(path, glob=False) if parquet else pl.read_csv(path, glob=False)
    raise InputError(
        f"{shown(path)}: has {rows:,} rows of {columns:,} columns; {MOST_CELLS:,} values are read at most"
    )


def _column(frame: pl.DataFrame, name: str) -> pl.Series:
    known = listed(short(one, 40) for one in frame.columns)
    if not name and len(frame.columns) != 1:
        raise InputError(f"has {len(frame.columns)} columns; say which with `column`: {known}")
    found = name or frame.columns[0]
    if found not in frame.columns:
        raise InputError(f'no column "{short(found)}"; the file has {known}')
    series = frame[found]
    if not series.dtype.is_numeric():
        raise InputError(f'the column "{short(found)}" holds no numbers')
    return series


def _shortened(values: list[float]) -> list[float]:
    if len(values) <= MOST_VALUES:
        return values
    sums = list(accumulate(values, initial=0.0))

    def up_to(part: int) -> float:
        # A value that two parts share is divided between them.
        full, rest = divmod(part * len(values), MOST_VALUES)
        return sums[full] + (values[full] * rest / MOST_VALUES if rest else 0.0)

    share = len(values) / MOST_VALUES
    return [(up_to(part + 1) - up_to(part)) / share for part in range(MOST_VALUES)]
