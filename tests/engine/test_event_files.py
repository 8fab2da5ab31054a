"""Events are written where they are played, shard by shard: the same bytes, whoever plays and whoever dies."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analysis.rows.bid_files import scan_bids
from analysis.rows.columns import columns_of
from analysis.rows.event_files import scan_events
from analysis.rows.event_writer import Keeping, ShardFiles
from analysis.rows.events_of import ALL, events_of
from analysis.rows.manifest import read
from analysis.runs import simulate as runs
from analysis.runs.checkpoints import every
from analysis.runs.playing import Progress, play
from analysis.runs.rollback import database
from analysis.runs.stored import StoredRun
from analysis.runs.unfinished import left
from entities.errors import PacelineError
from scenarios.loader import load
from sim.engine.executors.chosen import Chosen
from sim.events import Files, Written
from tests.engine.test_executors import doomed
from tests.unit.analysis import synthetic

SMALL = ("market.population.viewers=400",)
NAMES = ("events", "bids")


def stored(
    folder: Path, executor: Chosen, workers: int = 2, of: str = "lost:100%", **how: Any
) -> tuple[StoredRun, list[tuple[str, str]]]:
    """Return a run with its events, and the sums of its files by their paths."""
    folder.mkdir(exist_ok=True)
    how |= {"workers": workers, "executor": executor}
    with database(str(folder / "ads.db"), create=True) as (engine, _):
        if found := left(engine):
            run = runs.resume(engine, found[0].run_id, **how)
        else:
            about = {"events": folder / "events", "events_of": events_of(of), "keep_every": every("hours:9")}
            run = runs.simulate(engine, load("smoke", SMALL), **about | how)
    (where,) = (folder / "events").iterdir()
    files = {path.relative_to(where).as_posix() for path in where.rglob("*") if path.is_file()}
    manifest = read(where)
    assert files == {"manifest.json", *(file.path for file in manifest.every_file)}
    return run, [(file.path, file.sha256) for file in manifest.every_file]


def rows(run: StoredRun) -> list[pl.DataFrame]:
    """Return the events and the bids of a run, in an order that does not depend on files."""
    assert run.events_folder
    keys = "slot_id", "line_item_id"
    scanned = scan_events(run.events_folder, run.run_id), scan_bids(run.events_folder, run.run_id)
    return [found.drop("run_id").collect().sort(keys) for found in scanned]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[StoredRun, list[tuple[str, str]]]:
    """Return what two processes come to."""
    return stored(tmp_path_factory.mktemp("two"), Chosen("processes"))


def test_each_shard_of_each_day_has_a_file(written: tuple[StoredRun, list[tuple[str, str]]]) -> None:
    run, files = written
    days = sorted({path.partition("/")[0] for path, _ in files})
    assert len(days) == 3
    names = [f"{day}/{name}-{shard:04d}.parquet" for day in days for shard in range(4) for name in NAMES]
    assert {path for path, _ in files} == {*names}
    assert not run.audit().broken


def test_a_folder_may_have_any_name(written: tuple[StoredRun, list[tuple[str, str]]], tmp_path: Path) -> None:
    run, files = stored(tmp_path / "of [all] *?", Chosen("processes"), 1)
    assert files == written[1]
    assert not run.audit().broken
    assert all(map(pl.DataFrame.equals, rows(run), rows(written[0])))


def test_they_have_what_one_file_has(
    written: tuple[StoredRun, list[tuple[str, str]]], tmp_path: Path
) -> None:
    ref, _ = stored(tmp_path, Chosen("serial"), 1)
    comp, _ = written
    assert comp.digest == ref.digest
    for mine, other in zip(rows(comp), rows(ref), strict=True):
        assert mine.equals(other)


def test_a_sample_has_the_same_viewers(tmp_path: Path) -> None:
    some = [stored(tmp_path / name, Chosen(name), of="lost:50%")[0] for name in ("threads", "processes")]
    mine, other = map(rows, some)
    assert all(map(pl.DataFrame.equals, mine, other))
    assert 0 < mine[0]["viewer_id"].n_unique() < 400


@pytest.mark.parametrize("workers", [1, 4])
def test_their_bytes_do_not_depend_on_how_many_play(
    workers: int, written: tuple[StoredRun, list[tuple[str, str]]], tmp_path: Path
) -> None:
    assert stored(tmp_path, Chosen("processes"), workers)[1] == written[1]


@pytest.mark.parametrize("told", [1 << 30, 10_000], ids=["told all again", "eased at the end of a day"])
def test_lost_workers_leave_no_trace(
    told: int,
    written: tuple[StoredRun, list[tuple[str, str]]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sim.engine.supply.MOST_TOLD", told)
    run, files = stored(tmp_path, doomed({"play": {30, 150}, "close": {3}}), keep_every=every("never"))
    assert (run.digest, files) == (written[0].digest, written[1])


def test_a_run_goes_on_with_the_days_that_are_written(
    written: tuple[StoredRun, list[tuple[str, str]]], tmp_path: Path
) -> None:
    def stop(progress: Progress) -> None:
        if progress.hour == 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stored(tmp_path, Chosen("processes"), progress=stop)
    run, files = stored(tmp_path, Chosen("serial"))
    kept = [file for file in files if "-0" in file[0].partition("/")[2]]
    assert 0 < len(kept) < len(files)
    assert {*kept} < {*written[1]}
    assert run.digest == written[0].digest
    assert not run.audit().broken
    for mine, other in zip(rows(run), rows(written[0]), strict=True):
        assert mine.equals(other)


def written_into(folder: Path) -> None:
    loaded = load("smoke", SMALL)
    book = runs.book_scenario(loaded)
    keeping = Keeping(folder, columns_of(book, loaded.scenario), ALL, 7)
    scribe = partial(ShardFiles, keeping)
    play(loaded.scenario, book, workers=2, executor=Chosen("processes"), scribe=scribe, events=False)


def test_a_disk_that_a_worker_cannot_write_to_is_named(tmp_path: Path) -> None:
    for day in ("02", "03", "04"):
        (tmp_path / f"date=2026-11-{day}").touch()
    with pytest.raises(
        PacelineError, match=r"date=2026-11-02/.*: cannot be written after 0 bytes: file exists"
    ):
        written_into(tmp_path)


def test_a_folder_that_workers_do_not_have_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(PacelineError, match=r"/gone: a worker does not find it; where workers are on other"):
        written_into(tmp_path / "gone")


def test_a_folder_that_only_workers_have_is_found_out(tmp_path: Path) -> None:
    files = synthetic.event_files(tmp_path, synthetic.columns())
    hour = synthetic.Market(synthetic.columns()).hour()
    elsewhere = Files((Written("date=2026-11-02/events-0000.parquet", 1, 2, "abc", 0, 1),))
    with pytest.raises(PacelineError, match=r"events-0000\.parquet\.partial: a worker has written it, and"):
        files.write(hour._replace(parts=(), files=elsewhere))
