"""What the verbs share: their options, the names that a shell completes, and JSON."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from sim.cli import completion
from sim.cli import schema_paths as paths
from sim.cli.errors import DEBUG, no_option, note_text, tag_name, whole

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy.orm import Session

ADS = "ads.db"
MOST_SEED = 2**63 - 1
MOST_WORKERS = 256


def _debug(ctx: typer.Context, value: bool) -> None:
    if value:
        ctx.meta[DEBUG] = True


def database_name(value: str | None) -> str | None:
    """Return the name of a database; InputError, before a command starts, for any other than SQLite."""
    no_option(value)
    if value and "://" in value:
        from entities import registry

        registry.make_engine(value)
    return value


Db = Annotated[
    str,
    typer.Option(
        "--db",
        envvar="DATABASE_URL",
        callback=database_name,
        metavar="PATH|URL",
        help="The SQLite database, a file or a URL.",
    ),
]
Events = Annotated[
    Path | None,
    typer.Option(
        "--events", callback=no_option, readable=False, metavar="DIR", help="Folder of the events as Parquet."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option("--seed", parser=whole(0, MOST_SEED), metavar="N", help="Seed, the same as --set seed=N."),
]
Luck = Annotated[
    int | None,
    typer.Option(
        "--seed",
        parser=whole(0, MOST_SEED),
        metavar="N",
        help="Seed of --auto: the same one, the same terms.",
    ),
]
SettingsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        autocompletion=paths.settings,
        help="Change a value of the scenario, repeatable.",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        parser=whole(1, MOST_WORKERS),
        metavar="N",
        help="Threads, one for each processor where left out; the result is the same.",
    ),
]
Scenario = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        autocompletion=completion.scenarios,
        help="A market's name, or the path of a YAML file.",
    ),
]
Note = Annotated[str, typer.Option("--note", parser=note_text, metavar="TEXT", help="A note on the run.")]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", parser=tag_name, metavar="TAG", help="A tag of the run, repeatable."),
]
Run = Annotated[str, typer.Argument(metavar="RUN", autocompletion=completion.runs, help="A run's id.")]
OptionalRun = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN", autocompletion=completion.runs, help="A run's id; the latest where left out."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only what a script needs, and errors.")]
Debug = Annotated[
    bool, typer.Option("--debug", callback=_debug, is_eager=True, help="Show the traceback of an error.")
]


def version() -> str:
    """Return the version of Paceline that is installed."""
    from importlib import metadata

    return metadata.version("paceline")


def listener(as_json: bool, quiet: bool) -> TextIO | None:
    """Return who is told how far a command is: whoever watches, and never a stderr that is no terminal."""
    if quiet:
        return None
    return sys.stderr if sys.stderr.isatty() else None if as_json else sys.stdout


def say(told: TextIO | None, text: str) -> None:
    """Print *text* to a stream, or nowhere."""
    if told:
        typer.echo(text, file=told)


def print_json(what: Mapping[str, Any]) -> None:
    """Print *what* as JSON on stdout."""
    typer.echo(json.dumps(what, indent=2, ensure_ascii=False))


def next_command(out: Console, *words: str, db: str) -> None:
    """Print what to type next, on the same database; a URL is not told, as it may hold a password."""
    from sim.cli import terminal

    options = ["--db", db] if db != ADS and "://" not in db else []
    terminal.fact(out, "Next", shlex.join(["paceline", *words, *options]))


def currency_of(reader: Session) -> str:
    """Return the currency of a database's market."""
    from sqlalchemy import select

    from entities import registry

    return (reader.scalar(select(registry.Campaign.currency).limit(1)) or registry.Currency.usd).value
