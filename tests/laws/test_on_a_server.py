"""The laws find in PostgreSQL what they find in SQLite: a run that has something in every column of every table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Table

from analysis.audit.report import verdicts
from analysis.runs.simulate import simulate
from analysis.runs.stored import find
from entities import registry
from scenarios.loader import load
from tests.laws.finished import EVERYTHING, IN_EVERY_COLUMN
from tests.laws.test_sabotage import BY_DIGEST, COLUMNS, FOUND, REFUSED, ROWS, result_tables
from tests.postgres import Server

WITHOUT_EVENTS = {**FOUND, **dict.fromkeys(BY_DIGEST, 12)}
"""The law that finds a changed column without any events."""
FIRST = {
    table.name: [
        name for name in COLUMNS if name.startswith(f"{table.name}.") and WITHOUT_EVENTS.get(name, REFUSED)
    ]
    for table in result_tables()
}


@pytest.fixture(scope="module")
def whole(server: Server, tables: str) -> Iterator[str]:
    name = server.create(tables)
    engine = registry.make_engine(server.url(name))
    run = simulate(engine, load(EVERYTHING, IN_EVERY_COLUMN))
    assert run.audit().broken == ()
    # Whoever changes rows here is held back by no rule: the laws are to find it.
    checks = server.sql(
        name,
        "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype IN ('c', 'f') AND connamespace = 'public'::regnamespace",
    )
    server.sql(name, *(f"ALTER TABLE {table} DROP CONSTRAINT {rule}" for table, rule in checks))
    yield name
    server.drop(name)


@pytest.fixture
def broken(server: Server, copies: Callable[[str], str], whole: str) -> Callable[[str, int], bool]:
    """Return what runs a statement on a copy of the run, and says whether that law is found broken."""

    def check(statement: str, law: int) -> bool:
        name = copies(whole)
        before = server.dump(name)
        server.sql(name, statement)
        assert server.dump(name) != before, statement
        engine = registry.make_engine(server.url(name))
        run = find(engine)
        with run.unchanged():
            return any(
                verdict.law == law and not verdict.holds for verdict in verdicts(run, None, engine, run.row)
            )

    return check


def test_every_table_has_rows(server: Server, whole: str) -> None:
    found = server.dump(whole)
    assert [table.name for table in result_tables() if not found[table.name]] == []


def _changed(table: Table, column: str) -> str:
    kind: Any = table.columns[column].type.python_type
    value = {int: f"{column} + 1", float: f"{column} + 1"}.get(kind, f"'x' || substr({column}, 2)")
    return f"UPDATE {table.name} SET {column} = {value} WHERE ctid = (SELECT max(ctid) FROM {table.name} WHERE {column} IS NOT NULL)"


@pytest.mark.parametrize("table", FIRST)
def test_a_changed_value_is_found(table: str, broken: Callable[[str, int], bool]) -> None:
    numbers = [
        name
        for name in FIRST[table]
        if COLUMNS[name].type.python_type is int and not COLUMNS[name].primary_key
    ]
    name = numbers[-1]
    model = registry.Base.metadata.tables[table]
    assert broken(_changed(model, name.partition(".")[2]), WITHOUT_EVENTS[name])


@pytest.mark.parametrize("table", [table for table in FIRST if table != "simulation_runs"])
def test_a_row_that_is_gone_is_found(table: str, broken: Callable[[str, int], bool]) -> None:
    last = f"DELETE FROM {table} WHERE ctid = (SELECT max(ctid) FROM {table})"
    assert broken(last, 12) or broken(last, ROWS[f"{table} deleted"])
