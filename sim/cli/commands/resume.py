"""The command that goes on with a run that was broken off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import completion, options
from sim.cli.commands.run import Ran, headline, interrupted, peak, summary, written_events
from sim.cli.echo import echo
from sim.cli.options import ADS, Db, Output, argument, next_command
from sim.cli.stops import Stops

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Engine

    from analysis.runs.stored import StoredRun
    from analysis.runs.unfinished import Left


def resume(
    ctx: typer.Context,
    run: Annotated[
        str | None,
        argument("RUN", "A run's id; may be left out if there is one.", autocompletion=completion.unfinished),
    ] = None,
    db: Db = ADS,
    workers: options.Workers = None,
    executor: options.ExecutorName = "threads",
    address: options.Address = None,
    from_start: Annotated[
        bool, typer.Option("--from-start", help="Play all of it again: what is kept of it is damaged.")
    ] = False,
    discard: Annotated[bool, typer.Option("--discard", help="Remove what is kept of it instead.")] = False,
    allow_code: options.AllowCode = False,
    *,
    output: Output,
) -> None:
    """Go on with a run that was broken off: the result is that of a run that never was."""
    from analysis.runs.rollback import database
    from analysis.runs.unfinished import discarded, named
    from sim.engine.executors.chosen import chosen

    stops = ctx.obj or Stops()
    try:
        with database(db, create=True) as (engine, _), stops.held_by(engine):
            found = named(engine, run)
            if discard:
                discarded(engine, found.run_id)
            else:
                how = {"workers": workers, "executor": chosen(executor, address), "from_start": from_start}
                ran = _resumed(engine, found, output, allow_code=allow_code, **how)
    except KeyboardInterrupt as error:
        raise interrupted(error) from error
    if discard:
        output.answer({"discarded": found.run_id}, lambda _: echo(f"{found.run_id}: discarded"))
        return

    def people(out: Console) -> None:
        summary(out, ran)
        next_command(out, "audit", ran.run.run_id, db=db)

    output.answer(headline(ran), people, [ran.run.run_id])


def _resumed(engine: Engine, found: Left, output: Output, *, allow_code: bool, **how: Any) -> Ran:
    from analysis.runs import simulate as runs
    from entities import registry
    from sim import external
    from sim.cli.progress import RunProgress, Taken

    output.say(f"{found.run_id}: {found.how_far}")
    before = registry.size_of(engine)
    with (
        external.code(allow_code),
        RunProgress(
            output.progress, "planning what was played", taken=lambda: Taken(peak(), None)
        ) as progress,
    ):
        run: StoredRun = runs.resume(
            engine,
            found.run_id,
            **how,
            progress=progress,
            warn=output.warn,
            say=progress.say,
        )
    wrote = written_events(run)
    return Ran(run, list(run.created), peak(), registry.size_of(engine) - before, wrote)
