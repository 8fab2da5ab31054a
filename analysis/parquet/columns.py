"""What can be a column of a file, and its values in a row group as pages.

Apache Parquet, `Encodings.md`, `LogicalTypes.md` and `parquet.thrift`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from analysis.parquet import kernels, thrift
from analysis.parquet.thrift import Value


class Physical(IntEnum):
    """How a value is stored."""

    boolean = 0
    int32 = 1
    int64 = 2
    text = 6


class Encoding(IntEnum):
    """How many values are stored."""

    plain = 0
    runs = 3
    differences = 5
    dictionary = 8


class Meaning(NamedTuple):
    """What a stored value stands for, as readers of today and older ones know it."""

    logical: Value | None = None
    converted: int | None = None


_UTC_MICROS = {1: thrift.flag(True), 2: thrift.struct({2: thrift.struct({})})}
NUMBER = Meaning()
TEXT = Meaning(thrift.struct({1: thrift.struct({})}), 0)
MOMENT = Meaning(thrift.struct({8: thrift.struct(_UTC_MICROS)}), 10)
"""Microseconds since 1970, UTC."""
UINT8 = Meaning(thrift.struct({10: thrift.struct({1: thrift.byte(8), 2: thrift.flag(False)})}), 11)
INT16 = Meaning(thrift.struct({10: thrift.struct({1: thrift.byte(16), 2: thrift.flag(True)})}), 16)


@dataclass(frozen=True)
class Column:
    """A column: its name, how it is stored, and what that means."""

    name: str
    physical: Physical
    meaning: Meaning = NUMBER
    nullable: bool = False

    @property
    def element(self) -> Value:
        """Return its SchemaElement."""
        fields = {
            1: thrift.int32(self.physical),
            3: thrift.int32(int(self.nullable)),
            4: thrift.binary(self.name),
            6: None if self.meaning.converted is None else thrift.int32(self.meaning.converted),
            10: self.meaning.logical,
        }
        return thrift.struct(fields)

    def plain(self, numbers: Iterable[int]) -> bytes:
        """Return *numbers* of it as they are stored where nothing is encoded."""
        size = 4 if self.physical == Physical.int32 else 8
        return b"".join(number.to_bytes(size, "little", signed=True) for number in numbers)


@dataclass(frozen=True)
class Chunk:
    """The values of a column in a row group."""

    encoding: Encoding
    data: bytes
    """The data page without its header."""
    dictionary: bytes = b""
    entries: int = 0
    """Of the dictionary; 0 for none."""
    bounds: tuple[int, int] | None = None
    """The least and the greatest value, where readers shall know them."""


_FEW = 64
"""Numbers so close together have a dictionary, which is packed in half the time of their differences."""


class Encoder:
    """Makes chunks, in room that the next ones use again."""

    def __init__(self) -> None:
        self._room = np.empty(0, np.uint8)

    def flags(self, values: NDArray[np.uint8]) -> Chunk:
        """Return *values* that are 0 or 1 as a chunk of a boolean column."""
        return Chunk(Encoding.plain, np.packbits(values, bitorder="little").tobytes())

    def numbers(self, column: Column, values: NDArray[Any]) -> Chunk:
        """Return whole numbers, at least one, as a chunk: their differences, or codes of a few."""
        least, most = int(values.min()), int(values.max())
        if most - least < _FEW:
            entries = most - least + 1
            data = self.codes(values - least, entries)
            return Chunk(Encoding.dictionary, data, column.plain(range(least, most + 1)), entries)
        room = self._of(kernels.room_for(len(values)))
        return Chunk(Encoding.differences, room[: kernels.delta(values, room)].tobytes())

    def codes(self, values: NDArray[Any], entries: int, null: int | None = None) -> bytes:
        """Return the data page of positions in a dictionary of so many *entries*.

        Where *null* is given the column is nullable, and that code is none.
        """
        levels, width = b"", max(1, (entries - 1).bit_length())
        if null is not None:
            there = values != null
            levels = self._runs(there.view(np.uint8), 1)
            levels = len(levels).to_bytes(4, "little") + levels
            values = values[there]
        return levels + bytes([width]) + self._runs(values, width)

    def _runs(self, values: NDArray[Any], width: int) -> bytes:
        # One run: of one value, or of values that are packed in groups of eight.
        if not len(values):
            return b""
        if values[0] == values[-1] and (values == values[0]).all():
            return thrift.varint(len(values) << 1) + int(values[0]).to_bytes((width + 7) // 8, "little")
        groups = -(-len(values) // 8)
        room = self._of(groups * width + 8)
        end = kernels.pack(values, width, room, 0)
        room[end:] = 0
        return thrift.varint(groups << 1 | 1) + room[: groups * width].tobytes()

    def _of(self, size: int) -> NDArray[np.uint8]:
        if size > len(self._room):
            self._room = np.empty(size, np.uint8)
        return self._room[:size]


def plain_text(words: Sequence[str]) -> bytes:
    """Return *words* as a dictionary has them."""
    data = (word.encode() for word in words)
    return b"".join(len(each).to_bytes(4, "little") + each for each in data)
