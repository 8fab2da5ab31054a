"""A disk that is full is told as that, with the file, its bytes and the disk's."""

from __future__ import annotations

import resource
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.rows import disk
from analysis.rows.disk import written
from analysis.rows.hidden import hidden_folder
from analysis.rows.performance import Rows
from analysis.runs.spool import ROWS_TOGETHER, Spool
from entities.errors import PacelineError
from tests.unit.analysis.synthetic import Market, columns, event_files

BOOK = columns()
FULL = r"cannot be written after 0 bytes: no space left on device; the disk at /.* has [\d,]+ bytes free$"
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")


@needs_full
@pytest.mark.parametrize("vague", [False, True], ids=["as Polars says it", "where Polars does not say it"])
def test_events_on_a_full_disk(vague: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def invalid(*_: object, **__: object) -> None:
        raise pl.exceptions.ComputeError("parquet: File out of specification: Invalid thrift: bad data")

    monkeypatch.setattr("analysis.rows.day_files.secrets.token_hex", lambda _: "now")
    if vague:
        monkeypatch.setattr(pl.DataFrame, "write_parquet", invalid)
    files = event_files(tmp_path, BOOK)
    day = hidden_folder(tmp_path, "r1") / "date=2026-11-02"
    day.mkdir()
    (day / "events.parquet.partial.now.writing").symlink_to("/dev/full")
    files.write(Market(BOOK).hour())
    with pytest.raises(PacelineError, match=rf"/events.parquet.partial.now.writing: {FULL}") as caught:
        files.finish()
    assert caught.value.exit_code == 1


@needs_full
def test_a_manifest_on_a_full_disk(tmp_path: Path) -> None:
    files = event_files(tmp_path, BOOK)
    (hidden_folder(tmp_path, "r1") / "manifest.json.partial").symlink_to("/dev/full")
    with pytest.raises(PacelineError, match=rf"/manifest.json: {FULL}"):
        files.complete()


@needs_full
def test_rows_that_wait_on_a_full_disk(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    (tmp_path / "performance-00000.parquet").symlink_to("/dev/full")
    frame = pl.DataFrame({"hour": range(ROWS_TOGETHER)})
    rows = Rows(*(frame for _ in Rows._fields))
    with pytest.raises(PacelineError, match=rf"/performance-00000.parquet: {FULL}"):
        spool.append(rows)
    spool.close()


@pytest.mark.parametrize("vague", [False, True], ids=["as Polars says it", "where Polars does not say it"])
def test_a_file_that_may_not_grow(vague: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, (soft, hard) = tmp_path / "rows", resource.getrlimit(resource.RLIMIT_FSIZE)
    if vague:
        monkeypatch.setattr(disk, "_CODE", disk.re.compile("never"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
    told = pytest.raises(PacelineError, match=r"rows: cannot be written after 4,096 bytes: file too large;")
    try:
        with told, written(file):
            pl.DataFrame({"a": range(10_000)}).write_parquet(file, compression="uncompressed")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_array_in_a_file_that_may_not_grow(tmp_path: Path) -> None:
    file, (soft, hard) = tmp_path / "state.npy", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
    told = pytest.raises(
        PacelineError, match=r"state\.npy: cannot be written after 4,096 bytes: file too large;"
    )
    try:
        with told, written(file), file.open("wb") as opened:
            np.save(opened, np.zeros(10_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_is_no_fault_of_the_disk_is_told_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "rows"
    with pytest.raises(PacelineError, match=r"rows: cannot be written after 0 bytes: odd;"), written(file):
        raise pl.exceptions.ComputeError("odd\nand long")
    assert file.stat().st_size == 0
    deep = tmp_path / "deep" / "rows"
    told = pytest.raises(PacelineError, match=r"deep/rows: cannot be written after 0 bytes: no such file")
    with told, written(deep):
        deep.touch()
