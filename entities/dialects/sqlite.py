"""What SQLite does in a way of its own: connections, transactions, and the mark of a version in the file."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain, count
from pathlib import Path
from time import monotonic
from typing import Any

from sqlalchemy import URL, Connection, Engine, MetaData, Table, create_engine, event, exc
from sqlalchemy.pool import NullPool

from entities.dialects import schema
from entities.errors import InputError

_MAPPED, _STEPS, _TOLD = 1 << 40, 10_000, 20
"""Bytes of a file that are mapped, steps of a check between two looks at the clock, findings of one."""
_MOMENT_MS = 100
"""How long SQLite waits for a lock by itself."""
APPLICATION_ID = 0x70616365
"""Marks a Paceline file among SQLite files: "pace" in ASCII."""


def engine(url: URL, wait_s: float) -> Engine:
    """Return an engine for a file or `:memory:`."""
    # A file is opened when it is needed and closed after: nothing holds it, or leaks, in between.
    pool = NullPool if is_file(url) else None
    try:
        made = create_engine(url, connect_args={"timeout": wait_s}, poolclass=pool)
    except exc.ArgumentError as error:
        raise InputError(f"database {url.database}: {error}") from None
    event.listen(made, "connect", _keep_rules)
    event.listen(made, "begin", _begin)
    return made


def _keep_rules(connection: Any, record: Any) -> None:
    del record
    # We say BEGIN ourselves: sqlite3 would leave DDL and SELECT outside of transactions.
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: a reader that turns writer may find the file changed under it.
    options = connection.get_execution_options()
    wait_s, writes = options.get("paceline_wait_s"), options.get("paceline_writes", False)
    usual = int(connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one())
    until = monotonic() + (usual / 1000 if wait_s is None else wait_s)
    # SQLite waits with its ears shut, and so it does for moments only: in between Ctrl-C is heard.
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {_MOMENT_MS}")
    while not _begun(connection, writes=writes or wait_s is not None, last=monotonic() >= until):
        pass
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {usual}")  # readers may keep the commit waiting


def _begun(connection: Connection, *, writes: bool, last: bool) -> bool:
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
        if not writes:  # a reader has its lock from the first row on
            connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").first()
    except exc.OperationalError as error:
        if last or not is_locked(error.orig):
            raise
        raw: Any = connection.connection.driver_connection
        raw.rollback()
        return False
    return True


def is_file(url: URL) -> bool:
    """Return whether the database lies in a file."""
    return url.database not in {None, "", ":memory:"}


def must_exist(engine: Engine) -> bool:
    """Return whether the database is there: SQLite would leave an empty file behind."""
    return not is_file(engine.url) or Path(engine.url.database or "").exists()


def version(connection: Connection) -> int:
    """Return the version of the tables, 0 where the file is not ours."""
    if connection.exec_driver_sql("PRAGMA application_id").scalar_one() != APPLICATION_ID:
        return 0
    return max(0, int(connection.exec_driver_sql("PRAGMA user_version").scalar_one()))


def mark(connection: Connection, version: int) -> None:
    """Write down that the tables are ours, and of that version."""
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {int(version)}")


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """Yield a writer's connection on which a table may be made anew: no key is looked after meanwhile."""
    with engine.execution_options(paceline_writes=True).connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")  # which is heard only before a transaction
        # The file has a mark of its own; what Alembic writes down goes with the connection.
        connection.exec_driver_sql("CREATE TEMP TABLE paceline_version (version_num TEXT NOT NULL)")
        yield connection


def copied(engine: Engine, mark: str) -> Path:
    """Return a new copy of the file beside it, *mark* in its name."""
    file = Path(engine.url.database or "")
    numbers = chain([""], (f"-{number}" for number in count(2)))
    names = (file.with_name(f"{file.stem}.{mark}{more}{file.suffix}") for more in numbers)
    copy = next(name for name in names if not name.exists())
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def damage(
    engine: Engine, *, thorough: bool = False, rules_of: Iterable[str] = (), within_s: float | None = None
) -> list[str]:
    """Return what is damaged in the file, in SQLite's words, as far as it is seen *within_s* seconds.

    *thorough* also holds indexes to their tables, and *rules_of* the rows of these tables to their CHECKs.
    Nothing for a file that is locked, and for one that is none of SQLite's: whoever opens it is told.
    """
    check = "integrity_check" if thorough else "quick_check"
    until = None if within_s is None else monotonic() + within_s
    try:
        with engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            raw.execute("PRAGMA busy_timeout = 100" if until else "PRAGMA cache_size = -200000")
            raw.execute(f"PRAGMA mmap_size = {_MAPPED}")  # which takes half of the time
            raw.execute("PRAGMA ignore_check_constraints = ON")  # which take as long again
            if until:
                raw.set_progress_handler(lambda: monotonic() > until, _STEPS)
            try:
                found: list[tuple[str]] = []
                # Table by table, for within one nothing looks at the clock at first.
                for what in _tables(raw) if until else [_TOLD]:
                    if not found and (until is None or monotonic() < until):
                        found += raw.execute(f"PRAGMA {check}({what})").fetchall()
                        found = [row for row in found if row != ("ok",)]
                raw.execute("PRAGMA ignore_check_constraints = OFF")
                for table in rules_of:
                    found += raw.execute(f"PRAGMA integrity_check('{table}')").fetchall()
            finally:
                raw.set_progress_handler(None, 0)
    except (exc.DatabaseError, sqlite3.DatabaseError) as error:
        cause = getattr(error, "orig", None) or error
        code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
        return [str(cause)] if code == sqlite3.SQLITE_CORRUPT else []
    lines = [line for (text,) in found for line in str(text).splitlines() if not line.startswith("***")]
    return [line for line in lines if line != "ok"]


def altered(engine: Engine, metadata: MetaData) -> list[str]:
    """Return where the file says of its tables and indexes something else than the models do."""
    try:
        with engine.connect() as connection:
            raw: Any = connection.connection.driver_connection
            return schema.altered(raw, metadata)
    except (exc.DatabaseError, sqlite3.DatabaseError) as error:
        return [str(getattr(error, "orig", None) or error)]


def _tables(raw: Any) -> list[str]:
    # The largest last, as far as their names tell: what is booked before what came of it.
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 ORDER BY rootpage"
    return [f'"{name}"' for (name,) in raw.execute(query)]


def compact(engine: Engine) -> None:
    """Write the file anew without what nothing stands in."""
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        try:
            raw.execute("VACUUM")
        except sqlite3.Error as error:
            raise exc.DBAPIError.instance("VACUUM", None, error, sqlite3.Error) from error


def align_ids(connection: Connection, tables: Iterable[Table]) -> None:
    """Do nothing: the next row has the least id above all others."""
    del connection, tables


def is_locked(error: Any) -> bool:
    """Return whether *error* says that another process holds the database, now."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def told(error: Any) -> str:
    """Return in one line what SQLite says of *error*."""
    return str(error)
