"""Runs deleted from a database, with all their rows: chosen, counted, and their space given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, delete, func, select
from sqlalchemy.orm import Session

from analysis.rows.results import TABLES
from analysis.runs.rollback import file_of
from analysis.runs.stored import find_run, runs
from analysis.runs.versions import now
from entities import registry

KEEP = "keep"
"""The tag of a run that is not deleted."""
_ROW = registry.SimulationRun


@dataclass(frozen=True, slots=True)
class Chosen:
    """A run that is to be deleted, or would be if it were not kept."""

    run_id: str
    started: datetime
    rows: int
    """Of all tables."""
    kept: bool


def choose(
    engine: Engine, run_ids: Sequence[str] = (), tag: str | None = None, older_than: int | None = None
) -> list[Chosen]:
    """Return the finished runs of those ids; or those with a *tag*, and *older_than* so many days, or both.

    InputError for an id that is not there, and for one that is kept.
    """
    with registry.session(engine, writes=False) as reader:
        if run_ids:
            rows = [find_run(reader, run_id) for run_id in dict.fromkeys(run_ids)]
            if kept := next((row.run_id for row in rows if is_kept(row)), None):
                raise _refusal(kept)
        else:
            latest = None if older_than is None else now() - timedelta(days=older_than)
            rows = [
                run.row
                for run in runs(engine)
                if (tag is None or tag in run.row.tags.split()) and (not latest or run.started < latest)
            ]
        return [Chosen(row.run_id, row.started_at, _rows(reader, row.run_id), is_kept(row)) for row in rows]


def is_kept(row: registry.SimulationRun) -> bool:
    """Return whether a run is not to be deleted."""
    return KEEP in row.tags.split()


def _refusal(run_id: str) -> registry.InputError:
    return registry.InputError(
        f"run {run_id}: is kept; what lets it go is: paceline runs keep {run_id} --remove"
    )


def _rows(reader: Session, run_id: str) -> int:
    tables = (registry.Base.metadata.tables[name] for name in TABLES)
    counts = (select(func.count()).select_from(table).where(table.c.run_id == run_id) for table in tables)
    return sum(reader.scalar(count) or 0 for count in counts)


def delete_runs(engine: Engine, run_ids: Sequence[str]) -> None:
    """Delete the runs of those ids with all their rows, or none; InputError where one is kept by now."""
    with registry.session(engine) as opened:
        for run_id in run_ids:
            if is_kept(find_run(opened, run_id)):
                raise _refusal(run_id)
            opened.execute(delete(_ROW).where(_ROW.run_id == run_id))


def give_back(engine: Engine) -> int | None:
    """Return how many bytes the file of a database is smaller, having freed what nothing stands in.

    None for one on a server, which uses its space again. DatabaseError where the file cannot be written anew.
    """
    file = file_of(engine)
    if file is None:
        return None
    before = file.stat().st_size
    registry.compact(engine)
    return before - file.stat().st_size
