"""An upgrade: what it leaves alone, what it copies, and what it refuses."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import OperationalError

from entities import registry
from entities.registry import DatabaseError, check_db, make_engine, upgrade_db
from tests.unit.entities.old_databases import HERE, content, in_sqlite


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


def test_one_of_this_version_is_left_alone(current: Engine, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    done = upgrade_db(current)
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
