"""Addresses that lead to no database, and files that are none."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from entities import registry

ALLOWED = "must be a file, or a URL such as sqlite:///ads.db or postgresql://user@host/ads"
NO_OPTIONS = "SQLite's options after ? are not supported; name the file alone"
ADDRESSES = {
    "": f"database '' {ALLOWED}",
    "   ": f"database ' ' {ALLOWED}",
    "a\0b": f"database 'a\\x00b' {ALLOWED}",
    "://": f"the database URL cannot be read; it {ALLOWED}",
    "nosuch://host/name": f"database nosuch://host/name: nosuch is not supported; {ALLOWED}",
    "http://example.com/ads.db": f"database http://example.com/ads.db: http is not supported; {ALLOWED}",
    "postgresql+asyncpg://me:secret@host/name": f"database postgresql+asyncpg://me:***@host/name: postgresql+asyncpg is not supported; {ALLOWED}",
    "postgresql+psycopg2://host/name?password=secret": f"database postgresql+psycopg2://host/name: postgresql+psycopg2 is not supported; {ALLOWED}",
    "postgresql://me:a@secret@host/name": "the database URL cannot be read; in a user or a password @ is written %40",
    "postgresql://me:secret@host/name?password=secret": f"the database URL cannot be read; it {ALLOWED}",
    "postgresql://host/name?password=secret&password=secret": f"the database URL cannot be read; it {ALLOWED}",
    "sqlite3:///ads.db": f"database sqlite3:///ads.db: sqlite3 is not supported; {ALLOWED}",
    "sqlite+fast:///ads.db": f"database sqlite+fast:///ads.db: sqlite+fast is not supported; {ALLOWED}",
    "sqlite://ads.db": "database sqlite://ads.db: a file is named as sqlite:///ads.db",
    "sqlite:///ads.db?mode=ro": f"database ads.db: {NO_OPTIONS}",
    "sqlite:///ads.db?mode=ro&uri=true": f"database ads.db: {NO_OPTIONS}",
    "sqlite:///file:ads.db?uri=true": f"database file:ads.db: {NO_OPTIONS}",
    "sqlite:///ads.db?user=me&password=secret": "database sqlite://me:***@/ads.db: a file is named as sqlite:///ads.db",
    "sqlite:///ads.db?key=secret": f"database ads.db: {NO_OPTIONS}",
    "mysql://host/name?token=secret": f"database mysql://host/name: mysql is not supported; {ALLOWED}",
    "mysql://me:secret@host/name": f"database mysql://me:***@host/name: mysql is not supported; {ALLOWED}",
}
"""What `--db` may be given, and what is told; a password is never."""

MISSING = "there is no database ads.db; create it with: paceline init-db, or simulate into it"
NOT_ONE = "database ads.db: file is not a database"


def _written(content: bytes) -> Callable[[Path], None]:
    def write(file: Path) -> None:
        file.write_bytes(content)

    return write


def _ours(file: Path) -> None:
    engine = registry.make_engine(file)
    registry.init_db(engine)
    engine.dispose()


def _said(*statements: str) -> Callable[[Path], None]:
    def make(file: Path) -> None:
        _ours(file)
        _run(file, *statements)

    return make


def _run(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def _theirs(file: Path) -> None:
    _run(file, "CREATE TABLE recipes (name TEXT)")


def _cut(file: Path) -> None:
    _ours(file)
    file.write_bytes(file.read_bytes()[:5000])


def _overwritten(file: Path) -> None:
    _ours(file)
    content = bytearray(file.read_bytes())
    content[:100] = b"\xff" * 100
    file.write_bytes(content)


def _version(number: int) -> str:
    ours = registry.SCHEMA_VERSION
    return (
        f"database ads.db has tables of version {number}; this Paceline needs version {ours};"
        " use a new file, or a newer Paceline for this one"
    )


def _folder(file: Path) -> None:
    file.mkdir()


def _missing(file: Path) -> None:
    del file


OTHERS = "database ads.db holds other tables and no Paceline data; use another file"
FILES: dict[str, tuple[Callable[[Path], None], str]] = {
    "nothing": (_missing, MISSING),
    "a folder": (_folder, "database ads.db: unable to open database file"),
    "text": (_written(b"name: city\nseed: 3\n" * 60), NOT_ONE),
    "noise": (_written(bytes(range(256)) * 16), NOT_ONE),
    "a header alone": (_written(b"SQLite format 3\0" + b"\0" * 84), NOT_ONE),
    "a database of somebody else's": (_theirs, OTHERS),
    "one of a later version": (_said("PRAGMA user_version = 99"), _version(99)),
    "one of a version that never was": (_said("PRAGMA user_version = -1"), OTHERS),
    "one that says it is not ours": (_said("PRAGMA application_id = 1"), OTHERS),
    "one that is cut off": (_cut, "database ads.db: database disk image is malformed"),
    "one that is overwritten": (_overwritten, NOT_ONE),
}
"""What stands where the database should, and what is told."""
