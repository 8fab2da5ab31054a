"""A database with a small book in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from analysis.rows.columns import BookColumns
from entities import registry
from tests.unit.analysis.synthetic import add_book, columns


@pytest.fixture
def book() -> BookColumns:
    return columns()


@pytest.fixture(scope="session")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("book") / "ads.db"
    registry.init_db(engine := registry.make_engine(file))
    with registry.session(engine) as session:
        add_book(session, columns())
    return file.read_bytes()


@pytest.fixture
def engine(tmp_path: Path, stocked: bytes) -> Iterator[Engine]:
    (tmp_path / "ads.db").write_bytes(stocked)
    engine = registry.make_engine(tmp_path / "ads.db")
    yield engine
    engine.dispose()
