"""When a run is kept, what is read of it again, and what is said where it cannot go on."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine

from analysis.runs import simulate as runs
from analysis.runs import unfinished
from analysis.runs.checkpoints import Checkpoints, Every, Recorded, every, read
from analysis.runs.playing import Totals
from analysis.runs.rollback import database
from analysis.runs.stored import StoredRun
from analysis.runs.unfinished import KEPT, Left, discarded, left, shelf_of, taken_up
from entities.errors import InputError
from scenarios.loader import load
from sim.engine.kept import Kept, Told

MARKET = (
    "market.population.viewers=60",
    "campaigns.0.campaign.line_items.0.lifetime_budget=10",
    "campaigns.1.campaign.line_items.0.lifetime_budget=4",
)


class Recorder:
    """A sink that is at rest in even hours."""

    def at_rest(self, hour: int) -> bool:
        return hour % 2 == 0

    def keep(self) -> Recorded:
        return Recorded(rows={"performance": ["ab"]}, reach=[3], impressions=[5], totals=Totals(7, 8, 9))


def kept(hours: int, ticks: int = 1) -> Kept:
    numbers = np.arange(ticks * 6).reshape(ticks, 2, 3)
    return Kept(hours, Told(numbers, numbers, numbers), {"a.b": np.array([hours]), "c": np.zeros((2, 0))})


def test_how_often_is_read_as_it_is_written() -> None:
    for text, often in {"minutes:5": Every(minutes=5), "hours:24": Every(hours=24), "never": Every()}.items():
        assert every(text) == often
        assert str(often) == text


@pytest.mark.parametrize("text", ["", "5", "hours:0", "hours:10001", "minutes:1.5", "days:1", "never:1"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is not allowed; must be minutes:N of work, hours:N of the market"):
        every(text)


def test_a_run_is_kept_by_the_hour_where_its_sink_is_at_rest(tmp_path: Path) -> None:
    def due(often: Every) -> list[int]:
        checkpoints, found = Checkpoints(tmp_path, Recorder(), often), []
        for hour in range(12):
            if checkpoints.due(hour):
                found.append(hour)
                checkpoints.keep(kept(hour + 1))
        return found

    assert due(Every(hours=3)) == [2, 6, 10]
    assert due(Every(hours=1)) == [0, 2, 4, 6, 8, 10]
    assert due(Every()) == []


def test_a_run_is_kept_by_the_minutes_of_work_since_it_last_was(tmp_path: Path) -> None:
    now = 1000.0
    checkpoints = Checkpoints(tmp_path, Recorder(), Every(minutes=2), clock=lambda: now)
    now += 119
    assert not checkpoints.due(0)
    now += 1
    assert not checkpoints.due(1)  # the sink is not at rest
    assert checkpoints.due(2)
    checkpoints.keep(kept(3))
    now += 119
    assert not checkpoints.due(4)
    now += 1
    assert checkpoints.due(4)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    first = Checkpoints(tmp_path, Recorder(), Every(hours=1))
    for hours in (1, 3, 5):
        first.keep(kept(hours, ticks=2))
    (tmp_path / "state-0000009").mkdir()  # of a process that was killed while it wrote
    (tmp_path / "ticks-0000009.npz").write_bytes(b"half of i")
    found = read(tmp_path)
    assert found
    run, known = found
    assert (run.hours, known.recorded) == (5, Recorder().keep())
    np.testing.assert_equal(run.state, kept(5).state)
    assert run.ticks.funnel.shape == (6, 2, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "kept.json",
        "state-0000005",
        *(f"ticks-000000{hours}.npz" for hours in (1, 3, 5)),
    ]
    again = Checkpoints(tmp_path, Recorder(), Every(hours=1), found=found)
    again.keep(kept(7))
    run, _ = read(tmp_path) or pytest.fail("nothing is kept")
    assert (run.hours, run.ticks.funnel.shape) == (7, (7, 2, 3))


@pytest.mark.parametrize(
    ("name", "how"),
    [
        (name, how)
        for name in (KEPT, "ticks-0000001.npz", "state-0000001/a.b.npy")
        for how in ("cut", "flipped", "gone")
        if (name, how) != (KEPT, "gone")  # without that file nothing is kept
    ],
)
def test_what_is_damaged_is_named(tmp_path: Path, name: str, how: str) -> None:
    Checkpoints(tmp_path, Recorder()).keep(kept(1))
    file = tmp_path / name
    whole = file.read_bytes()
    file.write_bytes(whole[:-3] if how == "cut" else whole[:-3] + b"\xff" + whole[-2:])
    if how == "gone":
        file.unlink()
    with pytest.raises(
        InputError, match=f"{name} is damaged; play all of it again with .*--from-start.*, or discard it"
    ):
        read(tmp_path)


def test_a_full_disk_breaks_no_run_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list[str]()
    checkpoints = Checkpoints(tmp_path, Recorder(), warn=told.append)
    checkpoints.keep(kept(1))

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(np, "save", full)
        checkpoints.keep(kept(3))
    (line,) = told
    assert line.startswith(f"the run is not kept after 3 hours: {tmp_path}/state-0000003/a.b.npy: ")
    assert "cannot be written after 0 bytes: no space left on device; the disk at" in line
    run, _ = read(tmp_path) or pytest.fail("nothing is kept")
    assert run.hours == 1
    checkpoints.keep(kept(5))  # there is room again, and no tick was lost
    run, _ = read(tmp_path) or pytest.fail("nothing is kept")
    assert (run.hours, len(run.ticks.funnel)) == (5, 3)


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.chdir(tmp_path)
    with database("ads.db", create=True) as (engine, _):
        yield engine


def play(engine: Engine, until: int = 99, error: BaseException | None = None, often: int = 5) -> StoredRun:
    """Return the run, which is broken off after so many hours, kept every few."""

    def watch(progress: Any) -> None:
        if progress.hour == until and error:
            raise error

    return runs.simulate(engine, load("smoke", MARKET), keep_every=Every(hours=often), progress=watch)


def broken_off(engine: Engine, until: int = 17) -> str:
    with pytest.raises(KeyboardInterrupt) as stop:
        play(engine, until, KeyboardInterrupt("interrupted"))
    (found,) = left(engine)
    assert stop.value.__notes__ == [f"go on with: paceline resume {found.run_id} --db ads.db"]
    return found.run_id


@pytest.mark.parametrize(("until", "hours"), [(3, 0), (17, 15), (47, 45)])
def test_an_interrupted_run_goes_on(engine: Engine, until: int, hours: int) -> None:
    run_id = broken_off(engine, until)
    assert left(engine) == [Left(run_id, hours, plays=False)]
    heard = list[int]()
    run = runs.resume(engine, run_id, workers=2, progress=lambda progress: heard.append(progress.hour))
    assert heard == list(range(hours + 1, 49))
    assert (run.run_id, run.workers, run.created) == (run_id, 2, ("campaigns.0", "campaigns.1"))
    ref = play(engine)
    assert run.digest == ref.digest
    assert run.totals == ref.totals
    for table in ("performance", "performance_extended", "inventory_hourly", "delivery_events"):
        ref_rows, comp = (each.table(table).drop("run_id", "id", strict=False) for each in (ref, run))
        assert comp.equals(ref_rows), table
    assert not shelf_of(engine).exists()


def test_what_was_kept_may_be_left_out(engine: Engine) -> None:
    run_id = broken_off(engine)
    (state,) = (shelf_of(engine) / run_id).glob("state-*")
    next(state.iterdir()).write_bytes(b"")
    with pytest.raises(
        InputError, match=r"is damaged; play all of it again with .*--from-start.*, or discard it"
    ):
        runs.resume(engine, run_id)
    assert runs.resume(engine, run_id, from_start=True).digest == play(engine).digest


def test_it_goes_on_with_the_code_that_began_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = broken_off(engine)
    monkeypatch.setattr(unfinished, "versions", lambda: {"paceline": "99", "numpy": "none"})
    with pytest.raises(InputError, match="was begun with another version of paceline, python, numba"):
        runs.resume(engine, run_id)
    assert left(engine)


@pytest.mark.parametrize("until", [2, 17])
def test_a_run_that_is_refused_stays(engine: Engine, monkeypatch: pytest.MonkeyPatch, until: int) -> None:
    run_id = broken_off(engine, until)
    with monkeypatch.context() as other:
        other.setattr(unfinished, "version", lambda _: "another code")
        with pytest.raises(InputError, match="was begun with another version of code") as refused:
            runs.resume(engine, run_id)
    assert not hasattr(refused.value, "__notes__")
    assert runs.resume(engine, run_id).digest == play(engine).digest


def test_what_was_asked_is_sealed(engine: Engine) -> None:
    run_id = broken_off(engine)
    file = shelf_of(engine) / run_id / "asked.json"
    file.write_text(file.read_text().replace("traffic_shaped", "even"))
    for _ in range(2):  # nobody holds it
        with pytest.raises(InputError, match=r"asked\.json is damaged; discard it, and simulate again"):
            runs.resume(engine, run_id)
    discarded(engine, run_id)
    assert left(engine) == []


def test_nobody_goes_on_with_a_run_that_is_being_played(engine: Engine) -> None:
    run_id = broken_off(engine)
    with taken_up(engine, run_id):
        assert left(engine) == [Left(run_id, 15, plays=True)]
        with pytest.raises(InputError, match=f"run {run_id}: is being played at this moment"):
            runs.resume(engine, run_id)
        with pytest.raises(InputError, match="is being played"):
            discarded(engine, run_id)


def test_a_run_that_fails_by_itself_is_not_left(engine: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        play(engine, 3, ZeroDivisionError())
    assert not shelf_of(engine).exists()


def test_what_was_interrupted_before_it_was_kept_goes_with_the_next_run(engine: Engine) -> None:
    early, late = broken_off(engine, until=2), ""
    assert [one.run_id for one in left(engine)] == [early]
    with pytest.raises(KeyboardInterrupt):
        play(engine, 17, KeyboardInterrupt())
    (one,) = left(engine)
    late = one.run_id
    assert late != early
    play(engine)
    assert [one.run_id for one in left(engine)] == [late]
    discarded(engine, late)
    assert left(engine) == []


def test_a_name_that_was_not_broken_off(engine: Engine) -> None:
    run_id = broken_off(engine)
    with pytest.raises(InputError, match=f"run smoke: was not broken off; {run_id} goes on after 15 hours"):
        unfinished.named(engine, "smoke")
    assert unfinished.named(engine, None).run_id == run_id
