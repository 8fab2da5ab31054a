"""Commands about scenarios: show one, compare two, print their schema, begin a new one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from entities.messages import printable, reason
from sim.cli import completion
from sim.cli.echo import echo
from sim.cli.options import Changes, Json, Output, ScenarioName, argument, command, one_of

if TYPE_CHECKING:
    from rich.console import Console

KINDS = ("scenario", "examples", "profile")
WIDEST = 100

app = typer.Typer(help="Show, compare, describe and begin scenarios.", no_args_is_help=False)
Other = Annotated[
    str, argument("OTHER", "The one that it is compared with.", autocompletion=completion.scenarios)
]


@app.callback(invoke_without_command=True)
def scenario(ctx: typer.Context) -> None:
    """Show, compare, describe and begin scenarios."""
    if ctx.invoked_subcommand is None:
        echo(ctx.get_help())


@app.command(short_help="Print a scenario, and where each value comes from.")
@command
def show(
    scenario: ScenarioName,
    settings: Changes = None,
    written: Annotated[bool, typer.Option("--written", help="Leave the defaults out.")] = False,
    whole: Annotated[
        bool, typer.Option("--whole", help="Write out the campaigns of its examples, profiles and crowd.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Print a scenario as YAML, with where each value came from: default, file and line, or --set."""
    from scenarios import show
    from sim.cli.asked import asked

    output = Output(as_json)
    loaded = asked(scenario, settings or (), output)
    values = [
        {"path": ".".join(map(str, one.path)), "value": one.value, "origin": one.origin}
        for one in show.values(loaded, whole=whole)
        if not (written and one.origin == show.DEFAULT)
    ]

    def people(out: Console) -> None:
        width = min(out.width, WIDEST)
        echo(show.as_yaml(loaded, width=width, written_only=written, whole=whole), nl=False)
        named = (*loaded.scenario.examples, *loaded.scenario.profiles)
        if named and not whole:
            echo(f"# {len(named)} of its campaigns are named only; --whole writes them out")

    output.answer({"scenario": loaded.scenario.name, "values": values}, people)


@app.command(short_help="Print where two scenarios differ.")
@command
def diff(scenario: ScenarioName, other: Other, settings: Changes = None, *, output: Output) -> None:
    """Print where two scenarios differ; --set changes the second one."""
    from scenarios.differing import differences as differing
    from scenarios.loader import load
    from sim.cli import printed
    from sim.cli.asked import asked

    first, second = load(scenario), asked(other, settings or (), output)
    found = differing(first, second)

    def people(out: Console) -> None:
        rows = [(one.path, _shown(one.first), _shown(one.second)) for one in found]
        changed = other if settings is None else f"{other}, --set"
        if rows:
            printed.compared(out, ("Path", printable(scenario), printable(changed)), rows)
        else:
            echo("they are the same")

    differences = [one._asdict() for one in found]
    data = {"first": scenario, "second": other, "differences": differences}
    output.answer(data, people, (one.path for one in found))


@app.command(short_help="Print the JSON Schema, for editors.")
@command
def schema(
    of: Annotated[str, argument("KIND", f"Whose schema: {', '.join(KINDS)}.", **one_of(KINDS))] = "scenario",
    _as_json: Json = False,
) -> None:
    """Print the JSON Schema of scenarios, by which editors complete and check YAML."""
    from scenarios.schema import text

    echo(text(of), nl=False)


@app.command(short_help="Write a commented scenario to start from.")
@command
def new(name: Annotated[str, argument("NAME", "Its name; the file is NAME.yml.")], *, output: Output) -> None:
    """Write a commented scenario to start from, which runs as it is."""
    file = Path(name if name.endswith((".yml", ".yaml")) else f"{name}.yml")
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,63}", file.stem):
        allowed = "must be lowercase letters, digits, `_` and `-`, a letter first"
        raise InputError(f'NAME: "{printable(file.stem)}" is not allowed; {allowed}')
    from scenarios.schema import starter

    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(starter(file))
    except FileExistsError:
        raise InputError(f"{printable(str(file))}: is there already; take another name") from None
    except OSError as error:
        raise InputError(f"{printable(str(file))}: {reason(error)}") from None
    shown = printable(str(file))
    line = f"{shown} written; run it with: paceline simulate {shown}"
    output.answer({"scenario": file.stem, "file": str(file)}, lambda _: echo(line), [shown])


def _shown(value: Any) -> str:
    from scenarios.scalars import text_of
    from scenarios.show import name_of

    if name_of(value) is not None:  # the path has its name
        return "only here"
    return "–" if value is None else text_of(value)
