"""What a file of SQLite says of its tables, held against the models."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import MetaData, create_engine
from sqlalchemy.pool import StaticPool

_PARTS = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name"
_OPTIONS = "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'"


class Part(NamedTuple):
    """A table or an index, as a file has it."""

    of: str
    lines: Counter[str]
    """What it is made of, in no order; an upgrade puts columns elsewhere."""
    options: tuple[Any, ...]


def altered(raw: sqlite3.Connection, metadata: MetaData) -> list[str]:
    """Return what tables and indexes of a file do not say as the models do; more does no harm."""
    there, found = _parts(raw), []
    for name, part in _wanted(metadata).items():
        if (now := there.get(name)) is None:
            found.append(f"{name} is not there")
            continue
        more = now.lines - part.lines
        # A column that somebody added stands behind our last one, on its line.
        missing = [line for line in sorted(part.lines - now.lines) if not _begins(more, f"{line}, ")]
        if missing:
            found.append(f"{name} does not say: {missing[0]}")
        elif (now.of, now.options) != (part.of, part.options):
            found.append(f"{name} is of another sort")
    return found


def _begins(lines: Iterable[str], start: str) -> bool:
    return any(line.startswith(start) for line in lines)


@cache
def _wanted(metadata: MetaData) -> dict[str, Part]:
    engine = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(engine)
    with closing(engine.raw_connection()) as connection:
        raw: Any = connection.driver_connection
        found = _parts(raw)
    engine.dispose()
    return found


def _parts(raw: sqlite3.Connection) -> dict[str, Part]:
    options = {name: tuple(more) for name, *more in raw.execute(_OPTIONS)}
    return {
        f"{sort} {name}": Part(of, Counter(_lines(sql)), options.get(name, ()))
        for sort, name, of, sql in raw.execute(_PARTS)
    }


def _lines(sql: str) -> list[str]:
    # A column's own check may stand behind it, or by itself; options have what stands at the end.
    parts = re.sub(r" (CONSTRAINT \w+ CHECK \(length\(name\))", r",\n\1", sql.replace('"', "")).splitlines()
    lines = (part.strip().rstrip(",") for part in parts)
    return [line for line in lines if not re.fullmatch(r"\)? ?(WITHOUT ROWID)?,? ?(STRICT)?", line)]
