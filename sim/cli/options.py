"""What the commands share: their options, and how they answer."""

from __future__ import annotations

import functools
import inspect
import json
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.messages import as_json, printable
from sim.cli import completion
from sim.cli.echo import echo
from sim.cli.errors import DEBUG, choice, events_form, integer, keep_form, no_option, note_text, tag_name
from sim.engine.executors import EXECUTORS

if TYPE_CHECKING:
    from rich.console import Console

ADS = "ads.db"
MOST_WORKERS = 256


def _debug(ctx: typer.Context, value: bool) -> None:
    if value:
        ctx.meta[DEBUG] = True


def database_name(value: str | None) -> str | None:
    """Return the name of a database; InputError, before a command starts, for one that is not supported."""
    no_option(value)
    if value and "://" in value:
        from entities import registry

        registry.make_engine(value)
    return value


def option(metavar: str, text: str, *name: str, **more: Any) -> Any:
    """Return an option that takes a value; without a *name* it is called as its parameter is."""
    return typer.Option(*name, metavar=metavar, help=text, **more)


def one_of(words: Sequence[str]) -> dict[str, Any]:
    """Return what makes an option or argument one of some words."""
    return {"parser": choice(words), "autocompletion": completion.of(words)}


def argument(metavar: str, text: str, **more: Any) -> Any:
    """Return an argument."""
    return typer.Argument(metavar=metavar, help=text, **more)


Db = Annotated[
    str,
    option(
        "PATH|URL", "The database, a SQLite file or a URL.", envvar="DATABASE_URL", callback=database_name
    ),
]
Events = Annotated[
    Path | None, option("DIR", "Folder of the events as Parquet.", callback=no_option, readable=False)
]
EventsOf = Annotated[
    str,
    option(
        "FORM",
        "Which events --events keeps: all, or sample:1% of the viewers, or lost:1% with all bids for them.",
        parser=events_form,
    ),
]
KeepEvery = Annotated[
    str,
    option(
        "FORM",
        "When the run is kept, to resume it: minutes:N of work, hours:N of the market, or never.",
        parser=keep_form,
    ),
]
SEED = integer(0, 2**63 - 1)
Seed = Annotated[int | None, option("N", "Seed, the same as --set seed=N.", parser=SEED)]
AutoSeed = Annotated[int | None, option("N", "Seed of --auto: the same one, the same terms.", parser=SEED)]
Changes = Annotated[
    list[str] | None,
    option(
        "PATH=VALUE",
        "Change a value of the scenario, repeatable.",
        "--set",
        autocompletion=completion.settings,
    ),
]
Workers = Annotated[
    int | None,
    option(
        "N",
        "Threads, one for each processor where left out; the result is the same.",
        parser=integer(1, MOST_WORKERS),
    ),
]
ExecutorName = Annotated[
    str,
    option(
        "NAME",
        "Who plays it, this machine or a Ray cluster; the result is the same.",
        **one_of(EXECUTORS),
    ),
]
Address = Annotated[
    str | None,
    option("HOST:PORT", "Where a Ray cluster is; else one of this machine's own.", callback=no_option),
]
ScenarioName = Annotated[
    str,
    argument("SCENARIO", "A market's name, or the path of a YAML file.", autocompletion=completion.scenarios),
]
AllowCode = Annotated[
    bool, typer.Option("--allow-code", help="Let classes of your own that it names run: they are code.")
]
Anyway = Annotated[bool, typer.Option("--anyway", help="Begin even what needs more memory than there is.")]
Note = Annotated[str, option("TEXT", "A note on the run.", parser=note_text)]
Tags = Annotated[list[str] | None, option("TAG", "A tag of the run, repeatable.", "--tag", parser=tag_name)]
RunId = Annotated[str, argument("RUN", "A run's id.", autocompletion=completion.runs)]
OptionalRunId = Annotated[
    str | None, argument("RUN", "A run's id; the latest where left out.", autocompletion=completion.runs)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print only what a script needs, and errors.")]
Debug = Annotated[
    bool, typer.Option("--debug", callback=_debug, is_eager=True, help="Show the traceback of an error.")
]


@dataclass(frozen=True)
class Output:
    """How a command answers: for people, as JSON, or with no more than a script needs."""

    as_json: bool = False
    quiet: bool = False

    @property
    def progress(self) -> Console:
        """Return where progress is printed: beside JSON only on a terminal, nowhere where quiet."""
        from sim.cli.terminal import aside, console

        if self.quiet or (self.as_json and not sys.stderr.isatty()):
            return console(None)
        return aside(sys.stderr if sys.stderr.isatty() else sys.stdout)

    def say(self, line: str) -> None:
        """Print a line of progress."""
        self.progress.print(line, soft_wrap=True)

    def warn(self, line: str) -> None:
        """Print on stderr what is allowed but probably a mistake."""
        self.note(line, "warning")

    def note(self, line: str, sort: str = "note") -> None:
        """Print on stderr how something was understood."""
        if not self.quiet:
            with suppress(OSError):
                echo(f"{sort}: {printable(line)}", err=True)

    def answer(
        self, data: Mapping[str, Any], people: Callable[[Console], None], brief: Iterable[object] = ()
    ) -> None:
        """Print *data* as JSON, or the lines of *brief* where quiet, or call *people* with their console."""
        from sim.cli.terminal import console

        if self.as_json:
            text = json.dumps(data, indent=2, ensure_ascii=False, default=str)
            try:
                text.encode(sys.stdout.encoding or "utf-8")
            except UnicodeEncodeError:  # a stream of ASCII
                text = json.dumps(data, indent=2, default=str)
            echo(as_json(text))
        elif self.quiet:
            for line in brief:
                echo(line)
        else:
            people(console(sys.stdout))


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Return *function* with --debug, and with --json and --quiet if it has an `output`."""
    signature = inspect.signature(function, eval_str=True)
    shared = {"as_json": Json, "quiet": Quiet} if "output" in signature.parameters else {}

    @functools.wraps(function)
    def run(*, _debug: bool, **given: Any) -> None:
        if shared:
            given["output"] = Output(**{name: given.pop(name) for name in shared})
        function(**given)

    own = [each for name, each in signature.parameters.items() if name != "output"]
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=annotation)
        for name, annotation in {**shared, "_debug": Debug}.items()
    ]
    vars(run)["__signature__"] = signature.replace(parameters=[*own, *more])
    return run


def next_command(out: Console, *words: str, db: str) -> None:
    """Print what to type next, on the same database; never a URL, which may hold a password."""
    from sim.cli import terminal

    options = ["--db", db] if db != ADS and "://" not in db else []
    terminal.fact(out, "Next", shlex.join(["paceline", *words, *options]))
