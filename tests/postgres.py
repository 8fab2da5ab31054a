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
from typing import Any

import pytest

REQUIRED = "PACELINE_TESTS_NEED_POSTGRESQL"
"""Where this variable is set, a server that is missing is an error; else its tests are skipped."""
SUPER = "owner"


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


class Server:
    """A running server: in it databases are made, and statements run, behind the command's back."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self._numbers = count(1)

    def url(self, database: str, user: str = SUPER, password: str = "") -> str:
        """Return the address of a database: by its socket, or with a *password* by the loopback."""
        if password:
            return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def sql(self, database: str, *statements: str, user: str = SUPER) -> list[tuple[Any, ...]]:
        """Run *statements*, each at once, and return what the last one found."""
        import psycopg

        where = {"host": str(self.folder), "port": self.port, "user": user, "dbname": database}
        with psycopg.connect(**where, autocommit=True) as connection:  # type: ignore[arg-type]  # any keyword
            for statement in statements:
                found = connection.execute(statement.encode())
            return found.fetchall() if found.description else []

    def create(self, template: str = "template0") -> str:
        """Return the name of a new database, a copy of *template*."""
        name = f"ads_{next(self._numbers)}"
        self.sql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def dump(self, database: str) -> dict[str, list[str]]:
        """Return the rows of all tables of a database, in no order of theirs."""
        tables = self.sql(database, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name: sorted(map(repr, self.sql(database, f"SELECT * FROM {name}"))) for (name,) in tables}

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self.sql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


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
        "fsync": "off",
        "shared_buffers": "32MB",
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


def databases(server: Server, template: str = "template0") -> Iterator[str]:
    """Yield the name of a database that is removed in the end."""
    name = server.create(template)
    try:
        yield name
    finally:
        server.drop(name)
