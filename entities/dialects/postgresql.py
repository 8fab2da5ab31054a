"""What PostgreSQL does in a way of its own: connections, transactions, the mark of a version in a table."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    MetaData,
    Table,
    create_engine,
    event,
    exc,
    func,
    inspect,
    select,
)
from sqlalchemy.pool import NullPool
from sqlalchemy.schema import Column, PrimaryKeyConstraint
from sqlalchemy.types import String

_WRITER = 0x70616365
"""The lock that a writer of Paceline holds, as SQLite's writers hold the file: "pace" in ASCII."""
VERSION_TABLE = "paceline_version"
# As Alembic makes it, which keeps it from then on.
_VERSION = Table(
    VERSION_TABLE,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)
_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
"""All that a reader reads was so at one moment: never half of a run."""


def engine(url: URL, wait_s: float) -> Engine:
    """Return an engine for a database on a server; psycopg must be installed."""
    given = {"client_encoding": "utf8", "fallback_application_name": "paceline"}
    given |= {} if "connect_timeout" in url.query else {"connect_timeout": "10"}
    # As with a file: nothing holds a connection, or leaks one, between two transactions.
    made = create_engine(url, connect_args=given, poolclass=NullPool)

    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("paceline_writes", False):
            wait_ms = max(1, round(options.get("paceline_wait_s", wait_s) * 1000))
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {wait_ms}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")
        else:
            connection.exec_driver_sql(_READ)

    event.listen(made, "begin", begin)
    return made


def must_exist(engine: Engine) -> bool:
    """Return that the database is there: connecting tells where it is not."""
    del engine
    return True


def version(connection: Connection) -> int:
    """Return the version of the tables, 0 where they are not ours."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return 0
    found = connection.execute(select(_VERSION.c.version_num)).scalars().all()
    return int(found[0]) if len(found) == 1 and found[0].isdecimal() else 0


def mark(connection: Connection, version: int) -> None:
    """Write down that the tables are ours, and of that version."""
    _VERSION.create(connection, checkfirst=True)
    connection.execute(_VERSION.delete())
    connection.execute(_VERSION.insert().values(version_num=str(version)))


def unmake(connection: Connection, metadata: MetaData) -> None:
    """Remove the tables and the mark."""
    metadata.drop_all(connection)
    _VERSION.drop(connection, checkfirst=True)


def size(connection: Connection, tables: Iterable[Table]) -> int:
    """Return how many bytes the tables take, with their indexes."""
    return sum(connection.scalar(select(func.pg_total_relation_size(one.name))) or 0 for one in tables)


def why_not_written(connection: Connection, table: str) -> str:
    """Return why this role cannot add rows to *table*; nothing where it can."""
    if connection.exec_driver_sql("SELECT pg_is_in_recovery()").scalar():
        return "the server is a standby, which takes no rows"
    if connection.exec_driver_sql("SHOW default_transaction_read_only").scalar() == "on":
        return "transactions are read-only here"
    role, may = connection.execute(
        select(func.current_user(), func.has_table_privilege(table, "INSERT"))
    ).one()
    return "" if may else f"the role {role} may read and not write; its owner can GRANT it to"


@contextmanager
def rebuilding(engine: Engine) -> Iterator[Connection]:
    """Yield a writer's connection."""
    with engine.execution_options(paceline_writes=True).connect() as connection:
        yield connection


def copied(engine: Engine, mark: str) -> None:
    """Do nothing: pg_dump copies a database, and this machine may have no room for it."""
    del engine, mark


def damage(
    engine: Engine, *, thorough: bool = False, rules_of: Iterable[str] = (), within_s: float | None = None
) -> list[str]:
    """Return nothing: the server looks after its files."""
    del engine, thorough, rules_of, within_s
    return []


def altered(engine: Engine, metadata: MetaData) -> list[str]:
    """Return nothing: a server's tables are not words in a file."""
    del engine, metadata
    return []


def compact(engine: Engine) -> None:
    """Do nothing: the server uses its space again."""
    del engine


def align_ids(connection: Connection, tables: Iterable[Table]) -> None:
    """Let the next row of each table have the least id above all others, as in SQLite.

    A run books what it creates under the ids that it will have; what is rolled back would else use them up.
    """
    for table in tables:
        if "id" in table.columns:
            highest = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, "id")
            connection.execute(select(func.setval(sequence, highest, False)))


def is_locked(error: Any) -> bool:
    """Return whether *error* says that another process holds the database, now."""
    return getattr(error, "sqlstate", None) in {"55P03", "40P01", "40001"}


def told(error: Any) -> str:
    """Return in one line what psycopg says of *error*."""
    diagnosed = getattr(error, "diag", None)
    first = getattr(diagnosed, "message_primary", None) or " ".join(str(error).split())
    match getattr(error, "sqlstate", None):
        case "55P03":
            return "database is locked"
        case "42501":
            return f"{first}; its owner can GRANT it to the role of this address"
        case "25006":
            return f"{first}; the role of this address may not write here"
    return str(first)


def copy(connection: Connection, table: Table, columns: Sequence[str], csv: bytes) -> None:
    """Add rows to *table* by COPY: CSV without a header, NULL where nothing stands between two commas."""
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(table.name)} ({', '.join(map(quote, columns))}) FROM STDIN WITH (FORMAT csv)"
    cursor: Any = connection.connection.cursor()
    try:
        with cursor.copy(statement) as rows:
            rows.write(csv)
    except connection.dialect.loaded_dbapi.Error as error:  # which SQLAlchemy has not seen
        base = connection.dialect.loaded_dbapi.Error
        raise exc.DBAPIError.instance(statement, None, error, base, dialect=connection.dialect) from error
    finally:
        cursor.close()
