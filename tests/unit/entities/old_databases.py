"""Databases as earlier versions made them: a run of then in the tables of then, in SQLite or in PostgreSQL."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

HERE = Path(__file__).with_name("versions")
LAYOUTS = tuple(sorted(file.stem.removeprefix("layout_") for file in HERE.glob("layout_*.sql")))
"""Each differs from the one before it; a version that two branches had raised has had several: 03, 03b."""
VERSIONS = (*((layout, int(layout[:2])) for layout in LAYOUTS), ("09b", 10), ("10c", 11), ("10c", 12))
"""Layouts, and the versions that they went by."""
_FACTS = ("amount_micros", "limit_micros", "budget", "count", "total", "status", "max_bid_micros")
FACT_COLUMNS = (*_FACTS, "lifetime_micros", "daily_micros")
TYPED: dict[int, tuple[int | str | None, ...]] = {
    1: (None, None, None, 48, None, None, None, None, None),
    2: (None, None, None, 48, None, None, None, None, None),
    3: (None, None, None, None, None, "paused", None, 40_000_000, None),
    4: (None, None, None, None, None, "active", None, None, None),
    5: (None, None, None, None, None, None, 12_500, None, 200_000),
    6: (None, None, None, None, None, None, None, 500_000, None),
    7: (0, 500_000, "lifetime", None, None, None, None, None, None),
    8: (2_350_000, None, None, None, None, None, None, None, None),
    9: (816_000, None, None, None, None, None, None, None, None),
    10: (700, 9_000, "daily", None, None, None, None, None, None),
    11: (188_000, 200_000, "daily", None, None, None, None, None, None),
    12: (None, None, None, 3, 94, None, None, None, None),
}
"""What the facts say in columns, by id, from layout 05 on; before it their text said so."""


def _typed(place: int) -> Callable[[dict[str, Any]], Any]:
    return lambda row: TYPED[row["id"]][place]


_LATER: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
    ("simulation_runs", "book_text"): lambda _: "[]",
    ("simulation_runs", "code"): lambda _: "c0de",
    ("performance_extended", "impression_bid_sum_micros"): lambda row: row["bid_sum_micros"],
    ("performance_extended", "lost_deal"): lambda _: 0,
    ("performance_extended", "worth_sum_micros"): lambda _: 7,
    ("performance_extended", "ghosts"): lambda _: 0,
    ("performance_extended", "forecast_avails"): lambda _: 11,
    ("line_items", "slot_in_pod"): lambda _: "first",
    ("line_items", "deal"): lambda _: '{"kind":"private","floor_cpm":"12"}',
    ("line_items", "holdout_ppm"): lambda _: 100_000,
    ("inventory_hourly", "sold_seconds"): lambda row: row["ad_seconds"],
    ("campaigns", "pacing"): lambda _: '{"kind":"even"}',
    **{("delivery_events", name): _typed(place) for place, name in enumerate(FACT_COLUMNS)},
}
"""What the rows of the first version have in columns that came later."""


@cache
def statements(layout: str) -> dict[str, list[str]]:
    """Return how *layout* makes each of its tables: the table, then its indexes."""
    made: dict[str, list[str]] = {}
    for file in sorted(HERE.glob("layout_*.sql")):
        if file.stem.removeprefix("layout_") > layout:
            break
        newer: dict[str, list[str]] = {}
        for statement in re.findall(r"^CREATE .*?;$", file.read_text(), re.MULTILINE | re.DOTALL):
            found = re.match(r"CREATE (?:TABLE|(?:UNIQUE )?INDEX \w+ ON) (\w+)", statement)
            assert found, statement
            newer.setdefault(found[1], []).append(statement)
        made |= newer
    return made


@cache
def rows(layout: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """Return the rows of *layout*, each with its table, parents first."""
    return tuple(_rows(layout))


def _rows(layout: str) -> Iterator[tuple[str, dict[str, Any]]]:
    with closing(sqlite3.connect(":memory:")) as first:
        for made in statements("01").values():
            first.executescript("\n".join(made))
        first.executescript((HERE / "rows.sql").read_text())
        there = _tables(layout)
        for table in _tables("01"):
            yield from ((table, row) for row in _filled(first, table, there[table]))
    with closing(sqlite3.connect(":memory:")) as later:
        for made in statements(LAYOUTS[-1]).values():
            later.executescript("\n".join(made))
        later.executescript((HERE / "later_rows.sql").read_text())
        for table in there.keys() - _tables("01").keys():
            yield from ((table, row) for row in _filled(later, table, there[table]))


def in_sqlite(file: Path, layout: str, version: int) -> None:
    """Make a file as that version did."""
    with closing(sqlite3.connect(file)) as connection:
        for made in statements(layout).values():
            connection.executescript("\n".join(made))
        for table, row in rows(layout):
            places = ", ".join("?" * len(row))
            connection.execute(
                f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", list(row.values())
            )
        connection.executescript(f"PRAGMA application_id = 1885430629; PRAGMA user_version = {version}")
        connection.commit()


def in_postgresql(layout: str, version: int) -> Iterator[str]:
    """Yield the statements that make the tables of *layout* and their rows on a server."""
    in_order = ["advertisers", "simulation_runs", "campaigns", "line_items", "creatives"]
    made = statements(layout)
    for table in (*in_order, *(name for name in made if name not in in_order)):
        yield from map(_translated, made[table])
    there = sorted(rows(layout), key=lambda one: in_order.index(one[0]) if one[0] in in_order else 9)
    for table, row in there:
        yield f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(map(_literal, row.values()))})"
    yield "CREATE TABLE paceline_version (version_num varchar(32) CONSTRAINT paceline_version_pkc PRIMARY KEY)"
    yield f"INSERT INTO paceline_version VALUES ('{version}')"


def content(engine: Engine, table: str) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]


@cache
def _tables(layout: str) -> dict[str, list[str]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        found = {}
        for table, made in statements(layout).items():
            connection.executescript("\n".join(made))
            info = connection.execute(f"PRAGMA table_xinfo({table})").fetchall()
            found[table] = [name for _, name, _, _, _, _, hidden in info if not hidden]
        return found


def _filled(connection: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[dict[str, Any]]:
    connection.row_factory = sqlite3.Row
    for found in connection.execute(f"SELECT * FROM {table}").fetchall():
        row = dict(found)
        yield {name: row[name] if name in row else _LATER[table, name](row) for name in columns}


def _translated(statement: str) -> str:
    text = re.sub(r"\)(?: WITHOUT ROWID,)? STRICT;$", ");", statement)
    text = (
        re.sub(r"\bid INTEGER NOT NULL", "id BIGSERIAL NOT NULL", text, count=1)
        if "    id " in text
        else text
    )
    text = re.sub(r"^(    \w+) INTEGER", r"\1 BIGINT", text, flags=re.MULTILINE)
    text = re.sub(r"^(    \w+) REAL", r"\1 DOUBLE PRECISION", text, flags=re.MULTILINE)
    return re.sub(r"^(    \w+) TEXT", r'\1 TEXT COLLATE "C"', text, flags=re.MULTILINE)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
