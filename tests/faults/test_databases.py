"""A database that is locked, read-only, of another version, gone or another one when the run is to be stored."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from entities import registry
from sim import __version__
from tests.faults.conftest import RUN, Machine, on_connect
from tests.unit.cli.small import standing, tree

WRITERS = [RUN, ("create-profile",), ("create-example",), ("create-advertiser", "--name", "A")]
READERS = [("status",), ("audit",), ("runs",)]
LOCKED = "database ads.db: database is locked"
NEWER = (
    "database ads.db has tables of version 99; this Paceline needs version {ours};"
    " use a new file, or a newer Paceline for this one"
)
NEWER_BY = NEWER.replace("99;", f"99, written by Paceline {__version__};")


@contextmanager
def locked(file: Path, how: str) -> Iterator[None]:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(f"BEGIN {how}")
        yield


@pytest.mark.parametrize("command", [*WRITERS, *READERS], ids=lambda command: command[0])
def test_locked_for_everybody(stocked: Machine, command: tuple[str, ...]) -> None:
    stocked.has(None)
    with locked(stocked.file, "EXCLUSIVE"):
        stocked.fails(LOCKED, *command)


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: command[0])
def test_locked_for_writers(stocked: Machine, command: tuple[str, ...]) -> None:
    stocked.has(None)
    with locked(stocked.file, "IMMEDIATE"):
        stocked.fails(LOCKED, *command)


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
def test_another_writer_does_not_keep_readers_out(stocked: Machine, command: tuple[str, ...]) -> None:
    stocked.has(None)
    with locked(stocked.file, "IMMEDIATE"):
        assert stocked.run(*command).exit_code == 0


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: command[0])
def test_read_only(stocked: Machine, command: tuple[str, ...]) -> None:
    stocked.has(on_connect("PRAGMA query_only = ON"))
    stocked.fails("database ads.db: attempt to write a readonly database", *command)


@pytest.mark.parametrize("command", [*WRITERS, *READERS], ids=lambda command: command[0])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("PRAGMA user_version = 99", NEWER),
        ("PRAGMA application_id = 7", "database ads.db holds other tables and no Paceline data; use another file"),
    ],
    ids=["another version", "another program's"],
)  # fmt: skip
def test_not_one_of_ours(machine: Machine, command: tuple[str, ...], statement: str, message: str) -> None:
    machine.right("init-db")
    with closing(sqlite3.connect(machine.file)) as connection:
        connection.execute(statement)
    machine.fails(message.format(ours=registry.SCHEMA_VERSION), *command, code=2)


@pytest.mark.parametrize("command", [*WRITERS, *READERS, ("init-db",)], ids=lambda command: command[0])
@pytest.mark.parametrize(
    ("statement", "lost"),
    [
        ("DROP TABLE delivery_events", "the table delivery_events"),
        ("ALTER TABLE simulation_runs DROP COLUMN notes", "the column simulation_runs.notes"),
    ],
)
def test_not_whole_is_told_before_the_run(
    machine: Machine, command: tuple[str, ...], statement: str, lost: str
) -> None:
    machine.right("init-db")
    with closing(sqlite3.connect(machine.file)) as connection:
        connection.execute(statement)
    machine.fails(
        f"database ads.db has lost {lost}; use another file, or a copy of this one", *command, code=2
    )


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
def test_more_than_we_made_is_nobody_s_harm(stocked: Machine, command: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(stocked.file)) as connection:
        connection.execute("ALTER TABLE simulation_runs ADD COLUMN mine TEXT")
        connection.execute("CREATE TABLE notes_of_mine (text TEXT)")
    stocked.right(*command)


@pytest.mark.parametrize("command", [*WRITERS, *READERS], ids=lambda command: command[0])
def test_not_a_database(machine: Machine, command: tuple[str, ...]) -> None:
    machine.file.write_text("advertiser;campaign\n" * 100)
    machine.fails("database ads.db: file is not a database", *command, code=2)


@pytest.mark.parametrize("command", [*WRITERS[1:], *READERS], ids=lambda command: command[0])
def test_a_link_to_nothing(machine: Machine, command: tuple[str, ...]) -> None:
    machine.file.symlink_to("gone.db")
    machine.fails(
        "there is no database ads.db; create it with: paceline init-db, or simulate into it", *command, code=2
    )


# ------------------------------------------------------------------------------------------- in mid-run


def _remove(file: Path) -> None:
    file.unlink()


def _overwrite(file: Path) -> None:
    file.write_text("advertiser;campaign\n" * 100)


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _another_version(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")


def _a_new_one(file: Path) -> None:
    file.unlink()
    engine = registry.make_engine(file)
    registry.init_db(engine)
    engine.dispose()


def _another_name(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE line_items SET name = 'renamed' WHERE id = 1")


def gone(name: str) -> bool:
    """Return whether a file goes when a run fails: its events, and what it would have gone on from."""
    return "events" in name or "unfinished" in name


def _no_tables(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("DROP TABLE performance")


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "removed": (_remove, "database ads.db was removed in the meantime; nothing was stored{kept}"),
    "overwritten": (_overwrite, "database ads.db: file is not a database{kept}"),
    "emptied": (_empty, "database ads.db is empty; create the tables with: paceline init-db{kept}"),
    "of another version": (_another_version, NEWER_BY + "{kept}"),
    "of other names": (_another_name, "campaign 'Smoke Motors / Smoke Launch' has a line item 'TV drama', which that of the registry has not; give the campaign a new name, or use another database{kept}"),
    "without a table": (_no_tables, "database ads.db: no such table: performance{kept}"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_changed_in_mid_run(stocked: Machine, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    make, message = CHANGES[change]
    after: dict[str, str] = {}

    def watch(*_: Any, **__: Any) -> None:
        if not after:
            make(stocked.file)
            after.update(tree(stocked.folder))

    monkeypatch.setattr("sim.cli.progress.RunProgress.__call__", watch)
    done = stocked.run(*RUN, "--events", "events")
    (file,) = stocked.folder.glob("*.run.zip")
    (run,) = (stocked.folder / "events").iterdir()
    assert (f"run_id={file.name}", True) == (f"{run.name}.run.zip", (run / "manifest.json").exists())
    told = message.format(ours=registry.SCHEMA_VERSION, kept=stocked.kept())
    assert done.stderr == f"error: {told}\n"
    assert (done.exit_code, done.stdout) == (1, "")
    assert tree(stocked.folder) == {name: hashed for name, hashed in after.items() if not gone(name)}


def test_locked_when_the_run_is_to_be_stored(stocked: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    stocked.has(None)
    before = tree(stocked.folder.parent)
    with closing(sqlite3.connect(stocked.file, isolation_level=None, check_same_thread=False)) as other:

        def watch(*_: Any, **__: Any) -> None:
            if not other.in_transaction:
                other.execute("BEGIN IMMEDIATE")

        monkeypatch.setattr("sim.cli.progress.RunProgress.__call__", watch)
        done = stocked.run(*RUN)
        other.rollback()
    assert (done.exit_code, done.stderr) == (1, f"error: {LOCKED}{stocked.kept()}\n")
    assert tree(stocked.folder.parent) == before


def test_another_database_of_that_name_takes_the_run(
    stocked: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def watch(*_: Any, **__: Any) -> None:
        if watched := next(iter(stocked.folder.glob("ads.db")), None):
            monkeypatch.undo()
            monkeypatch.chdir(stocked.folder)
            _a_new_one(watched)

    monkeypatch.setattr("sim.cli.progress.RunProgress.__call__", watch)
    run = json.loads(stocked.right(*RUN).stdout)["run_id"]
    assert [one["run_id"] for one in json.loads(stocked.right("runs", "--json").stdout)["runs"]] == [run]
    stocked.right("audit")


def test_a_run_waits_for_another_writer_and_says_so(
    stocked: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    stocked.has(None)
    monkeypatch.setattr("analysis.runs.storing.WAIT_S", 60.0)
    monkeypatch.setattr("analysis.runs.committing._TURN_S", 0.01)
    said: list[str] = []
    with closing(sqlite3.connect(stocked.file, isolation_level=None, check_same_thread=False)) as other:

        def watch(*_: Any, **__: Any) -> None:
            if not said and not other.in_transaction:
                other.execute("BEGIN IMMEDIATE")

        def say(_: Any, line: str) -> None:
            if "waiting" in line:
                said.append(line)
                other.rollback()

        monkeypatch.setattr("sim.cli.progress.RunProgress.__call__", watch)
        monkeypatch.setattr("sim.cli.progress.RunProgress.say", say)
        stocked.right(*RUN)
    assert said == ["the run is over; waiting for another process that writes into ads.db"]
    assert len(json.loads(stocked.right("runs", "--json").stdout)["runs"]) == 2


def test_a_run_that_was_kept_is_stored_by_what_the_message_says(
    stocked: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("sim.cli.progress.RunProgress.__call__", lambda *_: _remove_once(stocked.file))
        done = stocked.run(*RUN, "--events", "events")
    command = done.stderr.rpartition("store it with: paceline ")[2].split()
    stocked.right(*command)
    stocked.right("audit", "--events", "events")


def _remove_once(file: Path) -> None:
    file.unlink(missing_ok=True)


# --------------------------------------------------------------------------------- at every statement


def at_statement(
    number: int, error: type[BaseException], *words: str
) -> tuple[Callable[[Engine], None], list[int]]:
    """Return the trouble of raising *error* before the statement of that number, and how many there were.

    Second is how many there were before the last commit: what comes after it only tells of what is stored.
    """
    count = [0, 0]

    def trouble(engine: Engine) -> None:
        def before(*_: Any) -> None:
            count[0] += 1
            if count[0] == number:
                raise error(*words)

        def committed(*_: Any) -> None:
            count[1] = count[0]

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "commit", committed)

    return trouble, count


@pytest.mark.parametrize(
    "command", [RUN, ("create-profile",), ("create-example",)], ids=lambda command: command[0]
)
@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError], ids=["Ctrl-C", "out of memory"])
def test_broken_off_at_every_statement(
    stocked: Machine, command: tuple[str, ...], error: type[BaseException]
) -> None:
    before, content = tree(stocked.folder.parent), stocked.file.read_bytes()
    trouble, count = at_statement(0, error)
    stocked.has(trouble)
    stocked.right(*command)
    statements = count[1]
    stocked.file.write_bytes(content)
    step = max(1, statements // 8)
    for number in range(1, statements, step):
        trouble, count = at_statement(number, error, "interrupted")
        stocked.has(trouble)
        done = stocked.run(*command)
        assert done.exit_code == 1
        assert len(done.stderr.splitlines()) == 1
        assert done.stderr.startswith("error: ")
        # Once the market has run it is kept in a file; before, it goes on if it was interrupted.
        left = [
            f"; go on with: paceline resume {one.name} --db ads.db"
            for one in stocked.folder.glob("*.unfinished/*")
        ]
        assert done.stderr.endswith(f"{stocked.kept()}{''.join(left)}\n")
        assert standing(stocked.folder.parent) == before
