"""Files that Polars panics over are one line that names them, and nothing is printed."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

import polars as pl
import pytest

from analysis.replay.log import LogColumns, read
from analysis.rows import manifest
from entities.errors import InputError
from scenarios.reading import reading

DAMAGED = "it is damaged, or of a kind that Polars does not know"


def damaged(file: Path) -> Path:
    """Write a Parquet file of a sound footer, of which the words of a column say no length, and return it."""
    words = pl.Series(["a"] * 9, dtype=pl.Enum(["a", "b"]))
    pl.DataFrame({"value": range(9), "price": range(9), "word": words}).write_parquet(file)
    raw = file.read_bytes()
    found = re.search(rb"ARROW:schema.{1,6}?([A-Za-z0-9+/=]{100,})", raw, re.DOTALL)
    assert found
    schema = base64.b64decode(found[1])
    assert b"1;a1;b" in schema
    file.write_bytes(raw.replace(found[1], base64.b64encode(schema.replace(b"1;a1;b", b"x;a1;b"))))
    with pytest.raises(BaseException) as caught:  # noqa: PT011 - it is no Exception, which is the point
        pl.read_parquet(file)
    assert type(caught.value) is pl.exceptions.PanicException
    return file


def test_a_file_that_panics(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = damaged(tmp_path / "log.parquet")
    assert "panicked" in capfd.readouterr().err
    with pytest.raises(InputError, match=rf"^{re.escape(str(file))}: is not a PARQUET file: {DAMAGED}$"):
        read(file, LogColumns())
    size = file.stat().st_size
    kept = manifest.EventFile(path=file.name, rows=9, bytes=size, sha256="", first_hour=0, last_hour=0)
    with pytest.raises(InputError, match=r"log.parquet: is no Parquet file; copy the whole folder again"):
        manifest.intact(tmp_path, [kept])
    assert capfd.readouterr() == ("", "")


def test_what_else_is_said_meanwhile_is_passed_on(capfd: pytest.CaptureFixture[str]) -> None:
    with reading("it"):
        os.write(2, b"of another thread")
    assert capfd.readouterr().err == "of another thread"

    def fail() -> None:
        os.write(2, b"of another thread")
        raise OSError("odd\nand long")

    with pytest.raises(InputError, match=r"^it: cannot be read: odd$"), reading("it"):
        fail()
    assert capfd.readouterr().err == "of another thread"
    with pytest.raises(ZeroDivisionError), reading("it"):
        raise ZeroDivisionError


def test_without_stderr_it_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_: int) -> int:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("os.dup", closed)
    with reading("it"):
        pass
    with pytest.raises(InputError, match=r"^it: cannot be read: bad"), reading("it"):
        raise pl.exceptions.ComputeError("bad")
