"""Databases of every version that there was become those of this one: the same tables, and every row."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from analysis.runs import stored
from entities import registry
from entities.registry import DatabaseError, check_db, init_db, make_engine, upgrade_db
from tests.postgres import Server
from tests.unit.entities.old_databases import (
    FACT_COLUMNS,
    HERE,
    TYPED,
    VERSIONS,
    in_postgresql,
    in_sqlite,
    rows,
)

NEW = {
    "simulation_runs": {"book_text": "", "code": "", "number": 1, "events_digest": "", "seal": ""},
    "line_items": {"slot_in_pod": "any", "deal": '{"kind":"open"}', "holdout_ppm": 0},
    "performance_extended": {"lost_deal": 0, "worth_sum_micros": 0, "ghosts": 0, "forecast_avails": 0},
    "campaigns": {"pacing": None},
}
"""What older rows have in columns that they had not."""
IDS = [f"layout {layout}, version {version}" for layout, version in VERSIONS]


@pytest.fixture(params=["sqlite", "postgresql"])
def sort(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def old(sort: str, request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """Return what makes an engine of a database as a version left it."""

    def make(layout: str, version: int) -> Engine:
        if sort == "sqlite":
            in_sqlite(tmp_path / "ads.db", layout, version)
            return make_engine(tmp_path / "ads.db")
        server: Server = request.getfixturevalue("server")
        database: str = request.getfixturevalue("postgres")
        server.sql(database, *in_postgresql(layout, version))
        return make_engine(server.url(database))

    return make


@pytest.fixture(scope="session")
def fresh_server(server: Server) -> Iterator[Engine]:
    name = server.create()
    init_db(engine := make_engine(server.url(name)))
    yield engine
    server.drop(name)


@pytest.fixture
def fresh(sort: str, request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    if sort == "postgresql":
        engine: Engine = request.getfixturevalue("fresh_server")
        return engine
    init_db(engine := make_engine(tmp_path / "fresh.db"))
    return engine


def shape(engine: Engine) -> dict[str, Any]:
    """Return all that a database says of its tables but the order of their columns."""
    if registry.is_server(engine):
        return _on_a_server(engine)
    with closing(sqlite3.connect(str(engine.url.database))) as connection:
        made = connection.execute("SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
        options = connection.execute("PRAGMA table_list").fetchall()
        return {name: _lines(sql) for name, sql in made} | {
            "options": sorted(row[1:] for row in options if row[1][:6] != "sqlite")
        }


def _lines(sql: str) -> list[str]:
    # A column's own check may stand behind it, or by itself; `options` has what stands at the end.
    parts = re.sub(r" (CONSTRAINT \w+ CHECK \(length\(name\))", r",\n\1", sql.replace('"', "")).splitlines()
    lines = (part.strip().rstrip(",") for part in parts)
    return sorted(line for line in lines if not re.fullmatch(r"\)? ?(WITHOUT ROWID)?,? ?(STRICT)?", line))


_COLUMNS = """
SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default, is_generated,
       generation_expression FROM information_schema.columns WHERE table_schema = 'public'
"""
_RULES = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
"""


def _on_a_server(engine: Engine) -> dict[str, Any]:
    indexes = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    with engine.connect() as connection:
        return {
            query: sorted(map(repr, connection.execute(text(query)).all()))
            for query in (_COLUMNS, _RULES, indexes)
        }


def content(engine: Engine, table: str) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]


@pytest.mark.parametrize(("layout", "version"), VERSIONS, ids=IDS)
def test_every_version_becomes_this_one(layout: str, version: int, old: Any, fresh: Engine) -> None:
    engine = old(layout, version)
    before = list(rows(layout))
    done = upgrade_db(engine)
    assert (done.before, done.after) == (version, registry.SCHEMA_VERSION)
    check_db(engine)
    assert shape(engine) == shape(fresh)
    found = {table: content(engine, table) for table, _ in before}
    assert {table: len(there) for table, there in found.items()} == {
        table: sum(table == one for one, _ in before) for table in found
    }
    for table, row in before:
        (now,) = (each for each in found[table] if all(each[name] == value for name, value in row.items()))
        extra = {name: value for name, value in NEW.get(table, {}).items() if name not in row}
        assert {name: now[name] for name in extra} == extra
        if table == "delivery_events":
            assert tuple(now[name] for name in FACT_COLUMNS) == TYPED[now["id"]]
        if table == "performance_extended" and "impression_bid_sum_micros" not in row:
            assert now["impression_bid_sum_micros"] == row["spend_micros"]
        if table == "inventory_hourly" and "sold_seconds" not in row:
            assert now["sold_seconds"] == row["ad_seconds"] * (row["filled"] + row["filled_ambient"]) // max(
                1, row["avails"]
            )
    (run,) = stored.runs(engine)
    assert run.run_id == "smoke-1"
    assert len(run.performance) == 6


