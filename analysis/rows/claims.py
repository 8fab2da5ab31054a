"""Folders that a process works in until it is done or dies, and how those of dead ones are swept.

The kernel gives up a process's locks when it dies, however it dies. So a folder whose lock can be had
belongs to nobody that lives, be it on this machine or on another that shares the disk.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

LOCK = ".lock"
"""The file of a claimed folder that its process has locked."""


class Claim:
    """A folder that is this process's own until it is released, discarded or left, or the process dies."""

    def __init__(self, folder: Path, note: str = "", *, lock: int | None = None) -> None:
        """Make *folder*, and those that it is in; a *note* is for whoever sweeps it.

        With the *lock* of one that is there it is taken over. OSError where it cannot be made,
        FileExistsError where it is there.
        """
        self.folder = folder
        if lock is not None:
            self._lock = lock
            return
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._lock = _made(folder)
        try:
            os.write(self._lock, note.encode())
        except BaseException:
            self.discard()
            raise

    def release(self) -> None:
        """Leave the folder as it is: nobody's, and never swept."""
        with suppress(OSError):
            (self.folder / LOCK).unlink()
        self.leave()

    def discard(self) -> None:
        """Remove the folder and all that is in it."""
        _remove(self.folder)
        self.leave()

    def leave(self) -> None:
        """Leave the folder to whoever sweeps, as it would be if this process were dead."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def reclaimed(folder: Path) -> Claim | None:
    """Return the claim on a folder that was left, or whose process died; None where a living one has it.

    OSError where it was never claimed.
    """
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if _is(lock, folder / LOCK):
            return Claim(folder, lock=lock)
    except OSError:
        pass
    os.close(lock)
    return None


def sweep(parent: Path, pattern: str, keep: Callable[[Path, str], bool] = lambda *_: False) -> list[Path]:
    """Return the folders in *parent* that dead processes left, now removed; *pattern* is that of their names.

    Those that *keep* is true of stay: it is given a folder and its note, while nobody else has it, and may
    rename it. A folder without a lock was never claimed, and goes only where nothing is in it.
    """
    swept = []
    for folder in sorted(parent.glob(pattern)):
        with _seized(folder) as note:
            if note is not None and not keep(folder, note):
                _remove(folder)
                swept.append(folder)
    return swept


def is_claimed(folder: Path) -> bool:
    """Return whether *folder* belongs to a process that lives."""
    try:
        lock = os.open(folder / LOCK, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False


def _made(folder: Path) -> int:
    folder.mkdir()
    while True:
        # Where somebody sweeps at this moment, the folder may go before it is locked: it is made once more.
        try:
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:
            folder.mkdir(exist_ok=True)
            continue
        with suppress(OSError):  # where the disk knows no locks nobody can have one: it is never swept
            fcntl.flock(lock, fcntl.LOCK_EX)
        if _is(lock, folder / LOCK):
            return lock
        os.close(lock)


@contextmanager
def _seized(folder: Path) -> Iterator[str | None]:
    # The note of a folder that no living process has, locked meanwhile; None for any other.
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            with suppress(OSError):
                folder.rmdir()  # its process died before it had locked it; one with contents stays
        yield None
        return
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held = not folder.is_symlink() and _is(lock, folder / LOCK)
        except OSError:
            held = False
        yield os.read(lock, 1 << 16).decode(errors="replace") if held else None
    finally:
        os.close(lock)


def _is(lock: int, file: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(lock), file.stat())
    except OSError:
        return False


def _remove(folder: Path) -> None:
    # The lock last: what is left, should this be killed, can then be swept again.
    with suppress(OSError):
        for path in folder.iterdir():
            if path.name == LOCK:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with suppress(OSError):
                    path.unlink()
    shutil.rmtree(folder, ignore_errors=True)
