"""A Parquet file, written a row group at a time: nothing of it stays in memory but where its parts are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import sim
from analysis.parquet import thrift
from analysis.parquet.columns import Chunk, Column, Encoding
from analysis.parquet.thrift import Value

_MAGIC = b"PAR1"
_DATA_PAGE, _DICTIONARY_PAGE = 0, 2
_UNCOMPRESSED = 0


class ParquetFile:
    """A file that has row groups added, and can be read when it is ended."""

    def __init__(
        self, path: Path, columns: Sequence[Column], sorted_by: Sequence[str], about: Mapping[str, str]
    ) -> None:
        """Begin the file at *path*; *about* is kept with it by name."""
        self._columns, self._about, self._rows = columns, about, 0
        names = [column.name for column in columns]
        up = {2: thrift.flag(False), 3: thrift.flag(False)}
        self._sorting = thrift.listed(
            thrift.struct({1: thrift.int32(names.index(name)), **up}) for name in sorted_by
        )
        self._groups: list[Value] = []
        self._file = path.open("xb")
        self._at, self._waiting = 0, list[bytes]()
        self._add(_MAGIC)

    def write(self, rows: int, chunks: Sequence[Chunk]) -> None:
        """Add a row group of so many *rows*, a chunk for each column."""
        begin = self._at
        each = [self._chunk(column, chunk, rows) for column, chunk in zip(self._columns, chunks, strict=True)]
        size = thrift.int64(self._at - begin)
        fields = {1: thrift.listed(each), 2: size, 3: thrift.int64(rows), 4: self._sorting}
        self._groups.append(thrift.struct(fields | {5: thrift.int64(begin), 6: size}))
        self._rows += rows
        self._flush()

    def end(self) -> None:
        """End the file: it can be read."""
        footer = self._footer().contents
        self._add(footer + len(footer).to_bytes(4, "little") + _MAGIC)
        self._flush()
        self._file.close()

    def close(self) -> None:
        """Close the file, as far as it was written; what the disk did not take is lost."""
        with suppress(OSError):
            self._file.close()

    def _chunk(self, column: Column, chunk: Chunk, rows: int) -> Value:
        begin = self._at
        if chunk.entries:
            header = {1: thrift.int32(chunk.entries), 2: thrift.int32(Encoding.plain)}
            self._page(_DICTIONARY_PAGE, chunk.dictionary, {7: thrift.struct(header)})
        data = self._at
        header = {1: thrift.int32(rows), 2: thrift.int32(chunk.encoding)}
        header |= {3: thrift.int32(Encoding.runs), 4: thrift.int32(Encoding.runs)}
        self._page(_DATA_PAGE, chunk.data, {5: thrift.struct(header)})
        size, used = thrift.int64(self._at - begin), {chunk.encoding}
        used |= {Encoding.plain} if chunk.entries else set()
        used |= {Encoding.runs} if column.nullable else set()
        bounds = None
        if chunk.bounds:
            least, most = (thrift.binary(column.plain([end])) for end in chunk.bounds)
            bounds = thrift.struct({5: most, 6: least})
        fields = {
            1: thrift.int32(column.physical),
            2: thrift.listed(thrift.int32(encoding) for encoding in sorted(used)),
            3: thrift.listed([thrift.binary(column.name)]),
            4: thrift.int32(_UNCOMPRESSED),
            5: thrift.int64(rows),
            6: size,
            7: size,
            9: thrift.int64(data),
            11: thrift.int64(begin) if chunk.entries else None,
            12: bounds,
        }
        return thrift.struct({2: thrift.int64(begin), 3: thrift.struct(fields)})

    def _page(self, kind: int, contents: bytes, header: dict[int, Value]) -> None:
        size = thrift.int32(len(contents))
        self._add(thrift.struct({1: thrift.int32(kind), 2: size, 3: size, **header}).contents)
        self._add(contents)

    def _footer(self) -> Value:
        root = thrift.struct({4: thrift.binary("schema"), 5: thrift.int32(len(self._columns))})
        about = (
            thrift.struct({1: thrift.binary(name), 2: thrift.binary(text)})
            for name, text in self._about.items()
        )
        ordered = thrift.struct({1: thrift.struct({})})  # each column by the order of its type
        fields = {
            1: thrift.int32(1),
            2: thrift.listed([root, *(column.element for column in self._columns)]),
            3: thrift.int64(self._rows),
            4: thrift.listed(self._groups),
            5: thrift.listed(about),
            6: thrift.binary(f"paceline {sim.__version__}"),
            7: thrift.listed(ordered for _ in self._columns),
        }
        return thrift.struct(fields)

    def _add(self, contents: bytes) -> None:
        self._waiting.append(contents)
        self._at += len(contents)

    def _flush(self) -> None:
        self._file.write(b"".join(self._waiting))
        self._waiting.clear()
