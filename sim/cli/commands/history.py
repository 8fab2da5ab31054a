"""Commands about what is stored: what a database holds, its runs, and whether a run kept the laws."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from sim.cli import completion
from sim.cli.errors import FOUND, note_text, tag_name
from sim.cli.options import (
    ADS,
    Db,
    Debug,
    Events,
    Json,
    OptionalRun,
    Quiet,
    Run,
    Workers,
    argument,
    currency_of,
    listener,
    option,
    print_json,
)
from sim.cli.rollback import database, file_of, name_of

if TYPE_CHECKING:
    from entities import registry

runs_app = typer.Typer(
    help="List the runs of a database with their figures, notes and tags.",
    invoke_without_command=True,
    no_args_is_help=False,
)


@runs_app.callback()
def runs(
    ctx: typer.Context,
    tag: Annotated[
        str | None,
        option("--tag", "TAG", "Only runs with this tag.", parser=tag_name, autocompletion=completion.tags),
    ] = None,
    db: Db = ADS,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """List the runs of a database, the latest first, with their figures, notes and tags."""
    if ctx.invoked_subcommand is not None:
        early = [name for name in ("tag", "db") if _typed(ctx, name)]
        if early:
            raise InputError(f"--{early[0]}: belongs after {ctx.invoked_subcommand}")
        return
    from analysis.runs import stored
    from entities import registry
    from sim.cli import printed_runs, terminal

    with database(db) as (engine, _), registry.session(engine, writes=False) as reader:
        found, currency = [run.row for run in stored.runs(engine)], currency_of(reader)
    if tag is not None:
        found = [run for run in found if tag in run.tags.split()]
    if as_json:
        print_json({"runs": [_figures(run) for run in found]})
    elif quiet:
        for run in found:
            typer.echo(run.run_id)
    elif found:
        printed_runs.finished(terminal.console(sys.stdout), found, currency)
    else:
        which = f"no run has the tag {tag}" if tag else "no runs yet; start one with: paceline simulate"
        typer.echo(which)


@runs_app.command("note")
def note(
    run: Run,
    text: Annotated[str, argument("TEXT", "Empty to remove the note.", parser=note_text)],
    db: Db = ADS,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Give a run a note, in place of the one that it has."""
    with _run(db, run) as found:
        found.notes = text
    _noted(found, as_json, quiet, text or "no note")


@runs_app.command("tag")
def tag_run(
    run: Run,
    tags: Annotated[
        list[str],
        argument("TAG", "Words, such as baseline.", parser=tag_name, autocompletion=completion.tags),
    ],
    remove: Annotated[bool, typer.Option("--remove", help="Take them off instead.")] = False,
    db: Db = ADS,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Put tags on a run, or take them off."""
    with _run(db, run) as found:
        has = set(found.tags.split())
        found.tags = " ".join(sorted(has - set(tags) if remove else has | set(tags)))
    _noted(found, as_json, quiet, found.tags or "no tags")


@contextmanager
def _run(db: str, run_id: str) -> Iterator[registry.SimulationRun]:
    from analysis.runs.stored import find_run
    from entities import registry

    with database(db) as (engine, _), registry.session(engine) as opened:
        yield find_run(opened, run_id)


def _noted(run: registry.SimulationRun, as_json: bool, quiet: bool, text: str) -> None:
    if as_json:
        print_json({"run_id": run.run_id, "note": run.notes, "tags": run.tags.split()})
    elif not quiet:
        typer.echo(f"{run.run_id}: {text}")


def _typed(ctx: typer.Context, name: str) -> bool:
    source = ctx.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _figures(run: registry.SimulationRun) -> dict[str, Any]:
    when = {"started_at": run.started_at.isoformat()}
    return {name: getattr(run, name) for name in _RUN} | when | {"note": run.notes, "tags": run.tags.split()}


def status(db: Db = ADS, as_json: Json = False, quiet: Quiet = False, _debug: Debug = False) -> None:
    """Show what a database holds: its size, the rows of each table, and its runs."""
    from analysis.runs import stored
    from entities import registry
    from sim.cli import printed, printed_runs, terminal

    with database(db) as (engine, _), registry.session(engine, writes=False) as reader:
        tables, found = stored.table_rows(reader), stored.runs(engine)
        passed = {run.run_id: run.overspends for run in found}
        done, currency = [run.row for run in found], currency_of(reader)
    file = file_of(engine)
    if as_json:
        print_json(
            {
                "database": name_of(engine),
                "bytes": file.stat().st_size if file else None,
                "schema": registry.SCHEMA_VERSION,
                "rows": tables,
                "runs": [_figures(run) for run in done],
            }
        )
        return
    if quiet:  # the exit code says that it is a database of ours
        return
    out = terminal.console(sys.stdout)
    printed_runs.database(out, name_of(engine), file, tables)
    terminal.fact(out, "Schema", str(registry.SCHEMA_VERSION))
    if done:
        printed_runs.finished(out, done, currency)
        for run, budgets in passed.items():
            printed.overspent(out, budgets, currency, run)
    else:
        terminal.fact(out, "Runs", "none yet; start one with: paceline simulate")


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
    run: OptionalRun = None,
    db: Db = ADS,
    workers: Workers = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Run a stored run again, from the database alone, and compare; exit with 3 where it differs."""
    from dataclasses import asdict

    from analysis.runs import reproduce as runs
    from analysis.runs.playing import available_workers
    from sim.cli import printed, terminal
    from sim.cli.progress import RunProgress

    out = terminal.console(listener(as_json, quiet))
    with database(db) as (engine, _), RunProgress(out, "reading the run") as watch:
        found = runs.reproduce(engine, run, workers=available_workers(workers), watch=watch)
    if as_json:
        print_json({"same": found.same, **asdict(found)})
    elif not quiet:
        printed.reproduced(terminal.console(sys.stdout), found)
    if not found.same:
        raise typer.Exit(FOUND)


def audit(
    run: OptionalRun = None,
    db: Db = ADS,
    events: Events = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Check a finished run against the laws of the market; exit with 3 where one is broken."""
    from analysis.runs.stored import find
    from sim.cli import printed_runs, terminal

    with database(db) as (engine, _):
        found = find(engine, run, events).audit()
    if as_json:
        laws = [
            {"law": law.number, "name": law.name, "status": law.status.value, "checked": law.checked}
            | {"broken": law.broken, "findings": [each._asdict() for each in law.findings], "note": law.note}
            for law in found.laws
        ]
        print_json({"run_id": found.run_id, "scenario": found.scenario, "events": found.events, "laws": laws})
    elif not quiet:
        printed_runs.audit(terminal.console(sys.stdout), found)
    if found.broken:
        raise typer.Exit(FOUND)
