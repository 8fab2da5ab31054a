"""The last transaction of a run, which stores all of it; where it fails, the run is kept in a file."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import polars as pl
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from analysis.booking.carried import Carried, settled
from analysis.rows.columns import columns_of
from analysis.rows.places import placed
from analysis.runs import run_file
from analysis.runs.recording import Recording
from analysis.runs.rollback import file_of
from entities import registry
from entities.messages import printable
from scenarios.models import Scenario
from sim.book.records import Book
from sim.events import Fact

Say = Callable[[str], None]

WAIT_S = 600.0
"""How long a run that is over waits for its turn to be stored."""
_TURN_S = 2.0
"""How long it waits before it says so."""
_COLUMNS = [column.name for column in registry.SimulationRun.__table__.columns if column.name != "number"]


@dataclass(frozen=True)
class Complete:
    """A run that is over: what there is to store of it."""

    recording: Recording
    row: registry.SimulationRun
    facts: Sequence[Fact]
    scenario: Scenario
    book: Book
    """Under the ids that its names had when it began."""
    campaigns: Iterable[Carried]

    @property
    def pieces(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield its rows, `placed`, by table."""
        for name, rows in self.recording.rows(self.facts):
            yield name, placed(name, rows, self.recording.columns)

    @property
    def fresh_row(self) -> registry.SimulationRun:
        """Return its row as it is in no session."""
        return registry.SimulationRun(**{name: getattr(self.row, name) for name in _COLUMNS})


def commit(engine: Engine, run: Complete, say: Say, wait_s: float) -> registry.SimulationRun:
    """Return the row of *run*, stored with all that belongs to it, or nothing is.

    While another process writes, it waits *wait_s* for its turn, and *say* is told.
    """
    until, told = monotonic() + wait_s, False
    while True:
        try:
            return _commit(engine, run, min(_TURN_S, wait_s))
        except registry.DatabaseError as error:
            if monotonic() >= until or not registry.is_locked(error, engine):
                raise
        if not told:
            told = True
            name = printable(registry.name_of(engine))
            say(f"the run is over; waiting for another process that writes into {name}")


def _commit(engine: Engine, run: Complete, wait_s: float) -> registry.SimulationRun:
    # One transaction for all: what is created for a run appears with the run, or not at all.
    with registry.session(engine, wait_s=wait_s) as opened:
        now, row = settled(opened, run.book, run.campaigns), run.fresh_row
        columns = None if now == run.book else columns_of(now, run.scenario)
        run.recording.store(opened, row, run.facts, columns)
    return row


def commit_or_keep(engine: Engine, run: Complete, say: Say, wait_s: float) -> registry.SimulationRun:
    """Return the row of *run* as `commit` does; where that fails, keep the run in a file that import takes.

    The error, DatabaseError, names the file and the command. One that breaks the program off has a note.
    """
    try:
        return commit(engine, run, say, wait_s)
    except (registry.DatabaseError, SQLAlchemyError, OSError) as error:
        name = printable(registry.name_of(engine))
        why = str(error) if isinstance(error, registry.DatabaseError) else f"database {name}: {_why(error)}"
        raise registry.DatabaseError("; ".join(filter(None, (why, _kept(engine, run))))) from error
    except BaseException as error:
        if kept := _kept(engine, run):
            error.add_note(kept)
        raise


def _why(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error)


def _kept(engine: Engine, run: Complete) -> str:
    # What is to be told of the file; nothing where none could be written.
    file = file_of(engine)
    name = f"{run.row.run_id}{run_file.SUFFIX}"
    listings = [one.written for one in run.campaigns]
    for folder in filter(None, (file and file.parent, Path(), Path(tempfile.gettempdir()))):
        try:
            digest = run.recording.rows_digest
            run_file.write(folder / name, run.row, listings, run.pieces, digest)
            run.recording.kept_elsewhere()
        except (OSError, registry.InputError):
            continue
        where = registry.address_of(engine)
        command = shlex.join(["paceline", "runs", "import", str(folder / name), "--db", where])
        return f"the run is kept in {printable(str(folder / name))}; store it with: {printable(command)}"
    return ""
