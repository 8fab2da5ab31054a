"""Events of hours become counts: sums by creative, and how many viewers saw a line item."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim import kernels
from sim.engine.site import SiteHour
from sim.events import COUNTED_COLUMNS, Counted


class Counting:
    """A clerk that groups the events of some hours at once."""

    def __init__(self, line_items: int, creatives: int, summed: Sequence[str]) -> None:
        """Take how many there are in the book, and the columns of EVENT that are *summed*."""
        self._line_items, self._creatives, self._summed = line_items, creatives, tuple(summed)

    @property
    def sums(self) -> tuple[str, ...]:
        """Return what is in `Counted.sums`: slots won, and the columns that are summed."""
        return ("won", *self._summed)

    def count(self, hours: Sequence[SiteHour]) -> list[Counted]:
        """Return what is counted of each of the *hours*; ghosts are not."""
        at, events = _columns(hours)
        billed = (events["rendered"] == 1) & (events["invalid"] == 0)
        shape = len(hours), self._creatives, 2, len(self.sums)
        # One number for hour, creative, and whether it is an impression: it groups faster than three.
        cells = (at * self._creatives + events["creative"]) * 2 + billed
        found = (
            pl.DataFrame({"cell": cells, **{name: events[name] for name in self._summed}})
            .group_by("cell")
            .agg(pl.len().cast(pl.Int64).alias("won"), *(pl.col(name).sum() for name in self._summed))
        )
        sums = np.zeros((math.prod(shape[:-1]), len(self.sums)), np.int64)
        sums[found["cell"].to_numpy()] = found.select(pl.col(self.sums).cast(pl.Int64)).to_numpy()
        at = at[billed]
        cells = at * self._line_items + events["line_item"][billed]
        ends = np.searchsorted(at, np.arange(len(hours)), side="right").tolist()
        viewers = _viewers(cells, events["viewer_id"][billed], ends, len(hours) * self._line_items)
        return list(map(Counted, sums.reshape(shape), viewers.reshape(len(hours), -1)))


def _viewers(
    cells: NDArray[np.int64], viewers: NDArray[np.int32], ends: Sequence[int], count: int
) -> NDArray[np.int64]:
    # How many there are in each of so many cells, each once. Sorted, one's first is where the number changes;
    # short numbers are sorted in half the time, and hour by hour, since the cells of later ones are higher.
    width = int(viewers.max(initial=0)) + 1
    kind = np.uint32 if count * width <= 1 << 32 else np.uint64
    seen = (cells * width + viewers).astype(kind)
    for begin, end in pairwise([0, *ends]):
        seen[begin:end].sort()
    firsts = np.append(seen[:1], seen[1:][seen[1:] != seen[:-1]])
    return np.bincount(np.floor_divide(firsts, kind(width)).astype(np.int64), minlength=count)


def _columns(hours: Sequence[SiteHour]) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    # Of the slots won in them: which of the hours each is of, and the columns that are counted.
    won = [
        (at, part[part["ghost"] == 0] if hour.ghosts else part)
        for at, hour in enumerate(hours)
        for part in hour.events
    ]
    ends = np.cumsum([len(part) for _, part in won], dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    tables = tuple(np.empty((len(names), total), kind) for kind, names in COUNTED_COLUMNS.items())
    for (_, part), end in zip(won, ends.tolist(), strict=True):
        kernels.unpack_counted(part, end - len(part), tables)
    at = np.repeat(np.array([at for at, _ in won], np.int64), np.diff(ends, prepend=0))
    each = zip(COUNTED_COLUMNS.values(), tables, strict=True)
    return at, {name: row for names, rows in each for name, row in zip(names, rows, strict=True)}
