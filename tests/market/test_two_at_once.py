"""Two runs into one database, each unaware of the other until the end."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from analysis.runs.moving import unpack
from analysis.runs.playing import Progress
from analysis.runs.simulate import simulate
from analysis.runs.stored import StoredRun, find, runs
from entities import registry
from scenarios.loader import load
from tests.laws.finished import broken
from tests.postgres import Server

SMALL = ["market.days=1", "market.population.viewers=300"]


def _run(path: Path | str, watch: Callable[[Progress], None]) -> None:
    engine = registry.make_engine(path)
    try:
        simulate(engine, load("smoke", SMALL), progress=watch)
    finally:
        engine.dispose()


def _once(act: Callable[[], None]) -> Callable[[Progress], None]:
    return lambda progress: act() if progress.hour == 12 else None


def _count(path: Path | str, *tables: type[registry.Base]) -> list[int]:
    engine = registry.make_engine(path)
    with registry.session(engine, writes=False) as session:
        found = [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]
    engine.dispose()
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def path(tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Path | str:
    monkeypatch.chdir(tmp_path)
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("server")
        return server.url(request.getfixturevalue("with_tables"))
    registry.init_db(engine := registry.make_engine(tmp_path / "ads.db"))
    engine.dispose()
    return tmp_path / "ads.db"


def test_both_create_the_same_campaigns_and_both_are_stored(path: Path | str) -> None:
    _run(path, _once(lambda: _run(path, lambda _: None)))
    assert _count(path, registry.SimulationRun, registry.Campaign, registry.LineItem) == [2, 2, 2]


def test_what_is_created_shows_only_with_the_run(path: Path | str) -> None:
    seen: list[list[int]] = []
    _run(path, _once(lambda: seen.append(_count(path, registry.Campaign, registry.SimulationRun))))
    assert seen == [[0, 0]]
    assert _count(path, registry.Campaign, registry.SimulationRun) == [2, 1]


def _edit(path: Path | str, act: Callable[[Session], object]) -> Callable[[Progress], None]:
    def edit() -> None:
        engine = registry.make_engine(path)
        with registry.session(engine) as session:
            act(session)
        engine.dispose()

    return _once(edit)


def _campaign(
    advertiser: str, name: str, item: str, max_cpm: float, category: str = "general"
) -> Callable[[Session], object]:
    terms = {"name": name, "start_date": "2026-11-02", "end_date": "2026-11-09", "lifetime_budget": 50}
    line_item = registry.LineItemCreate(name=item, max_cpm=max_cpm)
    campaign = registry.CampaignCreate.model_validate({**terms, "line_items": [line_item]})
    owner = registry.AdvertiserCreate.model_validate({"name": advertiser, "category": category})
    return lambda session: registry.add_campaign(session, owner, campaign)


def _latest(path: Path | str) -> StoredRun:
    return find(registry.make_engine(path))


def _kept(error: pytest.ExceptionInfo[registry.DatabaseError], path: Path | str) -> Path:
    (file,) = Path.cwd().glob("*.run.zip")
    shown = file if isinstance(path, Path) else file.name  # beside the database, if that is a file
    address = shlex.quote(registry.address_of(registry.make_engine(path)))
    assert str(error.value).endswith(
        f"; the run is kept in {shown}; store it with: paceline runs import {shown} --db {address}"
    )
    return file


def _other_ids(path: Path | str) -> None:
    run = _latest(path)
    assert [item.id for item in run.book.line_items] == [2, 3]
    assert broken(run.audit()) == set()


def test_a_campaign_that_is_created_meanwhile_takes_an_id_and_no_run_is_lost(path: Path | str) -> None:
    _run(path, _edit(path, _campaign("Somebody", "Else", "Early bird", 5)))
    _other_ids(path)
    other = Path("other.db")
    registry.init_db(registry.make_engine(other))
    _run(other, lambda _: None)
    assert _latest(path).digest == _latest(other).digest


def test_events_go_by_the_ids_of_the_database_they_were_not_stored_under(path: Path | str) -> None:
    folder = Path("events")
    engine = registry.make_engine(path)
    watch = _edit(path, _campaign("Somebody", "Else", "Early bird", 5))
    run = simulate(engine, load("smoke", SMALL), progress=watch, events=folder)
    found = find(engine, run.run_id, folder)
    assert broken(found.audit()) == set()
    assert set(found.events.select("line_item_id").collect().to_series()) == {2, 3}
    engine.dispose()


def test_scenarios_that_begin_together_on_a_new_database_are_all_stored(path: Path | str) -> None:
    def another() -> None:
        engine = registry.make_engine(path)
        simulate(engine, load("exact", ["market.days=1", "market.population.viewers=100"]))
        engine.dispose()

    _run(path, _once(another))
    assert _count(path, registry.SimulationRun) == [2]
    assert all(broken(run.audit()) == set() for run in runs(registry.make_engine(path)))


def test_a_campaign_that_was_removed_meanwhile_is_created_again(path: Path | str) -> None:
    _run(path, lambda _: None)

    def remove(session: Session) -> None:
        session.execute(delete(registry.SimulationRun))
        session.execute(delete(registry.Campaign))
        session.execute(delete(registry.Advertiser))

    _run(path, _edit(path, remove))
    assert _count(path, registry.SimulationRun, registry.Campaign, registry.LineItem) == [1, 2, 2]
    assert broken(_latest(path).audit()) == set()


def test_the_same_campaign_with_other_terms_is_a_conflict_and_the_run_is_kept(path: Path | str) -> None:
    watch = _edit(path, _campaign("Luxury Auto Co", "EV Awareness Launch", "X", 5, "automotive"))
    engine, loaded = registry.make_engine(path), load("full", SMALL)
    with pytest.raises(registry.DatabaseError, match="was created with other terms while") as caught:
        simulate(engine, loaded, progress=watch)
    _kept(caught, path)
    assert _count(path, registry.SimulationRun, registry.Campaign) == [0, 1]


def test_a_line_item_that_is_gone_from_its_campaign_is_a_conflict_and_the_run_is_kept(
    path: Path | str,
) -> None:
    _run(path, lambda _: None)

    def spoil(session: Session) -> None:
        session.execute(delete(registry.SimulationRun))
        session.execute(delete(registry.LineItem))

    with pytest.raises(registry.DatabaseError, match="a line item 'TV drama', which that of the") as caught:
        _run(path, _edit(path, spoil))
    assert _count(path, registry.SimulationRun, registry.LineItem) == [0, 0]
    file = _kept(caught, path)
    other = registry.make_engine(Path("other.db"))
    registry.init_db(other)
    assert broken(unpack(other, file).audit()) == set()
    other.dispose()
