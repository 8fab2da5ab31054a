"""Won slots as they are, from records into columns or into what is hashed: each in one pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numba import literal_unroll, njit

from sim.events import ALWAYS, COLUMNS_BY_TYPE, COUNTED_COLUMNS, EVENT
from sim.kernels.memory import borrowed

_BYTES, _ALL = ALWAYS.itemsize, EVENT.itemsize


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


@njit(cache=True, nogil=True)
def pack(records, ends, packed, used):
    """Write the columns that all EVENT records have to *packed*, and to *used* which others are not all 0.

    *records* are bytes, records × EVENT.itemsize, those of each shard up to its end in *ends*; *packed* is
    records × ALWAYS.itemsize, and *used* bool, shards × OPTIONAL, false in each.
    """
    records, packed, used = borrowed(records), borrowed(packed), borrowed(used)
    begin = 0
    for s in range(len(ends)):
        for r in range(begin, ends[s]):
            for k in range(_BYTES):
                packed[r, k] = records[r, k]
            for k in range(_BYTES, _ALL):
                used[s, k - _BYTES] |= records[r, k] != 0
        begin = ends[s]
