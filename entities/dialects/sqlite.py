"""What SQLite does in a way of its own: connections, transactions, and the mark of a version in the file."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import chain, count
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, exc
from sqlalchemy.pool import NullPool

from entities.errors import InputError

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
    if (wait_s := options.get("paceline_wait_s")) is None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("paceline_writes", False) else "BEGIN")
        return
    usual = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {max(1, round(wait_s * 1000))}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(usual)}")  # readers may keep the commit waiting


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


def align_ids(connection: Connection, tables: Iterable[Table]) -> None:
    """Do nothing: the next row has the least id above all others."""
    del connection, tables


def is_locked(error: Any) -> bool:
    """Return whether *error* says that another process holds the database, now."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def told(error: Any) -> str:
    """Return in one line what SQLite says of *error*."""
    return str(error)
