"""Events of hours become counts: sums by creative, and how many viewers saw a line item."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from sim import kernels
from sim.engine.site import SiteHour
from sim.events import COUNTED_COLUMNS, Counted

Columns = tuple[NDArray[Any], ...]
"""Those of COUNTED_COLUMNS, an array for each type."""


class Counting:
    """A clerk that groups the events of some hours at once."""

    def __init__(self, line_items: int, creatives: int, summed: Sequence[str]) -> None:
        """Take how many there are in the book, and the columns of EVENT that are *summed*."""
        self._line_items, self._creatives, self._summed = line_items, creatives, tuple(summed)
        self._rooms: list[Columns] = []
        """Columns that nobody counts in: they are used again, for memory that is new has to be cleared."""

    @property
    def sums(self) -> tuple[str, ...]:
        """Return what is in `Counted.sums`: slots won, and the columns that are summed."""
        return ("won", *self._summed)

    def count(self, hours: Sequence[SiteHour]) -> list[Counted]:
        """Return what is counted of each of the *hours*; ghosts are not."""
        parts, ends = _won(hours)
        room = self._room(int(ends[-1]))
        at, events = _columns(parts, ends, room)
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
        until = np.searchsorted(at, np.arange(len(hours)), side="right")
        viewers = np.empty((len(hours), self._line_items), np.int64)
        kernels.reached(events["line_item"], events["viewer_id"], billed, until, viewers)
        self._rooms.append(room)
        return list(map(Counted, sums.reshape(shape), viewers))

    def _room(self, slots: int) -> Columns:
        with suppress(IndexError):  # threads have one clerk
            room = self._rooms.pop()
            if room[0].shape[1] >= slots:
                return room
        return tuple(np.empty((len(names), slots * 5 // 4), kind) for kind, names in COUNTED_COLUMNS.items())


def _won(hours: Sequence[SiteHour]) -> tuple[list[tuple[int, NDArray[np.void]]], NDArray[np.int64]]:
    # The slots won in them, each part with the place of its hour, and where parts end, from 0 on.
    won = [
        (at, part[part["ghost"] == 0] if hour.ghosts else part)
        for at, hour in enumerate(hours)
        for part in hour.events
    ]
    return won, np.cumsum([0, *(len(part) for _, part in won)], dtype=np.int64)


def _columns(
    parts: Sequence[tuple[int, NDArray[np.void]]], ends: NDArray[np.int64], room: Columns
) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:
    # Which of the hours each slot is of, and the columns that are counted, in this room.
    for (_, part), begin in zip(parts, ends.tolist(), strict=False):  # the last end begins none
        kernels.unpack_counted(part, begin, room)
    at = np.repeat(np.array([at for at, _ in parts], np.int64), np.diff(ends))
    each = zip(COUNTED_COLUMNS.values(), room, strict=True)
    return at, {name: row[: len(at)] for names, rows in each for name, row in zip(names, rows, strict=True)}
