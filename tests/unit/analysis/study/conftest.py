"""A small study: a cap and a floor on the same few viewers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine

from analysis.study.metrics import METRICS
from analysis.study.replication import Booked, Replication
from analysis.study.run import run
from entities import registry
from scenarios.study import load_study

SMALL = """
name: small
base: smoke
set: {market.days: 1, market.population.viewers: 100}
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


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database in which the small study is, played once for all tests."""
    folder = tmp_path_factory.mktemp("once")
    (folder / "small.yml").write_text(SMALL, encoding="utf-8")
    made = registry.make_engine(folder / "study.db")
    registry.init_db(made)
    run(load_study(str(folder / "small.yml")), made)
    made.dispose()
    return folder / "study.db"


@pytest.fixture
def known(once: Path, tmp_path: Path) -> Iterator[Engine]:
    """Open a copy of that database."""
    made = registry.make_engine(shutil.copy(once, tmp_path / "known.db"))
    yield made
    made.dispose()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = registry.make_engine(tmp_path / "study.db")
    registry.init_db(made)
    yield made
    made.dispose()


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every replication come to a planted value, without a market."""

    def replicate(arm: Booked, seed: int) -> Replication:
        luck, lead = 1 + 0.1 * np.sin(seed), 0.2 * (arm.name == "capped")
        values = tuple(("", name, float(luck + lead)) for name in METRICS)
        return Replication(arm.name, seed, arm.fingerprint(seed), "0" * 64, 0, 0.0, values)

    monkeypatch.setattr(Booked, "replicate", replicate)
