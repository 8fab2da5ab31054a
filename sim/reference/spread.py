"""What is counted of won slots, from records into columns, for reading."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.events import COUNTED_COLUMNS


def spread(events: NDArray[np.void], start: int, columns: tuple[NDArray[Any], ...]) -> None:
    """Write the COUNTED_COLUMNS of EVENT records to *columns*, from position *start* on.

    These are one array for each type, columns × records: uint8, int16, int32 and int64.
    """
    for names, table in zip(COUNTED_COLUMNS.values(), columns, strict=True):
        for row, name in zip(table, names, strict=True):
            row[start : start + len(events)] = events[name]
