"""Recorded logs of values and market prices, read from Parquet or CSV and checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from entities.errors import InputError
from entities.messages import did_you_mean, listed, nearest
from scenarios.value_files import SUFFIXES, frame_of

EXACT_BELOW = 1 << 26
"""Micros per impression below which quotients of two amounts, as floats, are in their true order."""
UNITS = {"cpm": 1_000, "micros": 1, "impression": 1_000_000}
"""Micros per impression in one of each: a CPM, a micro, and a price per impression such as 0.025."""
MOST_TICKS = 10_000_000
"""Nineteen years of minutes."""
MOST_COUNT = 1_000_000
"""Of clicks or completed views of one impression."""
LOW = 100
"""Micros per impression, 10 cents CPM: a log whose amounts are all below may be in another unit."""


@dataclass(frozen=True)
class Log:
    """Auctions in order: what each was worth to the bidder, and the highest bid against it."""

    values: NDArray[np.int64]
    """Micros per impression."""
    prices: NDArray[np.int64]
    """Micros per impression."""
    bounds: NDArray[np.int64]
    """Row where each tick begins, and the number of rows, ticks + 1."""
    outcomes: NDArray[np.int64] | None = None
    """Clicks or completed views that winning each would bring; None where the log does not say."""

    @property
    def ticks(self) -> int:
        """Return the number of ticks."""
        return len(self.bounds) - 1


@dataclass(frozen=True)
class LogColumns:
    """Which columns of a file are read, and how."""

    value: str = "value"
    price: str = "price"
    outcome: str | None = None
    """A column of 0 and 1, or of other counts; for policies that hold the cost of one."""
    tick: str | None = None
    """A column that never falls from row to row; None makes ticks of *rows_per_tick* rows."""
    unit: str = "cpm"
    rows_per_tick: int = 1
    tick_minutes: int | None = None
    """Cuts the moments of *tick* into ticks of so many minutes, those without a row included."""


def read(file: Path, columns: LogColumns, warn: Callable[[str], None] = lambda _: None) -> Log:
    """Return the log in *file*; amounts are rounded to whole micros once, halves to even.

    Raises InputError where the file cannot be read, a column is missing, or a value is not an amount.
    """
    frame = _frame(file)
    if frame.is_empty():
        raise InputError(f"{file}: has no rows")
    values = _micros(file, frame, "--value-column", columns.value, columns.unit)
    prices = _micros(file, frame, "--price-column", columns.price, columns.unit)
    highest = int(max(values.max(), prices.max()))
    if highest < LOW:
        warn(
            f"{file}: no amount is above {highest} micros an impression, {highest / 1000:g} CPM;"
            f" --unit is {columns.unit}, and can be {', '.join(UNITS)}"
        )
    if columns.tick is None:
        bounds = np.append(np.arange(0, len(values), columns.rows_per_tick), len(values))
    else:
        bounds = _ticks(file, frame, columns.tick, columns.tick_minutes)
    outcomes = _counts(file, frame, columns.outcome) if columns.outcome else None
    return Log(values, prices, bounds.astype(np.int64), outcomes)


def _frame(file: Path) -> pl.DataFrame:
    if file.suffix.lower() not in SUFFIXES:
        raise InputError(f"{file}: is not known by its ending; a log is a .parquet or .csv file")
    if not file.is_file():
        raise InputError(f"{file}: there is no such file")
    return frame_of(file)


def _column(file: Path, frame: pl.DataFrame, option: str, name: str) -> pl.Series:
    if name in frame.columns:
        return frame[name]
    near, there = did_you_mean(nearest(name, frame.columns)), listed(frame.columns) or "no columns"
    raise InputError(f'{file}: has no column "{name}", which {option} names; it has {there}{near}')


def _micros(file: Path, frame: pl.DataFrame, option: str, name: str, unit: str) -> NDArray[np.int64]:
    column = _column(file, frame, option, name)
    if not column.dtype.is_numeric():
        raise InputError(f'{file}: column "{name}" is {column.dtype}; {option} must name numbers')
    amounts = column.cast(pl.Float64)
    most = (EXACT_BELOW - 1) // UNITS[unit]
    bad = amounts.is_null() | ~amounts.is_finite().fill_null(False) | (amounts < 0) | (amounts > most)
    if unit == "micros":
        bad |= amounts != amounts.round()
    if bad.fill_null(True).any():
        row = int(bad.fill_null(True).arg_max() or 0)
        kind = "whole micros" if unit == "micros" else "an amount"
        hint = f"{kind} from 0 to {most:,} with --unit {unit}"
        raise InputError(f'{file}: row {row + 1}: "{name}" is {column[row]}; must be {hint}')
    scaled = (amounts * UNITS[unit]).round(mode="half_to_even")
    micros: NDArray[np.int64] = scaled.cast(pl.Int64).to_numpy()
    return micros


def _counts(file: Path, frame: pl.DataFrame, name: str) -> NDArray[np.int64]:
    column = _column(file, frame, "--outcome-column", name)
    counts = column.cast(pl.Int64) if column.dtype == pl.Boolean else column
    if not counts.dtype.is_integer() or counts.null_count() or not counts.is_between(0, MOST_COUNT).all():
        allowed = f"whole numbers from 0 to {MOST_COUNT:,} without gaps, such as 1 for a click"
        raise InputError(f'{file}: column "{name}" must be {allowed}')
    found: NDArray[np.int64] = counts.cast(pl.Int64).to_numpy()
    return found


def _ticks(file: Path, frame: pl.DataFrame, name: str, minutes: int | None) -> NDArray[np.int64]:
    column = _column(file, frame, "--tick-column", name)
    if column.null_count() or not (column.dtype.is_integer() or column.dtype.is_temporal()):
        raise InputError(f'{file}: column "{name}" must be whole numbers or times without gaps')
    if minutes and column.dtype in (pl.Datetime, pl.Date):
        column = column.cast(pl.Datetime("us")).cast(pl.Int64) // (minutes * 60_000_000)
    numbers = column.cast(pl.Int64).to_numpy()
    steps = np.diff(numbers)
    if (steps < 0).any():
        row = int(np.argmax(steps < 0)) + 2
        raise InputError(f'{file}: row {row}: "{name}" goes back; rows must be in the order of their ticks')
    if not minutes:
        return np.append(np.append(0, np.flatnonzero(steps > 0) + 1), len(numbers))
    # With minutes, a tick without an auction is a tick all the same, or days would be too long.
    first, last = int(numbers[0]), int(numbers[-1])
    if last - first >= MOST_TICKS:
        raise InputError(
            f'{file}: "{name}" goes from {first} to {last}; with --tick-minutes its numbers are those of'
            f" ticks, {MOST_TICKS:,} at most"
        )
    return np.searchsorted(numbers, np.arange(first, last + 2))
