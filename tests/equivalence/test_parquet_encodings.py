"""The compiled encodings of Parquet are those that are written bit by bit, for reading."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.parquet.kernels import delta, pack, room_for
from analysis.parquet.thrift import varint

BLOCK, PART = 128, 32


def packed(values: list[int], width: int) -> bytes:
    """Return the lowest *width* bits of each of *values*, one after another, the lowest first."""
    bits = sum((value % (1 << width)) << place * width for place, value in enumerate(values))
    return bits.to_bytes(-(-len(values) * width // 8), "little")


def zigzag(number: int) -> int:
    return 2 * number if number >= 0 else -2 * number - 1


def differences(values: list[int]) -> bytes:
    """Return *values* as DELTA_BINARY_PACKED (Parquet, Encodings.md)."""
    data = varint(BLOCK) + varint(BLOCK // PART) + varint(len(values)) + varint(zigzag(values[0]))
    steps = [after - before for before, after in pairwise(values)]
    for begin in range(0, len(steps), BLOCK):
        block = steps[begin : begin + BLOCK]
        least = min(block)
        over = [step - least for step in block]
        parts = [over[place : place + PART] for place in range(0, BLOCK, PART)]
        widths = [max(part, default=0).bit_length() for part in parts]
        data += varint(zigzag(least)) + bytes(widths)
        for part, width in zip(parts, widths, strict=True):
            data += packed(part + [0] * (PART - len(part)), width) if part else b""
    return data


def written(values: NDArray[np.integer]) -> bytes:
    room = np.full(room_for(len(values)) + 50, 7, np.uint8)
    end = delta(values, room)
    assert (room[room_for(len(values)) :] == 7).all()
    return room[:end].tobytes()


@pytest.mark.parametrize("width", range(64))
def test_bits_of_any_width_are_packed(width: int) -> None:
    rng = np.random.default_rng(width)
    for count in (1, 7, 64, 97):
        values = rng.integers(-(1 << 63), (1 << 63) - 1, size=count)
        room = np.full(9 * count + 8, 7, np.uint8)
        end, due = pack(values, width, room, 3), packed(values.tolist(), width)
        assert room[:3].tolist() == [7, 7, 7]
        assert room[3 : 3 + len(due)].tobytes() == due
        assert not room[3 + len(due) : end].any()
        assert (room[end:] == 7).all()


@pytest.mark.parametrize("count", [1, 2, 32, 33, 128, 129, 130, 161, 1000])
@pytest.mark.parametrize(
    ("kind", "low", "high"),
    [
        (np.uint8, 0, 256),
        (np.int16, -(2**15), 2**15),
        (np.int32, -(2**31), 2**31),
        (np.int64, -5, -2),
        (np.int64, 0, 2**45),
        (np.int64, 0, 2**61),
    ],
)
def test_differences_of_any_type_and_number(kind: type, low: int, high: int, count: int) -> None:
    values = np.random.default_rng(count).integers(low, high, count).astype(kind)
    assert written(values) == differences(values.tolist())
    assert written(np.sort(values)) == differences(sorted(values.tolist()))
    assert written(np.full(count, values[0])) == differences([int(values[0])] * count)
