"""A run stored in PostgreSQL is the run that SQLite stores."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from analysis.runs.simulate import simulate
from analysis.runs.stored import StoredRun, table_rows
from entities import registry
from scenarios.loader import load
from tests.postgres import Server

TABLES = ("performance", "performance_extended", "inventory_hourly", "contention_daily", "delivery_events")


def _stored(address: str | Path) -> StoredRun:
    engine = registry.make_engine(address)
    registry.init_db(engine)
    return simulate(engine, load("smoke"))


@pytest.fixture
def both(tmp_path: Path, server: Server, postgres: str) -> tuple[StoredRun, StoredRun]:
    return _stored(tmp_path / "ads.db"), _stored(server.url(postgres))


def test_every_row_and_the_digest_are_the_same(both: tuple[StoredRun, StoredRun]) -> None:
    file, server = both
    assert file.digest == server.digest
    for name in TABLES:
        one, other = (run.table(name).drop("run_id") for run in both)  # type: ignore[arg-type]  # one of them
        assert len(one) > 0, name
        assert one.equals(other), name
    counts: list[dict[str, int]] = []
    for run in both:
        with registry.session(run.engine, writes=False) as reader:
            counts.append(table_rows(reader))
    assert counts[0] == counts[1]


def test_the_laws_hold(both: tuple[StoredRun, StoredRun]) -> None:
    file, server = (run.audit() for run in both)
    assert [(law.number, law.checked, law.status) for law in file.laws] == [
        (law.number, law.checked, law.status) for law in server.laws
    ]
    assert not server.broken


def test_frames_are_the_same(both: tuple[StoredRun, StoredRun]) -> None:
    file, server = both
    assert isinstance(file.summary, pl.DataFrame)
    assert file.summary.equals(server.summary)
    assert file.gaps.equals(server.gaps)
