"""Databases of every version that there was become those of this one: the same tables, and every row."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine, text

from analysis.runs import stored
from entities import registry
from entities.registry import check_db, upgrade_db
from tests.unit.entities.old_databases import FACT_COLUMNS, TYPED, VERSIONS, content, rows

NEW = {
    "simulation_runs": {"book_text": "", "code": "", "number": 1, "events_digest": "", "seal": ""},
    "line_items": {"slot_in_pod": "any", "deal": '{"kind":"open"}', "holdout_ppm": 0},
    "performance_extended": {"lost_deal": 0, "worth_sum_micros": 0, "ghosts": 0, "forecast_avails": 0},
    "campaigns": {"pacing": None},
}
"""What older rows have in columns that they had not."""
IDS = [f"layout {layout}, version {version}" for layout, version in VERSIONS]


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


@pytest.mark.parametrize(("layout", "version"), VERSIONS, ids=IDS)
def test_every_version_becomes_this_one(layout: str, version: int, old: Any, current: Engine) -> None:
    engine = old(layout, version)
    before = rows(layout)
    done = upgrade_db(engine)
    assert (done.before, done.after) == (version, registry.SCHEMA_VERSION)
    check_db(engine)
    assert shape(engine) == shape(current)
    assert registry.damage(engine, thorough=True) == []
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
