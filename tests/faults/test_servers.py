"""A database on a server that is locked, gone, of another version or read-only: one line, and nothing is stored."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from entities import registry
from sim import __version__
from tests.faults.conftest import RUN, Machine, Office
from tests.faults.test_databases import READERS, WRITERS, at_statement
from tests.postgres import Server
from tests.unit.cli.small import tree

TABLES = [table.name for table in registry.Base.metadata.sorted_tables]


@contextmanager
def writing(office: Office) -> Iterator[None]:
    engine = registry.make_engine(office.server.url(office.database))
    with registry.session(engine):
        yield


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: command[0])
def test_locked_for_writers(office: Office, command: tuple[str, ...]) -> None:
    office.has(None)
    with writing(office):
        office.fails("database is locked", *command)


@pytest.mark.parametrize("command", READERS, ids=lambda command: command[0])
def test_another_writer_does_not_keep_readers_out(office: Office, command: tuple[str, ...]) -> None:
    with writing(office):
        assert office.run(*command).exit_code == 0


@pytest.mark.parametrize("command", [RUN, ("create-profile",), ("status",)], ids=lambda command: command[0])
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (
            "UPDATE paceline_version SET version_num = '99'",
            f"has tables of version 99, written by Paceline {__version__}; this Paceline needs version {registry.SCHEMA_VERSION}; use a new file, or a newer Paceline for this one",
        ),
        ("DROP TABLE paceline_version", "holds other tables and no Paceline data; use another file"),
        ("DROP TABLE delivery_events", "has lost the table delivery_events; use another file, or a copy of this one"),
        ("ALTER TABLE simulation_runs DROP COLUMN notes", "has lost the column simulation_runs.notes; use another file, or a copy of this one"),
    ],
    ids=["another version", "another program's", "a table", "a column"],
)  # fmt: skip
def test_not_one_of_ours_or_not_whole(
    office: Office, command: tuple[str, ...], statement: str, message: str
) -> None:
    office.server.sql(office.database, statement)
    before = office.server.dump(office.database)
    done = office.run(*command)
    assert done.stderr == f"error: database {office.name} {message}\n"
    assert (done.exit_code, done.stdout) == (2, "")
    assert office.server.dump(office.database) == before


# ------------------------------------------------------------------------------------------- in mid-run

RENAMED = (
    "campaign 'Smoke Motors / Smoke Launch' has a line item 'TV drama', which that of the registry has not;"
    " give the campaign a new name, or use another database"
)
CHANGES = {
    "of other names": ("UPDATE line_items SET name = 'renamed' WHERE id = 1", RENAMED),
    "without a table": ("DROP TABLE performance", 'relation "performance" does not exist'),
    "of another version": ("UPDATE paceline_version SET version_num = '99'", "a newer Paceline for this one"),
    "taken away": (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
        "terminating connection due to administrator command",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_changed_in_mid_run(office: Office, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    statement, message = CHANGES[change]
    after: dict[str, Any] = {}

    def now() -> None:
        if not after:
            office.server.sql(office.database, statement)
            after.update(office.server.dump(office.database))

    if change == "taken away":  # in the midst of the transaction that stores the run

        def trouble(engine: Engine) -> None:
            event.listen(
                engine,
                "before_cursor_execute",
                lambda *given: now() if "INSERT INTO simulation_runs" in given[2] else None,
            )

        office.has(trouble)
    else:
        monkeypatch.setattr("sim.cli.progress.RunProgress.__call__", lambda *_, **__: now())
    done = office.run(*RUN, "--events", "events")
    assert done.stderr.startswith("error: ")
    assert done.stderr.endswith(f"{message}{office.kept()}\n")
    assert len(done.stderr.splitlines()) == 1
    assert (done.exit_code, done.stdout) == (1, "")
    assert office.server.dump(office.database) == after
    assert not [file for file in office.folder.rglob("*") if file.is_file()]


def test_a_run_that_was_kept_is_stored_by_what_the_message_says(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(
            "sim.cli.progress.RunProgress.__call__",
            lambda *_, **__: office.server.sql(
                office.database, "UPDATE paceline_version SET version_num = '99'"
            ),
        )
        done = office.run(*RUN)
    office.server.sql(
        office.database, f"UPDATE paceline_version SET version_num = '{registry.SCHEMA_VERSION}'"
    )
    office.right(*shlex.split(done.stderr.rpartition("store it with: paceline ")[2]))
    office.right("audit")
    assert len(office.server.dump(office.database)["simulation_runs"]) == 2


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError], ids=["Ctrl-C", "out of memory"])
def test_broken_off_at_every_statement(office: Office, error: type[BaseException]) -> None:
    before, files = office.server.dump(office.database), tree(office.folder.parent)
    office.right(*RUN)  # it creates campaigns, which is more than the next one does
    trouble, count = at_statement(1_000_000, error)
    office.has(trouble)
    office.right(*RUN)
    statements = count[1]
    assert statements > 20
    changed = office.server.dump(office.database)
    for number in range(1, statements, statements // 8):
        trouble, _ = at_statement(number, error, "interrupted")
        office.has(trouble)
        done = office.run(*RUN)
        if not done.exit_code:  # the run was stored by then, and only its summary failed
            assert number > statements // 2
            assert "warning: " in done.stderr
            break
        assert done.exit_code == 1
        assert done.stderr.startswith("error: ")
        told, _, run_id = done.stderr.removesuffix("\n").partition("; go on with: paceline resume ")
        assert told.endswith(office.kept())  # once the market has run
        assert not run_id or error is KeyboardInterrupt
        assert office.server.dump(office.database) == changed != before
        assert tree(office.folder.parent) == files


def test_a_new_database_whose_run_fails_has_no_tables(
    machine: Machine, server: Server, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(machine.folder, machine._monkeypatch).at(server, postgres)
    monkeypatch.setattr("sim.cli.progress.RunProgress.__call__", _fails)
    assert office.run(*RUN).exit_code == 1
    assert server.dump(postgres) == {}
    monkeypatch.undo()
    office.at(server, postgres).right("init-db")
    assert {*server.dump(postgres)} == {*TABLES, "paceline_version"}


def _fails(*_: Any, **__: Any) -> None:
    raise OSError(5, "Input/output error")


def test_a_new_database_that_someone_else_began_to_use_stays(
    machine: Machine, server: Server, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(machine.folder, machine._monkeypatch).at(server, postgres)

    def watch(*_: Any, **__: Any) -> None:
        engine = registry.make_engine(server.url(postgres))
        with registry.session(engine) as opened:
            opened.add(registry.Advertiser(name="theirs"))
        _fails()

    monkeypatch.setattr("sim.cli.progress.RunProgress.__call__", watch)
    assert office.run(*RUN).exit_code == 1
    assert len(server.dump(postgres)["advertisers"]) == 1


def test_somebody_else_s_database(machine: Machine, server: Server, postgres: str) -> None:
    office = Office(machine.folder, machine._monkeypatch).at(server, postgres)
    server.sql(postgres, "CREATE TABLE recipes (name TEXT)")
    office.database = postgres
    done = office.run(*RUN)
    assert (
        done.stderr
        == f"error: database {office.name} holds other tables and no Paceline data; use another file\n"
    )
    assert (done.exit_code, server.dump(postgres)) == (2, {"recipes": []})


# -------------------------------------------------------------------------------------------- at once


def test_a_reader_never_sees_half_a_run(office: Office) -> None:
    engine = registry.make_engine(office.server.url(office.database))
    counts = "SELECT (SELECT count(*) FROM simulation_runs), (SELECT count(DISTINCT run_id) FROM inventory_hourly), count(*) FROM inventory_hourly"
    with registry.session(engine, writes=False) as reader:
        first = reader.connection().exec_driver_sql(counts).one()
        office.right(*RUN)
        assert reader.connection().exec_driver_sql(counts).one() == first == (1, 1, 384)
    with registry.session(engine, writes=False) as reader:
        assert reader.connection().exec_driver_sql(counts).one() == (2, 2, 768)


def test_two_simulators_at_once(machine: Machine, server: Server, with_tables: str) -> None:
    from analysis.runs.simulate import simulate
    from scenarios.loader import load

    barrier, runs = threading.Barrier(2), []

    def one() -> None:
        engine = registry.make_engine(server.url(with_tables))
        meet = iter([barrier.wait])
        # Both have booked, and neither has stored, when the first hour is over.
        progress = lambda _: next(meet, int)()  # noqa: E731 - a word for what it does would be longer
        runs.append(simulate(engine, load("smoke", ["market.population.viewers=300"]), progress=progress))

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert len(runs) == 2
    assert runs[0].digest == runs[1].digest
    found = server.dump(with_tables)
    assert [len(found[table]) for table in ("simulation_runs", "campaigns", "line_items")] == [2, 2, 2]
    assert [run.audit().broken for run in runs] == [(), ()]


def test_two_simulators_of_different_campaigns_at_once(server: Server, with_tables: str) -> None:
    from analysis.runs.simulate import simulate
    from scenarios.loader import load

    small = ["market.population.viewers=300", "market.days=1"]
    engine = registry.make_engine(server.url(with_tables))
    others: list[Any] = []

    def meanwhile(*_: Any) -> None:
        if not others:
            others.append(simulate(engine, load("golden-first-price", small)))

    run = simulate(engine, load("smoke", small), progress=meanwhile)
    assert [one.audit().broken for one in (run, *others)] == [(), ()]
    assert run.summary["line_item"].to_list() != others[0].summary["line_item"].to_list()
