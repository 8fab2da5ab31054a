"""The verb that lists what there is to choose from, each with the line in which it describes itself."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from sim.commands import completion
from sim.commands.completion import HERE
from sim.commands.options import Debug, Json, Quiet, print_json
from sim.front import choice

USED_BY = {
    "examples": "paceline create-example --example NAME",
    "profiles": "paceline create-profile --name NAME",
    "markets": "paceline simulate NAME",
    "pacers": "pacing: NAME in a line item; or create-campaign --pacing NAME",
    "auctions": "market.auction: NAME in a scenario, or --set market.auction=NAME",
}
"""What can be listed, and how one of it is used."""
PARTS = ("pacers", "auctions")


def list_(
    what: Annotated[
        str,
        typer.Argument(
            metavar="|".join(USED_BY),
            parser=choice(list(USED_BY)),
            autocompletion=completion.of(USED_BY),
            help="What to list.",
        ),
    ],
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """List what there is to choose from, a line each: examples, profiles, markets, pacers or auctions."""
    found = _parts(what) if what in PARTS else _described(what)
    if as_json:
        print_json({what: found})
    elif quiet:
        typer.echo("\n".join(one["name"] for one in found))
    else:
        from sim import terminal
        from sim.commands import printed

        out = terminal.console(sys.stdout)
        printed.listed(out, what, found)
        terminal.fact(out, "Use", USED_BY[what])


def _described(what: str) -> list[dict[str, Any]]:
    # Read, not checked: the models behind them take a second to load.
    from scenarios import yaml_source

    written: dict[str, Any] = {}
    for file in sorted((HERE / what).glob("*.yml")):
        read = yaml_source.resolve(file, lambda name: HERE / what / f"{name}.yml").data
        written |= read["examples"] if what == "examples" else {file.stem: read}
    return [{"name": name, "description": each.get("description", "")} for name, each in written.items()]


def _parts(what: str) -> list[dict[str, Any]]:
    """Return the members of a family; what each is for is the first line of its file."""
    from sim.auction import AuctionFormat
    from sim.pacing import PacingPolicy

    family = PacingPolicy if what == "pacers" else AuctionFormat
    return [
        {
            "name": kind,
            "description": _first_line(sys.modules[member.__module__].__doc__),
            "parameters": {
                name: field.get_default(call_default_factory=True)
                for name, field in member.model_fields.items()
                if name != "kind"
            },
        }
        for kind, member in family.members().items()
    ]


def _first_line(doc: str | None) -> str:
    # `Even: the same goal in every hour.` tells its name first.
    line = (doc or "").strip().partition("\n")[0]
    name, colon, rest = line.partition(": ")
    text = rest if colon and len(name) < 30 else line
    return text[:1].upper() + text[1:]
