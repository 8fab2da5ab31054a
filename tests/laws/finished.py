"""A finished run on disk, and ways to corrupt a copy of it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine

from analysis.audit.report import Audit, Status
from analysis.booking.books import book_listings
from analysis.runs.played import PlayedRun, play_in_memory
from analysis.runs.simulate import simulate
from analysis.runs.stored import StoredRun, find
from entities import registry
from scenarios.loader import load


@dataclass(frozen=True)
class Finished:
    """A database with one run, and its events."""

    folder: Path
    run_id: str

    @property
    def database(self) -> Path:
        return self.folder / "ads.db"

    @property
    def events(self) -> Path:
        return self.folder / "events"

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        engine = registry.make_engine(self.database)
        yield engine
        engine.dispose()

    @contextmanager
    def run(self) -> Iterator[StoredRun]:
        with self.engine() as engine:
            yield find(engine, self.run_id, self.events)

    def audit(self, events: bool = True) -> Audit:
        with self.engine() as engine:
            return find(engine, self.run_id, self.events if events else None).audit()

    def copy(self, folder: Path) -> Finished:
        shutil.copytree(self.folder, folder)
        return Finished(folder, self.run_id)

    def sql(self, *statements: str) -> None:
        """Change the database behind the back of its checks; each statement must change something."""
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute("PRAGMA ignore_check_constraints = ON")
            for statement in statements:
                assert connection.execute(statement).rowcount > 0, statement
            connection.commit()

    def text(self, column: str, change: Callable[[Any], None]) -> None:
        """Change what the run says of its scenario or book."""
        with closing(sqlite3.connect(self.database)) as connection:
            (text,) = connection.execute(f"SELECT {column} FROM simulation_runs").fetchone()
            whole = json.loads(text)
            change(whole)
            text = json.dumps(whole, sort_keys=column == "book_text", separators=(",", ":"))
            connection.execute(f"UPDATE simulation_runs SET {column} = ?", [text])
            connection.commit()

    def slots(self, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        """Change the hour with the most events."""
        files = self.events.glob("**/*.parquet")
        file = max(files, key=lambda file: (file.stat().st_size, file.name))
        frame = pl.read_parquet(file, hive_partitioning=False)
        change(frame).write_parquet(file)


def finish(folder: Path, scenario: str, *settings: str) -> Finished:
    """Return the finished run of a scenario, in a database of its own."""
    folder.mkdir()
    finished = Finished(folder, "")
    with finished.engine() as engine:
        registry.init_db(engine)
        report = simulate(engine, load(scenario, settings), events=finished.events)
    return Finished(folder, report.run_id)


def played(scenario: str, *settings: str) -> PlayedRun:
    """Return the run of a scenario in memory, whose audit says what that of a stored one does."""
    loaded = load(scenario, settings)
    book = book_listings(loaded.listings.values(), loaded.scenario.market)
    return play_in_memory(loaded.scenario, book)


def broken(found: Audit) -> set[int]:
    """Return the numbers of the laws that are broken."""
    return {report.number for report in found.broken}


def not_checked(found: Audit) -> set[int]:
    """Return the numbers of the laws that were not checked."""
    return {report.number for report in found.laws if report.status == Status.not_checked}