def test_there_is_a_step_to_this_version() -> None:
    steps = sorted((HERE.parents[3] / "entities/migrations/versions").glob("v*.py"))
    assert [int(step.stem[1:3]) for step in steps] == list(range(1, registry.SCHEMA_VERSION + 1))


def test_every_table_is_there_after_the_last_step(old: Any) -> None:
    engine = old("01", 1)
    upgrade_db(engine)
    assert {*registry.Base.metadata.tables} <= {*inspect(engine).get_table_names()}


# ------------------------------------------------------------------------------------------- a file


def test_a_file_is_copied_first_and_no_copy_is_written_over(tmp_path: Path) -> None:
    file = tmp_path / "ads.db"
    in_sqlite(file, "01", 1)
    (tmp_path / "ads.v1.db").write_text("mine")
    before = _dump(file)
    done = upgrade_db(make_engine(file))
    assert done.copy == tmp_path / "ads.v1-2.db"
    assert _dump(done.copy) == before
    assert (tmp_path / "ads.v1.db").read_text() == "mine"
    with pytest.raises(DatabaseError, match="has tables of version 1"):
        check_db(make_engine(done.copy))


def _dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [*connection.iterdump(), str(connection.execute("PRAGMA user_version").fetchone())]


def test_one_of_this_version_is_left_alone(fresh: Engine, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    done = upgrade_db(fresh)
    assert done.before == done.after == registry.SCHEMA_VERSION
    assert done.copy is None
    assert sorted(tmp_path.iterdir()) == before


def test_what_older_rows_do_not_tell_is_told(tmp_path: Path) -> None:
    in_sqlite(tmp_path / "ads.db", "07", 7)
    assert upgrade_db(make_engine(tmp_path / "ads.db")).unknown == (
        "performance_extended.forecast_avails is 0: what was expected is not known",
    )


@pytest.mark.parametrize("number", [1, 3, 20, 60])
def test_broken_off_it_is_as_it_was(tmp_path: Path, number: int) -> None:
    from sqlalchemy import event

    file = tmp_path / "ads.db"
    in_sqlite(file, "01", 1)
    before = _dump(file)
    engine, count = make_engine(file), 0

    def broken(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == number + 3:
            raise KeyboardInterrupt

    event.listen(engine, "before_cursor_execute", broken)
    with pytest.raises(KeyboardInterrupt):
        upgrade_db(engine)
    assert _dump(file) == before
    assert sorted(tmp_path.iterdir()) == [file]


def test_a_fact_that_cannot_be_read_stops_it(old: Any) -> None:
    engine: Engine = old("04", 4)
    with engine.execution_options(paceline_writes=True).begin() as connection:
        connection.execute(text("UPDATE delivery_events SET detail = 'two days' WHERE id = 1"))
    said = "delivery_events: flight_started 'two days' of row 1 cannot be read"
    with pytest.raises(DatabaseError, match=said):
        upgrade_db(engine)
    with pytest.raises(DatabaseError, match="has tables of version 4"):
        check_db(engine)
    assert "book_text" in content(engine, "simulation_runs")[0]


def test_a_book_of_before_there_were_deals_says_that_all_were_open(old: Any) -> None:
    engine: Engine = old("03", 3)
    with engine.execution_options(paceline_writes=True).begin() as connection:
        connection.execute(text('UPDATE simulation_runs SET book_text = \'[[{"name":"A"}],[],[],[]]\''))
    upgrade_db(engine)
    (run,) = content(engine, "simulation_runs")
    assert run["book_text"] == '[[{"deal":{"kind":"open"},"name":"A","slot_in_pod":"any"}],[],[],[]]'


def test_a_locked_one_is_told(tmp_path: Path) -> None:
    in_sqlite(tmp_path / "ads.db", "13", 13)
    with closing(sqlite3.connect(tmp_path / "ads.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError, match="database is locked") as refused:
            upgrade_db(make_engine(tmp_path / "ads.db", wait_s=0))
    assert isinstance(refused.value.__cause__, OperationalError)
    assert sorted(tmp_path.iterdir()) == [tmp_path / "ads.db"]


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("PRAGMA user_version = 99", "use a new file, or a newer Paceline for this one"),
        ("PRAGMA application_id = 7", "holds other tables and no Paceline data"),
    ],
)
def test_a_newer_or_foreign_one_is_refused(tmp_path: Path, statement: str, said: str) -> None:
    in_sqlite(tmp_path / "ads.db", "13", 13)
    with closing(sqlite3.connect(tmp_path / "ads.db")) as connection:
        connection.execute(statement)
    before = _dump(tmp_path / "ads.db")
    with pytest.raises(DatabaseError, match=said):
        upgrade_db(make_engine(tmp_path / "ads.db"))
    assert _dump(tmp_path / "ads.db") == before
