"""A disk that is full at any page that a command would add: one line, and the database as it was."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from analysis.rows.event_files import EventFiles
from tests.faults.conftest import RUN, Machine, on_connect

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="has no device that is always full")
EVERY = 7
"""Of the pages of a run that many are one that is tried, beside its first two and its last."""
FULL = "database ads.db: database or disk is full"


def pages(machine: Machine) -> int:
    with closing(sqlite3.connect(machine.file)) as connection:
        return int(connection.execute("PRAGMA page_count").fetchone()[0])


def fails_until(machine: Machine, first: int, last: int, *command: str, every: int = 1) -> None:
    for most in sorted({*range(first, last, every), first + 1, last - 1}):
        machine.has(on_connect(f"PRAGMA max_page_count = {most}"))
        machine.fails(FULL, *command)
    machine.has(on_connect(f"PRAGMA max_page_count = {last}"))
    machine.right(*command)


@pytest.fixture
def empty(machine: Machine) -> int:
    """Return how many pages a database without rows has."""
    machine.right("init-db")
    count = pages(machine)
    machine.file.unlink()
    return count


def test_at_every_page_of_a_new_database(machine: Machine, empty: int) -> None:
    fails_until(machine, 1, empty, "init-db")


def test_at_pages_all_along_a_first_run(machine: Machine, empty: int) -> None:
    machine.right(*RUN)
    last = pages(machine)
    machine.file.unlink()
    assert last > empty + 10
    fails_until(machine, empty - 2, last, *RUN, "--events", "events", every=EVERY)


def test_at_pages_all_along_another_run(stocked: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    # Where a run's rows go among those of others, and so how many pages they take, is decided by its id:
    # let every run of this test come last, also within one second.
    monkeypatch.setattr("secrets.token_hex", lambda count: "ff" * count)
    before, first = stocked.file.read_bytes(), pages(stocked)
    stocked.right(*RUN)
    last = pages(stocked)
    stocked.file.write_bytes(before)
    assert last > first + 10
    fails_until(stocked, first, last, *RUN, every=EVERY)


def test_where_campaigns_are_added(machine: Machine) -> None:
    machine.right("init-db")
    machine.right("create-advertiser", "--name", "Acme")
    machine.has(on_connect(f"PRAGMA max_page_count = {pages(machine)}"))
    command = ("create-campaign", "--advertiser-id", "1", "--auto")
    for _ in range(40):
        before = machine.file.read_bytes()
        if machine.run(*command).exit_code:
            break
    assert machine.file.read_bytes() == before
    machine.fails(FULL, *command)


@needs_full
@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("date=2026-11-04/events.parquet.partial.now.writing", "events.parquet.partial.now.writing"),
        ("manifest.json.partial", "manifest.json"),
    ],
)
def test_where_events_go_no_run_is_lost_at_its_end(
    name: str, named: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = EventFiles.complete

    def complete(files: EventFiles) -> Any:
        folder = next((machine.folder / "events").iterdir())
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.unlink(missing_ok=True)
        file.symlink_to("/dev/full")
        return real(files)

    with monkeypatch.context() as patch:
        patch.setattr(EventFiles, "complete", complete)
        patch.setattr("analysis.rows.day_files.secrets.token_hex", lambda _: "now")
        patch.setattr("analysis.runs.recording.Recording._flush", flushed_rows)
        done = machine.run(*RUN, "--events", "events")
    assert (done.exit_code, done.stdout) == (1, "")
    lost, error = done.stderr.splitlines()
    full = f"{named}: cannot be written after 0 bytes: no space left on device; the disk at "
    assert lost.startswith("warning: run smoke-")
    assert ": its events are lost: " in lost
    assert error.startswith("error: ")
    for line in (lost, error):
        assert "/events/.run_id=smoke-" in line
        assert full in line
        assert " bytes free" in line
    assert not (machine.folder / "events").exists()
    command = error.partition("; store it with: paceline ")[2]
    machine.right(*command.split())


def flushed_rows(recording: Any) -> None:
    """Count what waits, and leave the events."""
    recording._batch.flush()


@needs_full
def test_a_run_that_met_a_full_disk_early_is_resumed(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = json.loads(machine.right(*RUN).stdout)["digest"]
    day = "date=2026-11-02/events.parquet.partial.now.writing"
    real = EventFiles.write

    def write(files: EventFiles, hour: Any) -> None:
        (file := next((machine.folder / "events").iterdir()) / day).parent.mkdir(exist_ok=True)
        if not file.is_symlink():
            file.symlink_to("/dev/full")
        real(files, hour)

    with monkeypatch.context() as patch:
        patch.setattr(EventFiles, "write", write)
        patch.setattr("analysis.rows.day_files.secrets.token_hex", lambda _: "now")
        done = machine.run(*RUN, "--events", "events")
    assert done.exit_code == 1
    assert f"{day}: cannot be written after 0 bytes: no space left on device" in done.stderr
    (run_id,) = (path.name for path in Path("ads.db.unfinished").iterdir())
    assert f"go on with: paceline resume {run_id}" in done.stderr
    resumed = json.loads(machine.right("resume", "--json").stdout)
    assert (resumed["run_id"], resumed["digest"]) == (run_id, ref)
    machine.right("audit", run_id, "--events", "events")
    assert not Path("ads.db.unfinished").exists()
