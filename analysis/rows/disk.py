"""Writing so that it lasts, and what a disk that refuses is told as."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from entities.errors import DiskError
from entities.messages import printable, reason, short

_CODE = re.compile(r"os error (\d+)")
"""Of the system, in what Polars says."""
_MORE = bytes(1 << 20)
"""What is added to a file that failed, to learn from the system why."""


@contextmanager
def written(file: Path) -> Iterator[None]:
    """Make a DiskError of what a disk refuses while *file* is written.

    It names the file, how much of it there is, why there is no more, and the disk with its free bytes.
    """
    try:
        yield
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DiskError(_refused(file, error)) from error


def sync(path: Path) -> None:
    """Wait until the disk has the contents of a file, or the names in a folder."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def contents(file: Path) -> tuple[int, str]:
    """Return the bytes of a file, and their SHA-256, hexadecimal."""
    with file.open("rb") as opened:
        sha = hashlib.file_digest(opened, "sha256")
        return opened.tell(), sha.hexdigest()


def sum_of(file: Path) -> str:
    """Return the SHA-256 of a file, hexadecimal."""
    return contents(file)[1]


def is_whole(file: Path, found: str) -> bool:
    """Return whether there is a file of that SHA-256."""
    return file.is_file() and sum_of(file) == found


def _refused(file: Path, error: Exception) -> str:
    try:
        size = file.stat().st_size
    except OSError:
        size = 0
    why = _why(file, error)
    try:
        folder = next(each for each in file.absolute().parents if each.exists())
        free = shutil.disk_usage(folder).free
        while not folder.is_mount():
            folder = folder.parent
        room = f"; the disk at {printable(str(folder))} has {free:,} bytes free"
    except OSError:
        room = ""
    return f"{printable(str(file))}: cannot be written after {size:,} bytes: {why}{room}"


def _why(file: Path, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return reason(error)
    # Polars says it in one of many ways, and of a file's end not at all; NumPy only how much it wrote.
    text = str(error)
    if found := _CODE.search(text):
        return os.strerror(int(found[1])).lower()
    try:
        with file.open("ab", buffering=0) as opened:
            begin, count = opened.tell(), opened.write(_MORE)
            if count == len(_MORE):
                opened.truncate(begin)
            else:
                opened.write(_MORE)
    except OSError as refused:
        return reason(refused)
    return short(text.partition("\n")[0])
