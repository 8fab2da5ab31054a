"""Draws of 64 bits and what is read from them, and tables as plain objects."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
from numpy.typing import NDArray

from sim import streams
from sim.layout import ATOMS, TABLE_BITS, TAILED


class Row(SimpleNamespace):
    """A record of a table: `sim.layout` says what its fields mean; `place` is its position."""


def quantile(table: Sequence[int] | NDArray[np.int64], draw: int) -> int:
    """Return the value of a quantile *table* at a 64-bit *draw*, on a straight line between two steps."""
    if len(table) == 1:
        return int(table[0])
    step, way = divmod(draw >> (64 - TABLE_BITS - 20), 1 << 20)
    below, above = int(table[step]), int(table[step + 1])
    return below + ((above - below) * way >> 20)


def value(row: Sequence[int] | NDArray[np.int64], form: int, draw: int) -> int:
    """Return the value of a *row* of the value tables at a 64-bit *draw*; *form* is how the row is read."""
    steps = 1 << TABLE_BITS
    if form == ATOMS:
        step, way = divmod(draw >> (64 - TABLE_BITS - 20), 1 << 20)
        return int(row[step] if way < row[steps + step] else row[step + 1])
    if form == TAILED and draw >> (64 - TABLE_BITS) == steps - 1:
        return quantile(row[steps - 1 :], draw << TABLE_BITS & streams.MASK)
    return quantile(row[: steps + 1], draw)


def halves(draw: int) -> tuple[int, int]:
    """Return the low and the high half of a 64-bit *draw*: two draws of 32 bits."""
    high, low = divmod(draw, 1 << 32)
    return low, high


def pick(cumulative: Sequence[int], draw: int) -> int:
    """Return the first position whose *cumulative* share lies above *draw*."""
    return next((i for i, share in enumerate(cumulative) if draw < share), len(cumulative) - 1)


def rows(table: NDArray[np.void]) -> list[Row]:
    """Return the records of a *table* as objects whose fields are Python's whole numbers."""
    names = table.dtype.names or ()
    records = enumerate(table.tolist())
    return [Row(place=place, **dict(zip(names, record, strict=True))) for place, record in records]


def write(table: NDArray[np.void], records: Sequence[Row]) -> None:
    """Put the fields of *records* back into their *table*."""
    for name in table.dtype.names or ():
        table[name] = [getattr(record, name) for record in records]
