"""Won slots as they are, from records into columns, for reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.events import COLUMNS_BY_TYPE


def unpack(events: NDArray[np.void], start: int, columns: Sequence[NDArray[Any]]) -> None:
    """Write EVENT records to *columns*, from position *start* on.

    These are one array for each type of COLUMNS_BY_TYPE, its columns × records.
    """
    for names, table in zip(COLUMNS_BY_TYPE.values(), columns, strict=True):
        for row, name in zip(table, names, strict=True):
            row[start : start + len(events)] = events[name]
