"""A small study: a cap and a floor on the same few viewers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from entities import registry

SMALL = """
name: small
base: smoke
set: {market.days: 1, market.population.viewers: 200}
arms:
  as it is: {}
  capped: {"line_item[TV drama].frequency_caps": [{max_impressions: 1, unit: day}]}
  high floor: {market.floors.cpm: 18}
replications: 3
"""


@pytest.fixture
def small(tmp_path: Path) -> str:
    file = tmp_path / "small.yml"
    file.write_text(SMALL, encoding="utf-8")
    return str(file)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = registry.make_engine(tmp_path / "study.db")
    registry.init_db(made)
    yield made
    made.dispose()
