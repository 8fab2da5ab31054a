"""What is counted of won slots, from records into columns: in one pass, and not one for each column."""

from __future__ import annotations

from numba import literal_unroll, njit

from sim.events import COUNTED_COLUMNS
from sim.kernels.memory import borrowed

_BYTES, _SHORTS, _INTS, _LONGS = (tuple(COUNTED_COLUMNS[kind]) for kind in ("u1", "i2", "i4", "i8"))


@njit(cache=True, nogil=True)
def spread(events, start, columns):
    """Write the COUNTED_COLUMNS of EVENT records to *columns*, from position *start* on.

    These are one array for each type, columns × records: uint8, int16, int32 and int64.
    """
    events, columns = borrowed(events), borrowed(columns)
    flags, shorts, ints, longs = columns
    for r in range(len(events)):
        event, at = events[r], start + r
        place = 0
        for name in literal_unroll(_BYTES):
            flags[place, at] = event[name]
            place += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
        place = 0
        for name in literal_unroll(_SHORTS):
            shorts[place, at] = event[name]
            place += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
        place = 0
        for name in literal_unroll(_INTS):
            ints[place, at] = event[name]
            place += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
        place = 0
        for name in literal_unroll(_LONGS):
            longs[place, at] = event[name]
            place += 1  # noqa: SIM113 - what is unrolled cannot be enumerated
