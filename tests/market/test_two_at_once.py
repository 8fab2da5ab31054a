"""Two runs into one database, each unaware of the other until the end."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from analysis.runs.playing import Progress
from analysis.runs.simulate import simulate
from entities import registry
from scenarios.loader import load

SMALL = ["market.days=1", "market.population.viewers=300"]


def _run(path: Path, watch: Callable[[Progress], None]) -> None:
    engine = registry.make_engine(path)
    try:
        simulate(engine, load("smoke", SMALL), progress=watch)
    finally:
        engine.dispose()


def _once(act: Callable[[], None]) -> Callable[[Progress], None]:
    return lambda progress: act() if progress.hour == 12 else None


def _count(path: Path, *tables: type[registry.Base]) -> list[int]:
    engine = registry.make_engine(path)
    with registry.session(engine, writes=False) as session:
        found = [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    engine.dispose()
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    registry.init_db(engine := registry.make_engine(tmp_path / "ads.db"))
    engine.dispose()
    return tmp_path / "ads.db"


def test_both_create_the_same_campaigns_and_both_are_stored(path: Path) -> None:
    _run(path, _once(lambda: _run(path, lambda _: None)))
    assert _count(path, registry.SimulationRun, registry.Campaign, registry.LineItem) == [2, 2, 2]


def test_what_is_created_shows_only_with_the_run(path: Path) -> None:
    seen: list[list[int]] = []
    _run(path, _once(lambda: seen.append(_count(path, registry.Campaign, registry.SimulationRun))))
    assert seen == [[0, 0]]
    assert _count(path, registry.Campaign, registry.SimulationRun) == [2, 1]


def test_a_registry_that_changed_under_a_run_is_refused(path: Path) -> None:
    _run(path, lambda _: None)

    def spoil() -> None:
        engine = registry.make_engine(path)
        with registry.session(engine) as session:
            session.execute(delete(registry.SimulationRun))
            session.execute(delete(registry.LineItem))
        engine.dispose()

    with pytest.raises(registry.DatabaseError, match="'TV drama' was renamed, removed or created anew"):
        _run(path, _once(spoil))
    assert _count(path, registry.SimulationRun, registry.LineItem) == [0, 0]
