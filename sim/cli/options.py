"""What the commands share: their options, and how they print."""

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
from sim.cli.errors import DEBUG, integer, no_option, note_text, tag_name

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy.orm import Session

ADS = "ads.db"
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


def option(name: str, metavar: str, text: str, **more: Any) -> Any:
    """Return an option that takes a value."""
    return typer.Option(name, metavar=metavar, help=text, **more)


def argument(metavar: str, text: str, **more: Any) -> Any:
    """Return an argument."""
    return typer.Argument(metavar=metavar, help=text, **more)


Db = Annotated[
    str,
    option(
        "--db",
        "PATH|URL",
        "The SQLite database, a file or a URL.",
        envvar="DATABASE_URL",
        callback=database_name,
    ),
]
Events = Annotated[
    Path | None,
    option("--events", "DIR", "Folder of the events as Parquet.", callback=no_option, readable=False),
]
SEED = integer(0, 2**63 - 1)
Seed = Annotated[int | None, option("--seed", "N", "Seed, the same as --set seed=N.", parser=SEED)]
AutoSeed = Annotated[
    int | None, option("--seed", "N", "Seed of --auto: the same one, the same terms.", parser=SEED)
]
SettingsOption = Annotated[
    list[str] | None,
    option(
        "--set", "PATH=VALUE", "Change a value of the scenario, repeatable.", autocompletion=paths.settings
    ),
]
Workers = Annotated[
    int | None,
    option(
        "--workers",
        "N",
        "Threads, one for each processor where left out; the result is the same.",
        parser=integer(1, MOST_WORKERS),
    ),
]
Scenario = Annotated[
    str,
    argument("SCENARIO", "A market's name, or the path of a YAML file.", autocompletion=completion.scenarios),
]
Note = Annotated[str, option("--note", "TEXT", "A note on the run.", parser=note_text)]
Tags = Annotated[list[str] | None, option("--tag", "TAG", "A tag of the run, repeatable.", parser=tag_name)]
Run = Annotated[str, argument("RUN", "A run's id.", autocompletion=completion.runs)]
OptionalRun = Annotated[
    str | None, argument("RUN", "A run's id; the latest where left out.", autocompletion=completion.runs)
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
    """Return where progress is printed: beside JSON only on a terminal, nowhere where *quiet*."""
    if quiet:
        return None
    return sys.stderr if sys.stderr.isatty() else None if as_json else sys.stdout


def say(stream: TextIO | None, text: str) -> None:
    """Print *text* to a stream, or nowhere."""
    if stream:
        typer.echo(text, file=stream)


def print_json(what: Mapping[str, Any]) -> None:
    """Print *what* as JSON on stdout."""
    typer.echo(json.dumps(what, indent=2, ensure_ascii=False))


def next_command(out: Console, *words: str, db: str) -> None:
    """Print what to type next, on the same database; never a URL, which may hold a password."""
    from sim.cli import terminal

    options = ["--db", db] if db != ADS and "://" not in db else []
    terminal.fact(out, "Next", shlex.join(["paceline", *words, *options]))


def currency_of(reader: Session) -> str:
    """Return the currency of a database's market."""
    from sqlalchemy import select

    from entities import registry

    return (reader.scalar(select(registry.Campaign.currency).limit(1)) or registry.Currency.usd).value
