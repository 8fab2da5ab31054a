"""A machine that lets no file grow, has no room for temporary files, or no folder to write to."""

from __future__ import annotations

import resource
import sys

import pytest

from tests.faults.conftest import RUN, Machine
from tests.unit.cli.small import tree


@pytest.mark.parametrize("most", [2_000, 300_000])
def test_a_file_that_may_not_grow(stocked: Machine, most: int) -> None:
    before, (soft, hard) = tree(stocked.folder.parent), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        done = stocked.run(*RUN, "--events", "events")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("error: ")
    # Where SQLite could not even undo what it wrote, whoever opens the file next does.
    stocked.right("status")
    assert done.stderr.endswith(f"{stocked.kept()}\n")
    assert tree(stocked.folder.parent) == before


def test_a_run_needs_no_room_for_temporary_files(stocked: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "/nowhere")
    monkeypatch.setattr("tempfile._candidate_tempdir_list", lambda: ["/nowhere"])
    monkeypatch.setattr("tempfile.tempdir", None)
    stocked.right(*RUN)


@pytest.mark.skipif(sys.platform != "linux", reason="a folder in which nobody can write")
@pytest.mark.parametrize("command", [("init-db",), RUN], ids=lambda command: command[0])
def test_a_folder_in_which_nobody_can_write(machine: Machine, command: tuple[str, ...]) -> None:
    done = machine.run(*command, "--db", "/proc/ads.db")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: database /proc/ads.db: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [("init-db",), RUN, ("status",)], ids=lambda command: command[0])
def test_a_folder_that_is_not_there(machine: Machine, command: tuple[str, ...]) -> None:
    before = tree(machine.folder)
    done = machine.run(*command, "--db", "none/ads.db")
    assert done.exit_code == 2
    assert done.stderr in {
        "error: database none/ads.db: there is no folder none\n",
        "error: there is no database none/ads.db; create it with: paceline init-db, or simulate into it\n",
    }
    assert tree(machine.folder) == before
