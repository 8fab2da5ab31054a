"""Won slots as they are, from records into columns or into what is hashed, for reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.events import ALWAYS, COLUMNS_BY_TYPE, COUNTED_COLUMNS


def unpack(events: NDArray[np.void], start: int, columns: Sequence[NDArray[Any]]) -> None:
    """Write EVENT records to *columns*, from position *start* on.

    These are one array for each type of COLUMNS_BY_TYPE, its columns × records.
    """
    _unpack(COLUMNS_BY_TYPE, events, start, columns)


def unpack_counted(events: NDArray[np.void], start: int, columns: Sequence[NDArray[Any]]) -> None:
    """Write what is counted of EVENT records, as `unpack` does: the columns of COUNTED_COLUMNS."""
    _unpack(COUNTED_COLUMNS, events, start, columns)


def pack(
    records: NDArray[np.uint8], ends: NDArray[np.int64], packed: NDArray[np.uint8], used: NDArray[np.bool_]
) -> None:
    """Write the columns that all EVENT records have to *packed*, and to *used* which others are not all 0.

    *records* are bytes, records × EVENT.itemsize, those of each shard up to its end in *ends*; *packed* is
    records × ALWAYS.itemsize, and *used* bool, shards × OPTIONAL, false in each.
    """
    for shard, (begin, end) in enumerate(pairwise([0, *ends.tolist()])):
        packed[begin:end] = records[begin:end, : ALWAYS.itemsize]
        used[shard] = records[begin:end, ALWAYS.itemsize :].any(axis=0)


def _unpack(
    by_type: Mapping[str, Sequence[str]],
    events: NDArray[np.void],
    start: int,
    columns: Sequence[NDArray[Any]],
) -> None:
    for names, table in zip(by_type.values(), columns, strict=True):
        for row, name in zip(table, names, strict=True):
            row[start : start + len(events)] = events[name]
