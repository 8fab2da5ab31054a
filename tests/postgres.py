"""A PostgreSQL server of the tests' own: on this machine only, its data in a folder that goes with it."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:
    import psycopg

REQUIRED = "PACELINE_TESTS_NEED_POSTGRESQL"
"""Where this variable is set, a server that is missing is an error; else its tests are skipped."""
SUPER = "owner"
NOTHING = "template0"
"""A database without tables, to be copied."""


def _programs() -> Path | None:
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return versions[-1] if versions else None


def _user() -> dict[str, Any]:
    # PostgreSQL refuses to be run by root.
    if os.geteuid():
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


_END_OTHERS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE name TEXT;
BEGIN
  SET LOCAL session_replication_role = replica;  -- children may go after their parents
  FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'paceline_version' LOOP
    EXECUTE format('DELETE FROM %I', name);
  END LOOP;
  PERFORM setval(seqrelid, 1, false) FROM pg_sequence;
END $$
"""
_SHAPE = (
    "SELECT relname, relkind, relowner, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY relname",
    "SELECT relname, attnum, attname, atttypid, attnotnull, attacl::text FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace ORDER BY 1, 2",
    "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1",
    "SELECT setconfig FROM pg_db_role_setting JOIN pg_database ON setdatabase = pg_database.oid WHERE datname = current_database()",
    "SELECT nspacl::text FROM pg_namespace WHERE nspname = 'public'",
)  # fmt: skip
"""What tells whether a database is as it was, beside its rows."""


class _State(NamedTuple):
    shape: list[list[tuple[Any, ...]]]
    rows: dict[str, list[str]]

    @property
    def is_empty(self) -> bool:
        return not any(rows for table, rows in self.rows.items() if table != "paceline_version")


def _rows(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {
        name: sorted(map(repr, connection.execute(f"SELECT * FROM {name}".encode()).fetchall()))
        for (name,) in tables
    }


class Server:
    """A running server: in it databases are made, and statements run, behind the command's back."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._numbers = count(1)
        self._states: dict[str, _State] = {}
        self._spare: dict[str, list[str]] = {}

    def url(self, database: str, user: str = SUPER, password: str = "") -> str:
        """Return the address of a database: by its socket, or with a *password* by the loopback."""
        if password:
            return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def sql(self, database: str, *statements: str, user: str = SUPER) -> list[tuple[Any, ...]]:
        """Run *statements*, each at once, and return what the last one found."""
        with self._connected(database, user) as connection:
            for statement in statements:
                found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def _connected(self, database: str, user: str = SUPER) -> psycopg.Connection[Any]:
        import psycopg

        where = {"host": str(self.folder), "port": self.port, "user": user, "dbname": database}
        return psycopg.connect(**where, autocommit=True)  # type: ignore[arg-type]  # any keyword

    def create(self, template: str = NOTHING) -> str:
        """Return the name of a new database, a copy of *template*."""
        name = f"ads_{next(self._numbers)}"
        self.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def dump(self, database: str) -> dict[str, list[str]]:
        """Return the rows of all tables of a database, in no order of theirs."""
        with self._connected(database) as connection:
            return _rows(connection)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def taken(self, template: str) -> str:
        """Return the name of a copy of *template*: one that was given back, or a new one."""
        spare = self._spare.setdefault(template, [])
        return spare.pop() if spare else self.create(template)

    def give_back(self, database: str, template: str) -> None:
        """Keep a copy of *template* for the next who asks where it is still, or again, as that; else remove it."""
        if template == NOTHING:
            self.drop(database)
            return
        if template not in self._states:
            self._states[template] = self._state(template)
        self.sql(database, _END_OTHERS, *([_EMPTY] if self._states[template].is_empty else []))
        if self._state(database) == self._states[template]:
            self._spare[template].append(database)
        else:
            self.drop(database)

    def _state(self, database: str) -> _State:
        with self._connected(database) as connection:
            shape = [connection.execute(query.encode()).fetchall() for query in _SHAPE]
            return _State(shape, _rows(connection))


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, **_user())
    assert done.returncode == 0, done.stderr


def _started(programs: Path, folder: Path, port: int) -> subprocess.Popen[bytes]:
    # Sorted in the way of a language, as servers often do: tests see whether Paceline sorts by bytes all the same.
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=icu", "--icu-locale=en-US")
    access = ("--auth-local=trust", "--auth-host=scram-sha-256", f"--username={SUPER}", "--no-sync")
    _run(str(programs / "initdb"), f"--pgdata={folder / 'data'}", *locale, *access)
    options = {
        "listen_addresses": "127.0.0.1",
        "port": port,
        "unix_socket_directories": folder,
        "shared_buffers": "32MB",
        # What is in it may be lost with the machine, and nobody copies it or tidies up.
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "autovacuum": "off",
    }
    settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(folder / "data"), *settings]
    with (folder / "log").open("wb") as log:
        about: dict[str, Any] = {"stdout": log, "stderr": log, **_user()}
        return subprocess.Popen(command, preexec_fn=_ends_with_us, **about)  # noqa: PLW1509 - one system call


def _ends_with_us() -> None:
    # Where the tests are killed, Linux ends the server, too: PR_SET_PDEATHSIG, and an immediate shutdown.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGQUIT)


def _ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    import psycopg

    while True:
        assert process.poll() is None, (server.folder / "log").read_text()
        try:
            server.sql("postgres", "SELECT 1")
            return
        except psycopg.OperationalError:
            time.sleep(0.05)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve() -> Iterator[Server]:
    """Yield a running server, and end it."""
    programs = _programs()
    if programs is None:
        told = "PostgreSQL is not installed here (Debian, Ubuntu: the package postgresql)"
        pytest.fail(told) if os.environ.get(REQUIRED) else pytest.skip(told)
    # A socket's path has to be short, and a folder of pytest's is not.
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    try:
        if user := _user():
            shutil.chown(folder, user["user"], user["group"])
        server = Server(folder, _port())
        process = _started(programs, folder, server.port)
        try:
            _ready(server, process)
            yield server
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: it ends the sessions that are left
            process.wait(timeout=60)
    finally:
        shutil.rmtree(folder)


def databases(server: Server, template: str = NOTHING) -> Iterator[str]:
    """Yield the name of a database of the test's own, which is as *template*."""
    name = server.taken(template)
    try:
        yield name
    finally:
        server.give_back(name, template)
