"""Won slots as they are, from records into columns: in one pass, and not one for each column."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numba import literal_unroll, njit

from sim.events import COLUMNS_BY_TYPE, COUNTED_COLUMNS
from sim.kernels.memory import borrowed


def _reader(names: Mapping[str, tuple[str, ...]]) -> Any:
    of_bytes, of_shorts, of_ints, of_longs = (names[kind] for kind in ("u1", "i2", "i4", "i8"))

    @njit(cache=True, nogil=True)
    def unpack(events, start, columns):
        """Write columns of EVENT records to *columns*, from position *start* on.

        These are one array for each type, columns × records: uint8, int16, int32 and int64.
        """
        events, columns = borrowed(events), borrowed(columns)
        flags, shorts, ints, longs = columns
        for r in range(len(events)):
            event, at = events[r], start + r
            place = 0
            for name in literal_unroll(of_bytes):
                flags[place, at] = event[name]
                place += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
            place = 0
            for name in literal_unroll(of_shorts):
                shorts[place, at] = event[name]
                place += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
            place = 0
            for name in literal_unroll(of_ints):
                ints[place, at] = event[name]
                place += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
            place = 0
            for name in literal_unroll(of_longs):
                longs[place, at] = event[name]
                place += 1  # noqa: SIM113 - what is unrolled cannot be enumerated

    return unpack


unpack, unpack_counted = _reader(COLUMNS_BY_TYPE), _reader(COUNTED_COLUMNS)
