"""Files that are written here are read by others: by Polars, and by DuckDB, which shares no code with it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest

from analysis.parquet import thrift
from analysis.parquet.columns import (
    INT16,
    MOMENT,
    NUMBER,
    TEXT,
    UINT8,
    Chunk,
    Column,
    Encoder,
    Encoding,
    Physical,
    plain_text,
)
from analysis.parquet.writer import ParquetFile

WORDS = ["a", "bb", "", "naïve", "e"]
NULL = 255
COLUMNS = [
    Column("hour", Physical.int32),
    Column("ts", Physical.int64, MOMENT),
    Column("slot", Physical.int64),
    Column("place", Physical.int32, UINT8),
    Column("seconds", Physical.int32, INT16),
    Column("identity", Physical.int32),
    Column("flag", Physical.boolean, NUMBER),
    Column("word", Physical.text, TEXT),
    Column("other", Physical.text, TEXT, nullable=True),
    Column("id", Physical.int64),
]
IDS = [7 * number - 3 for number in range(300)]


def group(rows: int, hour: int, *, nulls: float = 0.3) -> tuple[list[Chunk], pl.DataFrame]:
    """Return a row group, and what is in it."""
    rng, encoder = np.random.default_rng(rows), Encoder()
    moments = np.sort(rng.integers(0, 1 << 50, rows))
    numbers = {
        "hour": np.full(rows, hour, np.int32),
        "ts": moments,
        "slot": rng.integers(0, 1 << 45, rows),
        "place": rng.integers(250, 256, rows).astype(np.uint8),
        "seconds": rng.integers(-(1 << 15), 1 << 15, rows).astype(np.int16),
        "identity": rng.integers(-1, 1 << 31, rows).astype(np.int32),
    }
    flags = rng.integers(0, 2, rows).astype(np.uint8)
    words = rng.integers(0, len(WORDS), rows).astype(np.uint8)
    others = np.where(rng.random(rows) < nulls, NULL, words).astype(np.uint8)
    ids = rng.integers(0, len(IDS), rows).astype(np.int32)
    text = plain_text(WORDS)
    chunks = [encoder.numbers(column, numbers[column.name]) for column in COLUMNS[: len(numbers)]]
    chunks[0] = Chunk(
        chunks[0].encoding, chunks[0].data, chunks[0].dictionary, chunks[0].entries, (hour, hour)
    )
    chunks += [
        encoder.flags(flags),
        Chunk(Encoding.dictionary, encoder.codes(words, len(WORDS)), text, len(WORDS)),
        Chunk(Encoding.dictionary, encoder.codes(others, len(WORDS), NULL), text, len(WORDS)),
        Chunk(Encoding.dictionary, encoder.codes(ids, len(IDS)), COLUMNS[-1].plain(IDS), len(IDS)),
    ]
    due = pl.DataFrame(numbers).with_columns(
        pl.col("ts").cast(pl.Datetime("us", "UTC")),
        flag=pl.Series(flags.astype(bool)),
        word=pl.Series([WORDS[code] for code in words]),
        other=pl.Series([None if code == NULL else WORDS[code] for code in others], dtype=pl.String),
        id=pl.Series([IDS[code] for code in ids]),
    )
    return chunks, due


def write(path: Path, *sizes: int, nulls: float = 0.3) -> pl.DataFrame:
    file, frames = ParquetFile(path, COLUMNS, ["hour"], {"key": "value"}), []
    for hour, rows in enumerate(sizes):
        chunks, frame = group(rows, hour, nulls=nulls)
        file.write(rows, chunks)
        frames.append(frame)
    file.end()
    return pl.concat(frames)


@pytest.mark.parametrize("nulls", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("sizes", [(1,), (8, 1, 9), (128, 129, 130), (5000, 33, 1000)], ids=str)
def test_two_readers_find_what_was_written(sizes: tuple[int, ...], nulls: float, tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    due = write(path, *sizes, nulls=nulls)
    found = pl.read_parquet(path)
    assert found.schema == due.schema
    assert found.equals(due)
    moment = "epoch_us(ts) AS ts"
    rows = duckdb.sql(f"SELECT * REPLACE ({moment}) FROM '{path}'").fetchall()
    assert rows == due.with_columns(pl.col("ts").to_physical()).rows()
    types = duckdb.sql(f"SELECT * FROM '{path}'").types
    assert [str(kind) for kind in types] == [
        "INTEGER", "TIMESTAMP WITH TIME ZONE", "BIGINT", "UTINYINT", "SMALLINT", "INTEGER", "BOOLEAN",
        "VARCHAR", "VARCHAR", "BIGINT",
    ]  # fmt: skip


def test_readers_know_which_row_group_has_which_hours(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    write(path, 10, 20, 30)
    query = f"SELECT row_group_num_rows, stats_min_value, stats_max_value FROM parquet_metadata('{path}')"
    told = duckdb.sql(f"{query} WHERE path_in_schema = 'hour'").fetchall()
    assert told == [(10, "0", "0"), (20, "1", "1"), (30, "2", "2")]
    assert len(pl.scan_parquet(path).filter(pl.col("hour") == 1).collect()) == 20
    assert pl.read_parquet_metadata(path)["key"] == "value"


def test_a_file_that_is_not_ended_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "file.parquet"
    file = ParquetFile(path, COLUMNS, ["hour"], {})
    file.write(10, group(10, 0)[0])
    file.close()
    with pytest.raises(pl.exceptions.ComputeError, match="out of specification"):
        pl.read_parquet(path)


def test_few_numbers_are_coded_and_many_are_differences() -> None:
    encoder, column = Encoder(), Column("x", Physical.int32)
    few = encoder.numbers(column, np.array([5, 68, 5], np.int32))
    assert (few.encoding, few.entries, len(few.dictionary)) == (Encoding.dictionary, 64, 4 * 64)
    assert encoder.numbers(column, np.array([5, 69], np.int32)).encoding == Encoding.differences
    same = encoder.numbers(column, np.full(1000, -7, np.int32))
    assert (same.entries, same.dictionary, len(same.data)) == (1, (-7).to_bytes(4, "little", signed=True), 4)


def test_fields_stand_in_ascending_order_and_near_each_other() -> None:
    assert thrift.struct({1: thrift.int32(-1), 3: None, 4: thrift.flag(True)}).contents == b"\x15\x01\x31\x00"
    with pytest.raises(ValueError, match="field 17 after 1"):
        thrift.struct({1: thrift.int32(0), 17: thrift.int32(0)})


def test_long_lists_have_a_size_of_their_own() -> None:
    assert thrift.listed([]).contents == b"\x0c"
    assert thrift.listed([thrift.int32(0)] * 14).contents == b"\xe5" + b"\0" * 14
    assert thrift.listed([thrift.int32(0)] * 200).contents == b"\xf5\xc8\x01" + b"\0" * 200
