"""A folder of one's own with a database in it, and the command, told how the database behaves."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from typer.testing import CliRunner, Result

from analysis.runs.run_file import read
from entities import registry
from sim.cli.app import app
from tests.postgres import Server
from tests.unit.cli.small import tree

Trouble = Callable[[Engine], None]
SETTINGS = (
    "market.population.viewers=50",
    # as much as caps leave so few viewers: a run that warns of nothing
    "campaigns.0.campaign.line_items.0.lifetime_budget=10",
    "campaigns.1.campaign.line_items.0.lifetime_budget=4",
)
RUN = ("simulate", "smoke", *(word for setting in SETTINGS for word in ("--set", setting)), "--json")


class Machine:
    """The command in a folder, with trouble put into the database's engine."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.file, self._monkeypatch = folder, folder / "ads.db", monkeypatch
        self._real = registry.make_engine
        self.address = "ads.db"

    def run(self, *args: str) -> Result:
        """Run a command line."""
        return CliRunner().invoke(app, list(args), prog_name="paceline")

    def right(self, *args: str) -> Result:
        """Run a command line that has to go well."""
        done = self.run(*args)
        assert done.exit_code == 0, done.stderr
        return done

    def has(self, trouble: Trouble | None, *, wait_s: float = 0.05) -> None:
        """Put *trouble*, or none, into every engine from now on."""
        self._monkeypatch.setattr("analysis.runs.storing.WAIT_S", wait_s)

        def make(name: str) -> Engine:
            engine = self._real(name, wait_s=wait_s)
            if trouble:
                trouble(engine)
            return engine

        self._monkeypatch.setattr(
            registry, "make_engine", make if trouble else partial(self._real, wait_s=wait_s)
        )

    def fails(self, message: str, *args: str, code: int = 1) -> None:
        """Run a command line that has to fail with one line, and to leave everything as it is.

        A run that is over is kept in a file, which is named, and is removed here with its events.
        """
        before = tree(self.folder.parent)
        done = self.run(*args)
        assert done.stderr == f"error: {message}{self.kept()}\n"
        assert (done.exit_code, done.stdout) == (code, "")
        assert tree(self.folder.parent) == before

    def kept(self) -> str:
        """Return what a message says of the file in which a run is kept; nothing where there is none."""
        files = [*self.folder.glob("*.run.zip"), *self.folder.parent.glob("tmp/*.run.zip")]
        if not files:
            return ""
        (file,) = files
        run_id = read(file).row.run_id  # it is whole
        file.unlink()
        events = self.folder / "events"
        if (events / f"run_id={run_id}").exists():  # they are shown, for the run is not lost
            shutil.rmtree(events / f"run_id={run_id}")
            if not any(events.iterdir()):
                events.rmdir()
        shown = file.name if file.parent == self.folder else file
        store = f"paceline runs import {shown} --db {self.address}"
        return f"; the run is kept in {shown}; store it with: {store}"


@pytest.fixture(scope="session", autouse=True)
def forks() -> None:
    """Begin the process that others are forked from, as long as the path of temporary files is short."""
    forkserver.set_forkserver_preload(["tests.faults.warm"])
    forkserver.ensure_running()


@pytest.fixture
def machine(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Machine:
    # Where runs are kept whose database is on a server.
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    for name in ("work", "tmp"):  # temporary files are seen as well
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.delenv("PACELINE_DEBUG", raising=False)
    return Machine(tmp_path / "work", monkeypatch)


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a database that holds a run: played once, for all."""
    file = tmp_path_factory.mktemp("run") / "ads.db"
    done = CliRunner().invoke(app, [*RUN, "--db", str(file)], prog_name="paceline")
    assert done.exit_code == 0, done.stderr
    return file.read_bytes()


@pytest.fixture
def stocked(machine: Machine, run: bytes) -> Machine:
    """Return a machine whose database holds a run."""
    machine.file.write_bytes(run)
    return machine


def on_connect(*statements: str) -> Trouble:
    """Return the trouble of saying *statements* on every connection."""

    def trouble(engine: Engine) -> None:
        def say(connection: Any, record: Any) -> None:
            for statement in statements:
                connection.execute(statement)

        event.listen(engine, "connect", say)

    return trouble


class Office(Machine):
    """The command beside a server."""

    server: Server
    database: str

    def at(self, server: Server, database: str, user: str = "owner") -> Office:
        self.server, self.database = server, database
        self.name = registry.shown(server.url(database, user))
        self.address = shlex.quote(self.name)
        self._monkeypatch.setenv("DATABASE_URL", server.url(database, user))
        return self

    def fails(self, message: str, *args: str, code: int = 1) -> None:
        """Run a command line that has to fail with one line, and to leave everything as it is."""
        before, files = self.server.dump(self.database), tree(self.folder.parent)
        done = self.run(*args)
        assert done.stderr == f"error: database {self.name}: {message}{self.kept()}\n"
        assert done.exit_code == code
        assert self.server.dump(self.database) == before
        assert tree(self.folder.parent) == files


@pytest.fixture(scope="session")
def ran(server: Server, tables: str) -> Iterator[str]:
    """Return a database that holds a run: played once, for all."""
    name = server.create(tables)
    done = CliRunner().invoke(app, [*RUN, "--db", server.url(name)], prog_name="paceline")
    assert done.exit_code == 0, done.stderr
    yield name
    server.drop(name)


@pytest.fixture
def office(machine: Machine, server: Server, copies: Callable[[str], str], ran: str) -> Office:
    """Return a machine whose database, on a server, holds a run."""
    return Office(machine.folder, machine._monkeypatch).at(server, copies(ran))
