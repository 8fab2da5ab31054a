"""The database and the folder of events of a run, left as they were where the run fails."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from entities import registry
from entities.errors import DatabaseError, InputError
from entities.messages import printable, reason

_COUNTS = {
    "advertisers": "SELECT count(*) FROM advertisers",
    "simulation_runs": "SELECT count(*) FROM simulation_runs",
}


def file_of(engine: Engine) -> Path | None:
    """Return the file that a database is in, None for one in memory or on a server."""
    name = engine.url.database
    return None if registry.is_server(engine) or not name or name == ":memory:" else Path(name)


@contextmanager
def database(name: str, *, create: bool = False) -> Iterator[tuple[Engine, bool]]:
    """Yield the engine of a checked database, and whether it is new.

    With *create*, a missing one is made, and removed if the block fails.
    """
    engine = registry.make_engine(name)
    opened: list[Any] = []
    event.listen(engine, "connect", lambda raw, _: opened.append(raw))
    file = file_of(engine)
    if file is None and not registry.is_server(engine):
        shown = printable(registry.name_of(engine))
        raise InputError(f"database {shown} is gone when the process ends; name a file")
    if file and file.exists() and not file.is_file():
        kind = "a folder" if file.is_dir() else "a device or a pipe"
        raise InputError(f"database {printable(str(file))}: is {kind}; name a file")
    was_there = bool(file and file.exists())
    fresh = bool(create and file and _is_empty(file))
    try:
        fresh = _open(engine, create) or fresh
        yield engine, fresh
    except BaseException:
        engine.dispose()
        for raw in opened:  # the traceback keeps an interrupted one, with its lock
            with suppress(Exception):
                raw.close()
        if fresh and file:
            _restore(file, was_there)
        elif fresh:
            with suppress(DatabaseError):  # a server that is gone is told by what is raised
                registry.undo_init(engine)
        raise
    engine.dispose()


def _open(engine: Engine, create: bool) -> bool:
    with refused():
        if not create:
            registry.check_db(engine)
            return False
        if registry.init_db(engine):
            return True
    registry.check_sound(engine)  # now, and not when a run of an hour is over
    return False


@contextmanager
def refused() -> Iterator[None]:
    """Make bad input of a database that is missing, of another program or version: another name mends it.

    One that is ours and locked, or whose disk is full, is a failure.
    """
    try:
        yield
    except DatabaseError as error:
        if isinstance(error.__cause__, OperationalError):
            raise
        raise InputError(str(error)) from error


def _is_empty(file: Path) -> bool:
    # Obstacles are found now, not at the end of a run.
    name = f"database {printable(str(file))}"
    if not file.parent.is_dir():
        raise InputError(f"{name}: there is no folder {printable(str(file.parent))}")
    if not os.access(file.parent, os.W_OK):  # SQLite keeps its journal there
        raise InputError(f"{name}: the folder {printable(str(file.parent))} is not writable")
    if not file.exists():
        try:
            file.touch()
        except OSError as error:
            raise InputError(f"{name}: {reason(error)}") from None
    elif not os.access(file, os.W_OK):
        raise InputError(f"{name}: is not writable")
    return file.stat().st_size == 0


def _restore(file: Path, was_there: bool) -> None:
    # Another process may have begun to use the new database: it goes only under a lock, and without rows.
    with suppress(sqlite3.Error, OSError), closing(sqlite3.connect(file, timeout=0)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        for table in tables & _COUNTS.keys():
            if connection.execute(_COUNTS[table]).fetchone() != (0,):
                return
        if was_there:
            os.truncate(file, 0)
        else:
            file.unlink(missing_ok=True)


@contextmanager
def folder(events: Path | None) -> Iterator[None]:
    """Make the folder of events where it is missing, and remove it if the block fails.

    InputError where it cannot be made, or no folder in it.
    """
    if events is None:
        yield
        return
    missing = [path for path in (events, *events.parents) if not path.exists()]
    try:
        events.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "is not a folder" if isinstance(error, FileExistsError | NotADirectoryError) else reason(error)
        raise InputError(f"events {printable(str(events))}: {why}") from None
    if not os.access(events, os.W_OK | os.X_OK):
        raise InputError(f"events {printable(str(events))}: is not writable")
    try:
        _try_out(events)
        yield
    except BaseException:
        for path in missing:
            with suppress(OSError):
                path.rmdir()  # only where nothing is in it
        raise


def _try_out(events: Path) -> None:
    # What may be written by its rights may still be no place for files, as /proc is.
    try:
        Path(mkdtemp(prefix=".paceline-", dir=events)).rmdir()
    except OSError as error:
        raise InputError(f"events {printable(str(events))}: takes no folders: {reason(error)}") from None
