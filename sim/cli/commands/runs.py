"""Commands about the runs of a database: their list, their notes and tags, and how they come and go."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import DatabaseError, InputError
from sim.cli import completion, options
from sim.cli.echo import echo
from sim.cli.errors import integer, no_option, note_text, tag_name
from sim.cli.options import ADS, Db, Output, argument, command, option

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Engine

    from analysis.runs.deleting import Chosen
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
            echo(none)

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
    output.answer(data, lambda _: echo(f"{run.run_id}: {text}"))


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


@app.command("keep", short_help="Let nobody delete a run.")
@command
def keep(
    run: options.RunId,
    remove: Annotated[bool, typer.Option("--remove", help="Let it go instead.")] = False,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Put the tag `keep` on a run, which delete leaves alone."""
    from analysis.runs.deleting import KEEP

    with _run(db, run) as found:
        found.tags = " ".join(sorted({*found.tags.split(), KEEP} - ({KEEP} if remove else set())))
    _noted(found, output, found.tags or "no tags")


@app.command("delete", short_help="Delete runs, with all their rows.")
@command
def delete(
    runs: Annotated[list[str] | None, argument("RUN", "Ids of runs.", autocompletion=completion.runs)] = None,
    tag: Annotated[
        str | None,
        option("TAG", "Those with this tag.", parser=tag_name, autocompletion=completion.tags),
    ] = None,
    older_than: Annotated[
        int | None, option("DAYS", "Those that were started longer ago.", parser=integer(0, 100_000))
    ] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Say which they are, and do nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    vacuum: Annotated[
        bool, typer.Option("--vacuum/--no-vacuum", help="Make the file smaller, which writes it anew.")
    ] = True,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Delete runs with all their rows, and give their space back; campaigns and event files stay.

    Runs that are kept are left alone.
    """
    from analysis.runs import deleting
    from analysis.runs.rollback import database
    from sim.cli import terminal

    if bool(runs) == (tag is not None or older_than is not None):
        raise InputError("say which: ids of runs, or --tag, --older-than or both")
    with database(db) as (engine, _):
        found = deleting.choose(engine, runs or (), tag, older_than)
        chosen = [one for one in found if not one.kept]
        ids, rows = [one.run_id for one in chosen], sum(one.rows for one in chosen)
        if not output.quiet and not output.as_json:
            _preview(terminal.console(sys.stdout), found)
        doing = bool(chosen) and not preview
        if doing and not yes:
            if not asks(output):
                raise InputError("--yes: is needed where nobody can be asked; --preview says what would go")
            typer.confirm(f"Delete {len(chosen)} of them?", abort=True, err=True)
        freed = None
        if doing:
            deleting.delete_runs(engine, ids)
            freed = _given_back(engine, output) if vacuum else None
    data = {
        "deleted": ids if doing else [],
        "chosen": [{**asdict(one), "started": one.started.isoformat()} for one in found],
        "rows": rows if doing else 0,
        "freed_bytes": freed,
    }

    def people(out: Console) -> None:
        if doing:
            space = "" if freed is None else f"; the file is {terminal.size(max(freed, 0))} smaller"
            terminal.fact(out, "Deleted", f"{_runs(len(ids))} with {rows:,} rows{space}")
        else:
            terminal.fact(out, "Deleted", "nothing" if chosen or not found else "nothing: all are kept")

    output.answer(data, people, ids if doing or preview else ())


def asks(output: Output) -> bool:
    """Return whether there is somebody to be asked."""
    return sys.stdin.isatty() and not (output.as_json or output.quiet)


def _preview(out: Console, found: Sequence[Chosen]) -> None:
    from sim.cli import terminal

    if not found:
        out.print("no run is so")
        return
    table = terminal.new_table(gap=2)
    table.add_column("Run", overflow="fold", min_width=terminal.NAME)
    for head in ("Started", "Rows"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("")
    for one in found:
        table.add_row(
            one.run_id, f"{one.started:%Y-%m-%d %H:%M}", f"{one.rows:,}", "kept" if one.kept else ""
        )
    terminal.print_table(out, table)


def _given_back(engine: Engine, output: Output) -> int | None:
    from analysis.runs.deleting import give_back

    try:
        return give_back(engine)
    except DatabaseError as error:  # they are deleted all the same
        output.warn(f"the space is not given back, and is used by the next runs: {error}")
        return None


def _runs(count: int) -> str:
    return f"{count:,} run{'s' if count != 1 else ''}"


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
