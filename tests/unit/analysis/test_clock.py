"""How long a run takes does not count how long its loops took to compile, nor where the wall clock is set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from numba.core import event

from analysis.runs import clock, versions
from analysis.runs.simulate import simulate
from analysis.runs.stored import find, runs
from entities import registry
from scenarios.loader import load


def test_seconds_of_compiling_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = count()
    for owner, name in ((clock, "perf_counter"), (event, "timer")):
        monkeypatch.setattr(owner, name, lambda: next(moments))
    with clock.stopwatch() as seconds:
        assert seconds() == 1
        with event.trigger_event("numba:compile"):
            for _ in range(100):
                next(moments)
        assert seconds() == 3  # its two ends were asked for, a second each, and a hundred lie between


class _SetBack(datetime):
    """A wall clock that is an hour earlier each time it is asked."""

    asked = count()

    @classmethod
    def now(cls, tz: object = None) -> datetime:
        return datetime(2026, 11, 2, 12, tzinfo=UTC) - timedelta(hours=next(cls.asked))


def test_runs_are_stored_and_told_apart_while_the_clock_steps_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "datetime", _SetBack)
    registry.init_db(engine := registry.make_engine(tmp_path / "ads.db"))
    small = load("smoke", ["market.days=1", "market.population.viewers=50"])
    first, second, third = (simulate(engine, small) for _ in range(3))
    assert first.started > second.started > third.started
    assert all(
        timedelta(0) <= run.row.finished_at - run.started < timedelta(hours=1) for run in (first, third)
    )
    assert [run.run_id for run in runs(engine)] == [third.run_id, second.run_id, first.run_id]
    assert find(engine).run_id == third.run_id
    assert [run.row.number for run in runs(engine)] == [3, 2, 1]
    engine.dispose()
