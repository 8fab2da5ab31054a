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


@pytest.fixture
def engine(tmp_path: Path, book: BookColumns) -> Iterator[Engine]:
    engine = registry.make_engine(tmp_path / "ads.db")
    registry.init_db(engine)
    with registry.session(engine) as session:
        add_book(session, book)
    yield engine
    engine.dispose()
