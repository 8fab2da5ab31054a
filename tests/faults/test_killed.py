"""A run that is killed: its events are shown if it is stored, and else gone at the next start."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from analysis.rows.event_files import EventFiles
from analysis.rows.hidden import hidden_folder
from entities import registry
from sim.cli.app import main
from tests.faults.conftest import RUN, Machine

EVENTS = ("--events", "events")
MOMENTS = {
    "in mid-run": "analysis.rows.day_files.DayFiles._finish",
    "while rows are stored": "analysis.runs.committing.settled",
    "while events are completed": "analysis.rows.manifest.Manifest.write",
    "before the commit": "sqlalchemy.event.listen",
    "after the commit": "analysis.rows.event_files.show",
    "while events are shown": "pathlib.Path.rename",
}
"""What is called at moments of a run, where the process is killed."""
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.warm"])  # so that each process has all of it ready


def killed(moment: str, *args: str) -> None:
    """Run a command line in a process that is killed at that moment."""
    process = _context.Process(target=_killed, args=(moment, Path.cwd(), dict(os.environ), args))
    process.start()
    process.join()
    with closing(process):
        assert process.exitcode == -signal.SIGKILL


def _killed(moment: str, folder: Path, environment: dict[str, str], args: tuple[str, ...]) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ |= environment
    target = MOMENTS[moment]

    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def complete(self: EventFiles, real: Any = EventFiles.complete) -> Any:
        manifest = real(self)
        mock.patch(target, die).start()
        return manifest

    if list(MOMENTS).index(moment) > 2:
        mock.patch.object(EventFiles, "complete", complete).start()
    else:
        mock.patch(target, die).start()
    sys.argv = ["paceline", *args]
    main()


def shown(machine: Machine) -> list[str]:
    return sorted(path.name for path in (machine.folder / "events").iterdir())


def runs(machine: Machine) -> list[str]:
    return [one["run_id"] for one in json.loads(machine.right("runs", "--json").stdout)["runs"]]


@pytest.mark.parametrize("moment", MOMENTS)
def test_events_are_of_stored_runs_whenever_one_is_killed(moment: str, stocked: Machine) -> None:
    before = runs(stocked)
    killed(moment, *RUN, *EVENTS)
    new = [one for one in runs(stocked) if one not in before]
    assert len(new) == ("after" in moment or "shown" in moment)
    [left] = shown(stocked)
    assert left.endswith(".partial")
    assert not list((stocked.folder / "events").glob("run_id=*"))
    done = json.loads(stocked.right(*RUN, *EVENTS).stdout)
    assert shown(stocked) == sorted(f"run_id={run}" for run in (*new, done["run_id"]))
    for run in new:
        stocked.right("audit", run, *EVENTS)


def test_a_stored_run_shows_its_events_to_whoever_asks(stocked: Machine) -> None:
    before = runs(stocked)
    killed("after the commit", *RUN, *EVENTS)
    [new] = [one for one in runs(stocked) if one not in before]
    stocked.right("audit", new, *EVENTS)
    assert shown(stocked) == [f"run_id={new}"]
    assert [
        path.name for path in (stocked.folder / "events" / f"run_id={new}").iterdir() if path.is_file()
    ] == ["manifest.json"]


def test_complete_events_of_another_database_stay_while_it_is_there(stocked: Machine) -> None:
    killed("before the commit", *RUN, *EVENTS)
    [left] = shown(stocked)
    other = ("--db", "other.db")
    stocked.right(*RUN, *EVENTS, *other)
    assert left in shown(stocked)
    stocked.file.unlink()
    stocked.right(*RUN, *EVENTS, *other)
    assert left not in shown(stocked)


def test_a_run_that_goes_on_is_left_alone(stocked: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    # One run is played from within another, at its last moment.
    real, inner = EventFiles.complete, list[Any]()

    def complete(self: EventFiles) -> Any:
        if not inner:
            inner.append(None)
            inner[0] = stocked.run(*RUN, *EVENTS, "--db", "other.db")
        return real(self)

    monkeypatch.setattr(EventFiles, "complete", complete)
    outer = json.loads(stocked.right(*RUN, *EVENTS).stdout)
    assert inner[0].exit_code == 0, inner[0].stderr
    both = [outer["run_id"], json.loads(inner[0].stdout)["run_id"]]
    assert shown(stocked) == sorted(f"run_id={run}" for run in both)


def test_events_that_cannot_be_shown_are_a_warning_for_the_run_is_stored(
    stocked: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(where: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(where))

    with monkeypatch.context() as patch:
        patch.setattr("analysis.rows.event_files.show", refused)
        done = stocked.right(*RUN, *EVENTS)
    run = json.loads(done.stdout)["run_id"]
    assert done.stderr.startswith(f"warning: run {run}: is stored, and its events are complete but hidden: ")
    assert hidden_folder(Path("events"), run).is_dir()
    with monkeypatch.context() as patch:
        patch.setattr("analysis.rows.hidden.show", refused)
        told = stocked.run("audit", run, *EVENTS)
    assert told.stderr == (
        f"error: events/.run_id={run}.partial: has the events of run {run}, and cannot be renamed:"
        " permission denied\n"
    )
    assert told.exit_code == registry.InputError.exit_code
    stocked.right("audit", run, *EVENTS)
