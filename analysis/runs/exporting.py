"""All runs of a database in a data lake: those that it has not yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, select

from analysis.export.lake import Added, Lake
from analysis.export.tables import Table, table_of, tables_of
from analysis.rows import frames
from analysis.runs.stored import StoredRun, runs
from entities import registry

_RUNS = "simulation_runs"


def export_all(engine: Engine, to: Path) -> tuple[list[Added], int]:
    """Return the runs of a database that were added to the lake in *to*, and how many were there before.

    InputError where *to* is something else, or cannot be written.
    """
    lake, added, before = Lake(to), list[Added](), 0
    for run in reversed(runs(engine)):
        if lake.has(run.run_id, run.digest):
            before += 1
        else:
            added.append(lake.add(run.run_id, run.row.scenario, run.digest, _tables(run)))
    return added, before


def _tables(run: StoredRun) -> Iterator[Table]:
    table = registry.Base.metadata.tables[_RUNS]
    with registry.session(run.engine, writes=False) as reader:
        found = reader.execute(select(table).where(table.c.run_id == run.run_id))
        yield table_of(_RUNS, frames.frame(found, frames.schema_of(_RUNS)))
    yield from tables_of(run)
