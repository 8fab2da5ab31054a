"""What is compiled into the tick: columns by name, the hash that gives draws their addresses, quantiles."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterable
from typing import Any

import numpy as np
from numba import njit

from sim import streams
from sim.events import FUNNEL, INVENTORY
from sim.layout import RATES, TABLE_BITS
from sim.streams import Purpose

GOLDEN = np.uint64(streams.GOLDEN)
LOW = np.uint64(0xFFFFFFFF)
HALF = np.uint64(32)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
FRACTION_BITS = 20
INDEX_SHIFT = np.uint64(64 - TABLE_BITS)
FRACTION_SHIFT = np.uint64(64 - TABLE_BITS - FRACTION_BITS)
FRACTION_MASK = np.uint64((1 << FRACTION_BITS) - 1)
TABLE_STEPS = 1 << TABLE_BITS
LAST_STEP = TABLE_STEPS - 1
TABLE_SHIFT = np.uint64(TABLE_BITS)


@njit(cache=True, nogil=True, forceinline=True)
def mix(word):
    """Return the SplitMix64 finaliser of *word*, both uint64."""
    word = (word ^ (word >> np.uint64(30))) * _FIRST
    word = (word ^ (word >> np.uint64(27))) * _SECOND
    return word ^ (word >> np.uint64(31))


@njit(cache=True, nogil=True, forceinline=True)
def person_draw(person, salt):
    """Return the draw that all of a person's draws for the purpose of *salt* are derived from, uint64."""
    return mix(np.uint64(person) * GOLDEN ^ salt)


@njit(cache=True, nogil=True, forceinline=True)
def quantile(table, draw):
    """Return the int64 value of a quantile *table* at a 64-bit *draw*; a table of one step is a constant."""
    if len(table) == 1:
        return table[0]
    index = np.int64(draw >> INDEX_SHIFT)
    fraction = np.int64((draw >> FRACTION_SHIFT) & FRACTION_MASK)
    below = table[index]
    return below + (((table[index + 1] - below) * fraction) >> FRACTION_BITS)


def columns(names: Iterable[str], numbers: Any) -> Any:
    """Return *numbers* by these names."""
    return namedtuple("Columns", names)(*numbers)


STAGE, STOCK, RATE = (columns(names, range(len(names))) for names in (FUNNEL, INVENTORY, RATES))
SALT = columns(Purpose.__members__, map(int, Purpose))
