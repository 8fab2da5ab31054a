"""Commands about what is stored: what a database holds, its runs, and whether a run kept the laws."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from sim.cli import completion, options
from sim.cli.errors import FOUND, note_text, tag_name
from sim.cli.options import ADS, Db, Output, argument, command, option

if TYPE_CHECKING:
    from rich.console import Console

    from entities import registry

runs_app = typer.Typer(
    help="List the runs of a database with their figures, notes and tags.",
    invoke_without_command=True,
    no_args_is_help=False,
)


@runs_app.callback()
@command
def runs(
    ctx: typer.Context,
    tag: Annotated[
        str | None, option("TAG", "Only runs with this tag.", parser=tag_name, autocompletion=completion.tags)
    ] = None,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """List the runs of a database, the latest first, with their figures, notes and tags."""
    if ctx.invoked_subcommand is not None:
        for name in ("tag", "db"):
            if getattr(ctx.get_parameter_source(name), "name", None) == "COMMANDLINE":
                raise InputError(f"--{name}: belongs after {ctx.invoked_subcommand}")
        return
    from analysis.runs import stored
    from analysis.runs.rollback import database
    from sim.cli import printed

    with database(db) as (engine, _):
        found = [run for run in stored.runs(engine) if tag is None or tag in run.row.tags.split()]

    def people(out: Console) -> None:
        if found:
            printed.finished(out, found)
        else:
            none = f"no run has the tag {tag}" if tag else "no runs yet; start one with: paceline simulate"
            typer.echo(none)

    output.answer({"runs": [_figures(run.row) for run in found]}, people, (run.run_id for run in found))


@runs_app.command("note")
@command
def note(
    run: options.RunId,
    text: Annotated[str, argument("TEXT", "Empty to remove the note.", parser=note_text)],
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Give a run a note, in place of the one that it has."""
    with _run(db, run) as found:
        found.notes = text
    _noted(found, output, text or "no note")


@runs_app.command("tag")
@command
def tag_run(
    run: options.RunId,
    tags: Annotated[
        list[str],
        argument("TAG", "Words, such as baseline.", parser=tag_name, autocompletion=completion.tags),
    ],
    remove: Annotated[bool, typer.Option("--remove", help="Take them off instead.")] = False,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Put tags on a run, or take them off."""
    with _run(db, run) as found:
        has = set(found.tags.split())
        found.tags = " ".join(sorted(has - set(tags) if remove else has | set(tags)))
    _noted(found, output, found.tags or "no tags")


@contextmanager
def _run(db: str, run_id: str) -> Iterator[registry.SimulationRun]:
    from analysis.runs.rollback import database
    from analysis.runs.stored import find_run
    from entities import registry

    with database(db) as (engine, _), registry.session(engine) as opened:
        yield find_run(opened, run_id)


def _noted(run: registry.SimulationRun, output: Output, text: str) -> None:
    data = {"run_id": run.run_id, "note": run.notes, "tags": run.tags.split()}
    output.answer(data, lambda _: typer.echo(f"{run.run_id}: {text}"))


def _figures(run: registry.SimulationRun) -> dict[str, Any]:
    when = {"started_at": run.started_at.isoformat()}
    return {name: getattr(run, name) for name in _RUN} | when | {"note": run.notes, "tags": run.tags.split()}


def status(db: Db = ADS, *, output: Output) -> None:
    """Show what a database holds: its size, the rows of each table, and its runs."""
    from analysis.runs import stored
    from analysis.runs.rollback import database, file_of
    from entities import registry
    from sim.cli import printed, terminal

    with database(db) as (engine, _), registry.session(engine, writes=False) as reader:
        tables, found = stored.table_rows(reader), stored.runs(engine)
    file = file_of(engine)
    data = {
        "database": registry.name_of(engine),
        "bytes": file.stat().st_size if file else None,
        "schema": registry.SCHEMA_VERSION,
        "rows": tables,
        "runs": [_figures(run.row) | {"forecast_error": run.forecast_error._asdict()} for run in found],
    }

    def people(out: Console) -> None:
        printed.database(out, registry.name_of(engine), file, tables)
        terminal.fact(out, "Schema", str(registry.SCHEMA_VERSION))
        if found:
            printed.finished(out, found)
            for run in found:
                printed.overspent(out, run.overspends, run.currency, run.run_id)
                printed.forecast(out, run.forecast_error, run.run_id)
        else:
            terminal.fact(out, "Runs", "none yet; start one with: paceline simulate")

    output.answer(data, people)  # where quiet, the exit code says that it is a database of ours


_RUN = (
    "run_id",
    "scenario",
    "seed",
    "digest",
    "auctions",
    "impressions",
    "spend_micros",
    "seconds",
    "workers",
)


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
