"""A finished run on disk, and ways to corrupt a copy of it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine

from analysis.audit.files import on_disk
from analysis.audit.report import Audit, Status, verdicts
from analysis.booking.books import book_listings
from analysis.rows.day_files import described
from analysis.rows.events import events_folder
from analysis.rows.manifest import NAME, EventFile, read
from analysis.runs.played import PlayedRun, play_in_memory
from analysis.runs.simulate import simulate
from analysis.runs.stored import StoredRun, find
from entities import registry
from scenarios.loader import load

EVERYTHING = str(Path(__file__).with_name("everything.yml"))
_CHANGES = (
    "{at: 2026-10-30 12:10, line_item: Lemonade everywhere, max_cpm: 15.50}",
    "{at: 2026-10-30 18:00, line_item: Lemonade everywhere, lifetime_budget: 10}",
    "{at: 2026-10-30 20:00, campaign: Autumn, daily_budget: 9}",
    "{at: 2026-10-30 21:00, line_item: Tea at night, status: paused}",
)
IN_EVERY_COLUMN = (
    "market.days=1",
    "campaigns.2.campaign.end_date=2026-10-30",  # a flight ends when the market does
    f"market.changes=[{', '.join(_CHANGES)}]",
    "market.tick_minutes=60",  # plans can be made again
    "market.sync_minutes=120",  # budgets are passed
    "market.identity.match_rate=0.8",  # caps leak
    "market.population.viewers=900",
    "market.conversions.organic_rate=0.1",
    "campaigns.0.campaign.line_items.0.holdout=0.3",
    "campaigns.1.campaign.line_items.0.holdout=0.3",
)
"""What makes a short run of it have something in every column of every table."""


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

    def breaks(self, law: int, events: bool = True) -> bool:
        """Return whether the audit finds that law broken; it goes no further than that."""
        with self.engine() as engine:
            run = find(engine, self.run_id, self.events if events else None)
            with run.unchanged():
                days = on_disk(self.events, self.run_id).days if events else None
                found = verdicts(run, days, engine, run.row)
                return any(verdict.law == law and not verdict.holds for verdict in found)

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
        """Change the day with the most events, in its file and in the manifest."""
        files = self.events.glob("**/*.parquet")
        file = max(files, key=lambda file: (file.stat().st_size, file.name))
        frame = pl.read_parquet(file, hive_partitioning=False)
        change(frame).write_parquet(file)
        self.seal()

    def seal(self) -> None:
        """Write the manifest of the files that are there now."""
        folder = events_folder(self.events, self.run_id)
        paths = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
        files = tuple(_described(folder, path) for path in paths if path != NAME)
        rows = sum(file.rows for file in files)
        read(folder).model_copy(update={"files": files, "rows": rows}).write(folder)


def _described(folder: Path, path: str) -> EventFile:
    hours = pl.read_parquet(folder / path, columns=["hour"], hive_partitioning=False)["hour"]
    span = (hours[0], hours[-1]) if len(hours) else (0, 0)
    return EventFile.of(described(folder / path, path, len(hours), span))


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


def do_to_rows(run: Finished, table: str, when: str, deed: str) -> None:
    """Delete a row in the middle of a table, add one to it, or let two of its rows change places in time."""
    columns = registry.Base.metadata.tables[table].columns
    kept = [column.name for column in columns if column.computed is None and column.name != "id"]
    with closing(sqlite3.connect(run.database)) as connection:
        query = f"SELECT rowid, {', '.join(kept)} FROM {table} ORDER BY {when}, rowid"
        rows = connection.execute(query).fetchall()
    fixed = [column.name for column in columns if column.primary_key or column.foreign_keys]
    keys = [1 + kept.index(name) for name in fixed if name in kept]
    at = 1 + kept.index(when)
    middle = rows[len(rows) // 2]
    if deed == "deleted":
        run.sql(f"DELETE FROM {table} WHERE rowid = {middle[0]}")
    elif deed == "invented":
        later = "date(date, '+40 days')" if when == "date" else f"datetime({when}, '+40 days')"
        picked = ", ".join(later if name == when else name for name in kept)
        run.sql(
            f"INSERT INTO {table} ({', '.join(kept)}) SELECT {picked} FROM {table} WHERE rowid = {middle[0]}"
        )
    else:
        one, other = next(
            (one, other)
            for one, other in product(rows[len(rows) // 4 :], reversed(rows))
            if one[at] < other[at]
            and [one[key] for key in keys if key != at] == [other[key] for key in keys if key != at]
            and one[at + 1 :] != other[at + 1 :]
        )
        for moment, row in (("1999-01-01 00:00:00", one), (one[at], other), (other[at], one)):
            run.sql(f"UPDATE {table} SET {when} = '{moment}' WHERE rowid = {row[0]}")
