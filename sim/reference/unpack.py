"""Won slots as they are, from records into columns, for reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.events import COLUMNS_BY_TYPE, COUNTED_COLUMNS


def unpack(events: NDArray[np.void], start: int, columns: Sequence[NDArray[Any]]) -> None:
    """Write EVENT records to *columns*, from position *start* on.

    These are one array for each type of COLUMNS_BY_TYPE, its columns × records.
    """
    _unpack(COLUMNS_BY_TYPE, events, start, columns)


def unpack_counted(events: NDArray[np.void], start: int, columns: Sequence[NDArray[Any]]) -> None:
    """Write what is counted of EVENT records, as `unpack` does: the columns of COUNTED_COLUMNS."""
    _unpack(COUNTED_COLUMNS, events, start, columns)


def _unpack(
    by_type: Mapping[str, Sequence[str]],
    events: NDArray[np.void],
    start: int,
    columns: Sequence[NDArray[Any]],
) -> None:
    for names, table in zip(by_type.values(), columns, strict=True):
        for row, name in zip(table, names, strict=True):
            row[start : start + len(events)] = events[name]
