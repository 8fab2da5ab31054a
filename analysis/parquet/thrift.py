"""Thrift's compact protocol, as much of it as Parquet's headers and footers need.

Apache Thrift, `doc/specs/thrift-compact-protocol.md`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

_TRUE, _FALSE, _BYTE, _INT32, _INT64, _BINARY, _LIST, _STRUCT = 1, 2, 3, 5, 6, 8, 9, 12


class Value(NamedTuple):
    """A value of a field: the number of its type, and its bytes."""

    kind: int
    contents: bytes


def struct(fields: Mapping[int, Value | None]) -> Value:
    """Return a struct of *fields* by number, in ascending order; None is a field that is left out."""
    parts, last = [], 0
    for number, value in fields.items():
        if value is not None:
            if not 0 < number - last < 16:  # a longer way would need another header
                raise ValueError(f"field {number} after {last}")
            parts += [bytes([(number - last) << 4 | value.kind]), value.contents]
            last = number
    return Value(_STRUCT, b"".join([*parts, b"\0"]))


def listed(values: Iterable[Value], kind: int = _STRUCT) -> Value:
    """Return a list of *values* of one kind, structs where nothing is said."""
    values = list(values)
    kind = values[0].kind if values else kind
    size = (
        bytes([len(values) << 4 | kind]) if len(values) < 15 else bytes([0xF0 | kind]) + varint(len(values))
    )
    return Value(_LIST, size + b"".join(value.contents for value in values))


def flag(value: bool) -> Value:
    """Return a field that is true or false."""
    return Value(_TRUE if value else _FALSE, b"")


def byte(number: int) -> Value:
    """Return an 8-bit number."""
    return Value(_BYTE, bytes([number]))


def int32(number: int) -> Value:
    """Return a 32-bit number."""
    return Value(_INT32, varint(_zigzag(number)))


def int64(number: int) -> Value:
    """Return a 64-bit number."""
    return Value(_INT64, varint(_zigzag(number)))


def binary(contents: str | bytes) -> Value:
    """Return text, or bytes."""
    data = contents.encode() if isinstance(contents, str) else contents
    return Value(_BINARY, varint(len(data)) + data)


def varint(number: int) -> bytes:
    """Return a number that is not negative, seven bits to the byte, the lowest first."""
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    parts.append(number)
    return bytes(parts)


def _zigzag(number: int) -> int:
    return number << 1 ^ number >> 63
