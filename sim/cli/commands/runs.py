"""Commands about the runs of a database: their list, their notes and tags, and how they come and go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from sim.cli import completion, options
from sim.cli.errors import no_option, note_text, tag_name
from sim.cli.options import ADS, Db, Output, argument, command, option

if TYPE_CHECKING:
    from rich.console import Console

    from entities import registry

app = typer.Typer(
    help="List the runs of a database with their figures, notes and tags.",
    invoke_without_command=True,
    no_args_is_help=False,
)


@app.callback()
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

    output.answer({"runs": [figures(run.row) for run in found]}, people, (run.run_id for run in found))


@app.command("note")
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


@app.command("tag")
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


def figures(run: registry.SimulationRun) -> dict[str, Any]:
    """Return the headline figures of a run, with when it was started, its note and its tags."""
    told = {"started_at": run.started_at.isoformat(), "note": run.notes, "tags": run.tags.split()}
    return {name: getattr(run, name) for name in FIGURES} | told


FIGURES = (
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


FileOut = Annotated[
    Path | None,
    argument("FILE", "A new file; one named like the run where left out.", callback=no_option),
]


@app.command("export", short_help="Write a run into one file.")
@command
def export(run: options.RunId, to: FileOut = None, db: Db = ADS, *, output: Output) -> None:
    """Write a run into one file, which import takes into another database; its events stay where they are."""
    from analysis.runs.moving import pack
    from analysis.runs.rollback import database
    from analysis.runs.run_file import SUFFIX
    from analysis.runs.stored import find
    from entities.messages import printable

    with database(db) as (engine, _):
        found = find(engine, run)
        file = pack(found, to or Path(f"{found.run_id}{SUFFIX}"))
    shown, size = printable(str(file)), file.stat().st_size
    data = {"run_id": found.run_id, "file": str(file), "bytes": size}

    def people(out: Console) -> None:
        from sim.cli import terminal

        terminal.fact(out, "Run", found.run_id)
        terminal.fact(out, "File", f"{shown}, {terminal.size(size)}")

    output.answer(data, people, [shown])


@app.command("import", short_help="Store runs from such files.")
@command
def import_(
    files: Annotated[list[Path], argument("FILE", "Files that export has written.")],
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Store runs from the files that export has written, after checking that nothing in them was changed."""
    from analysis.runs.moving import unpack
    from analysis.runs.rollback import database
    from sim.cli import terminal

    with database(db, create=True) as (engine, _):
        found = [unpack(engine, file, output.warn) for file in files]

    def people(out: Console) -> None:
        for run in found:
            terminal.fact(out, "Run", f"{run.run_id}, {run.impressions:,} impressions")

    output.answer({"runs": [figures(run.row) for run in found]}, people, (run.run_id for run in found))
