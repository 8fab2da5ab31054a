"""The verb that lists what there is to choose from, each with the line in which it describes itself."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import completion
from sim.cli.completion import HERE
from sim.cli.errors import choice
from sim.cli.options import Debug, Json, Quiet, print_json

if TYPE_CHECKING:
    from sim.family import Part

USED_BY = {
    "examples": "paceline create-example --example NAME",
    "profiles": "paceline create-profile --name NAME",
    "markets": "paceline simulate NAME",
    "pacers": "pacing: NAME in a line item; or create-campaign --pacing NAME",
    "deals": "deal: NAME in a line item",
    "auctions": "market.auction: NAME in a scenario, or --set market.auction=NAME",
    "bidding": "bidding: NAME in a line item; or create-campaign --bidding NAME",
    "valuations": "valuation: NAME in a line item; or create-campaign --valuation NAME",
}
"""What can be listed, and how one of it is used."""
PARTS = ("pacers", "deals", "auctions", "bidding", "valuations")


def list_(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="WHAT",
            parser=choice(list(USED_BY)),
            autocompletion=completion.of(USED_BY),
            help=f"One of {', '.join(USED_BY)}; all where left out.",
        ),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """List what there is to choose from, each with a line of what it is for."""
    asked = [what] if what else list(USED_BY)
    found = {each: _parts(each) if each in PARTS else _described(each) for each in asked}
    if as_json:
        print_json(found)
    elif quiet:
        typer.echo("\n".join(one["name"] for each in asked for one in found[each]))
    else:
        from sim.cli import printed, terminal

        out = terminal.console(sys.stdout)
        for place, each in enumerate(asked):
            if place:
                out.print()
            printed.listed(out, each, found[each])
            terminal.fact(out, "Use", USED_BY[each])


def _described(what: str) -> list[dict[str, Any]]:
    # Read, not checked: the models behind them take a second to load.
    from scenarios.layers import resolve

    written: dict[str, Any] = {}
    for file in sorted((HERE / what).glob("*.yml")):
        read = resolve(file, lambda name: HERE / what / f"{name}.yml").data
        written |= read["examples"] if what == "examples" else {file.stem: read}
    return [{"name": name, "description": each.get("description", "")} for name, each in written.items()]


def _parts(what: str) -> list[dict[str, Any]]:
    """Return the members of a family; what each is for is the first line of its file."""
    from sim.auction import AuctionFormat
    from sim.bidding import BiddingRule
    from sim.deal import Deal
    from sim.pacing import PacingPolicy
    from sim.valuation import Valuation

    families: dict[str, type[Part]] = {
        "pacers": PacingPolicy,
        "deals": Deal,
        "auctions": AuctionFormat,
        "bidding": BiddingRule,
        "valuations": Valuation,
    }
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
        for kind, member in families[what].members().items()
    ]


def _first_line(doc: str | None) -> str:
    # `Even: the same goal in every hour.` tells its name first.
    line = (doc or "").strip().partition("\n")[0]
    name, colon, rest = line.partition(": ")
    text = rest if colon and len(name) < 30 else line
    return text[:1].upper() + text[1:]
