"""A run is complete or invisible."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from analysis.rows.columns import BookColumns
from analysis.rows.event_files import scan_events
from analysis.runs.recording import Recording
from entities import registry
from sim.events import Fact
from tests.unit.analysis.synthetic import Market, event_files, run_row, store_run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    return temporary


def count(session: Session, model: type[registry.Base]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def counts(engine: Engine) -> list[int]:
    rows = [registry.Performance, registry.PerformanceExtended, registry.InventoryHourly]
    models = [registry.SimulationRun, *rows, registry.DeliveryEvent]
    with Session(engine) as session:
        return [count(session, model) for model in models]


def test_a_stored_run_has_every_row_and_fact(engine: Engine, book: BookColumns, folder: Path) -> None:
    store_run(engine, book, hours=30)
    assert counts(engine) == [1, 30 * 6, 30 * 3, 30 * 8, 2]
    assert list(folder.iterdir()) == []
    with Session(engine) as session:
        facts = session.scalars(select(registry.DeliveryEvent).order_by(registry.DeliveryEvent.ts)).all()
        assert [(fact.kind, fact.line_item_id, fact.campaign_id) for fact in facts] == [
            ("flight_started", 1, 1),
            ("terms_changed", None, 2),
        ]
        assert [(fact.count, fact.lifetime_micros, fact.detail) for fact in facts] == [
            (72, None, "72 hours"),
            (None, 50_000_000, "lifetime_budget = 50"),
        ]
        row = session.scalars(select(registry.Performance).limit(1)).one()
        assert row.ecpm == pytest.approx(row.spend_micros / row.impressions / 1000)


def test_nothing_is_seen_before_the_commit(
    engine: Engine, book: BookColumns, folder: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events"
    with Recording(book, "r1", event_files(events, book)) as recording:
        recording(Market(book).hour())
        with Session(engine) as session:
            recording.store(session, run_row(), [])
            assert count(session, registry.Performance) == 6
            assert counts(engine) == [0] * 5
            session.commit()
        assert counts(engine) == [1, 6, 3, 8, 0]
    assert scan_events(events, "r1").collect().height == 200


def test_a_run_that_fails_leaves_nothing(
    engine: Engine, book: BookColumns, folder: Path, tmp_path: Path
) -> None:
    events = tmp_path / "events"

    def fail() -> None:
        with Recording(book, "r1", event_files(events, book)) as recording:
            recording(Market(book).hour())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert counts(engine) == [0] * 5
    assert list(folder.iterdir()) == list(events.iterdir()) == []


def test_a_failed_commit_takes_the_events_back(
    engine: Engine, book: BookColumns, folder: Path, tmp_path: Path
) -> None:
    store_run(engine, book, hours=1)
    before, events = counts(engine), tmp_path / "events"

    def store(run_id: str, fault: type[Exception] | None) -> None:
        with Recording(book, run_id, event_files(events, book, run_id)) as recording:
            recording(Market(book).hour())
            with Session(engine) as session, session.begin():
                recording.store(
                    session, run_row(run_id), [Fact(0, registry.FactKind.flight_started, count=1)]
                )
                assert [path.name for path in events.iterdir()] == [f".run_id={run_id}.partial"]
                if fault:
                    raise fault

    with pytest.raises(IntegrityError):
        store("r1", None)
    with pytest.raises(BlockingIOError):
        store("r2", BlockingIOError)
    assert counts(engine) == before
    assert list(events.iterdir()) == []


def test_a_recording_that_was_never_stored_shows_no_events(
    book: BookColumns, folder: Path, tmp_path: Path
) -> None:
    with Recording(book, "r1", event_files(tmp_path / "events", book)) as recording:
        recording(Market(book).hour())
    assert list((tmp_path / "events").iterdir()) == []


def test_the_row_must_be_of_the_run_that_was_recorded(
    engine: Engine, book: BookColumns, folder: Path
) -> None:
    with (
        Recording(book, "r1") as recording,
        Session(engine) as session,
        pytest.raises(ValueError, match="r2"),
    ):
        recording.store(session, run_row("r2"), [])


def test_runs_stand_side_by_side_and_agree(engine: Engine, book: BookColumns, folder: Path) -> None:
    first = store_run(engine, book, "r1", hours=2)
    second = store_run(engine, book, "r2", hours=2)
    assert first.digest("e") == second.digest("e") != first.digest("f")
    assert counts(engine)[0] == 2


def test_where_nothing_can_wait_no_events_are_left(book: BookColumns, folder: Path, tmp_path: Path) -> None:
    events = tmp_path / "events"
    folder.rmdir()
    with pytest.raises(OSError, match="tmp"):
        Recording(book, "r1", event_files(events, book))
    assert list(events.iterdir()) == []
