"""Commands about what is stored: what a database holds, and whether a run kept the laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from sim.cli import options
from sim.cli.commands.runs import figures
from sim.cli.errors import FOUND
from sim.cli.options import ADS, Db, Output

if TYPE_CHECKING:
    from rich.console import Console


def status(db: Db = ADS, *, output: Output) -> None:
    """Show what a database holds: its size, the rows of each table, its runs, also unfinished ones."""
    from analysis.runs.rollback import database

    if output.quiet and not output.as_json:
        with database(db):  # the exit code says that it is there, ours, and of this version
            return
    from analysis.runs import stored, unfinished
    from entities import registry
    from sim.cli import printed, terminal

    try:
        with database(db) as (engine, _), registry.session(engine, writes=False) as reader:
            tables, found = stored.table_rows(reader), stored.runs(engine)
    except registry.InputError as error:
        # Of its first run nothing is in it yet, and it may not be there at all.
        for each in unfinished.left(missing := registry.make_engine(db)):
            error.add_note(
                f"run {each.run_id} {each.how_far}, with: {unfinished.command(missing, each.run_id)}"
            )
        raise
    left = unfinished.left(engine)
    size = registry.size_of(engine)
    data = {
        "database": registry.name_of(engine),
        "bytes": size,
        "schema": registry.SCHEMA_VERSION,
        "rows": tables,
        "unfinished": [each._asdict() for each in left],
        "runs": [figures(run.row) | {"forecast_error": run.forecast_error._asdict()} for run in found],
    }

    def people(out: Console) -> None:
        printed.database(out, registry.name_of(engine), size, tables)
        terminal.fact(out, "Schema", str(registry.SCHEMA_VERSION))
        if found:
            printed.finished(out, found)
            for run in found:
                printed.overspent(out, run.overspends, run.currency, run.run_id)
                printed.forecast(out, run.forecast_error, run.run_id)
        else:
            terminal.fact(out, "Runs", "none yet; start one with: paceline simulate")
        if left:
            terminal.fact(
                out, "Unfinished", "; ".join(f"{each.run_id} {each.how_far}" for each in left), wrap=True
            )

    output.answer(data, people)


def reproduce(
    run: options.OptionalRunId = None,
    db: Db = ADS,
    workers: options.Workers = None,
    allow_code: options.AllowCode = False,
    *,
    output: Output,
) -> None:
    """Run a stored run again, from the database alone, and compare; exit with 3 where it differs."""
    from dataclasses import asdict

    from analysis.runs import reproduce as runs
    from analysis.runs.playing import available_workers
    from analysis.runs.rollback import database
    from sim import external
    from sim.cli import printed
    from sim.cli.progress import RunProgress

    reading = RunProgress(output.progress, "reading the run")
    with database(db) as (engine, _), external.code(allow_code), reading as progress:
        found = runs.compare(engine, run, workers=available_workers(workers), progress=progress)
    sides = ("", found.then), ("_now", found.now)
    figures = {f"{name}{side}": getattr(one, name) for name in found.then._fields for side, one in sides}
    data = {
        name: getattr(found, name)
        for name in ("same", "run_id", "scenario", "seed", "difference", "compared")
    } | figures
    data |= {"versions": [asdict(one) for one in found.versions], "seconds": found.seconds}
    output.answer(data, lambda out: printed.reproduced(out, found))
    if not found.same:
        raise typer.Exit(FOUND)


def audit(
    run: options.OptionalRunId = None,
    db: Db = ADS,
    events: options.Events = None,
    allow_code: options.AllowCode = False,
    *,
    output: Output,
) -> None:
    """Check a finished run against the laws of the market; exit with 3 where one is broken."""
    from analysis.runs.rollback import database
    from analysis.runs.stored import find
    from sim.cli import printed

    with database(db) as (engine, _):
        found = find(engine, run, events).audit(allow_code=allow_code)
    laws = [
        {"law": law.number, "name": law.name, "status": law.status.value, "checked": law.checked}
        | {"broken": law.broken, "findings": [each._asdict() for each in law.findings], "note": law.note}
        for law in found.laws
    ]
    data = {"run_id": found.run_id, "scenario": found.scenario, "events": found.events, "laws": laws}
    output.answer(data, lambda out: printed.audit(out, found))
    if found.broken:
        raise typer.Exit(FOUND)
