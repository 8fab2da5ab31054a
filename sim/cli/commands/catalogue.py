"""The command that lists what there is to choose from, each with its own description."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

from sim import FAMILIES
from sim.cli.commands.notebook import names, needs, shows
from sim.cli.completion import family, written
from sim.cli.options import Output, argument, one_of

if TYPE_CHECKING:
    from rich.console import Console

FILES = {
    "examples": "paceline create-example --example NAME",
    "profiles": "paceline create-profile --name NAME",
    "markets": "paceline simulate NAME",
    "studies": "paceline study NAME",
}
"""What is listed from YAML files, and how it is used."""
NAMES = (*FILES, "metrics", "notebooks", *FAMILIES)


def list_(
    what: Annotated[
        str | None, argument("WHAT", f"One of {', '.join(NAMES)}; all where left out.", **one_of(NAMES))
    ] = None,
    *,
    output: Output,
) -> None:
    """List what there is to choose from, each with a line of what it is for."""
    from sim.cli.terminal import fact, new_table, print_table

    asked = [what] if what else list(NAMES)
    found = {each: _listed(each) for each in asked}

    def people(out: Console) -> None:
        for place, each in enumerate(asked):
            if place:
                out.print()
            table = new_table(gap=2)
            table.add_column(each.capitalize(), no_wrap=True)
            table.add_column("What it is for")
            for one in found[each]:
                table.add_row(one["name"], one["description"])
            print_table(out, table)
            out.print()
            fact(out, "Use", _use(each))

    output.answer(found, people, (one["name"] for each in asked for one in found[each]))


def _use(what: str) -> str:
    if what == "metrics":
        return "paceline study NAME --metric NAME"
    if what == "notebooks":
        return "paceline notebook NAME"
    return FILES[what] if what in FILES else family(what).used


def _listed(what: str) -> list[dict[str, Any]]:
    if what in FILES:
        files = written(what).items()
        return [{"name": name, "description": each.get("description", "")} for name, each in files]
    if what == "metrics":
        return _metrics()
    if what == "notebooks":
        return [{"name": name, "description": shows(name), "needs": needs(name)} for name in names()]
    # What each part is for is the first line of its file.
    return [
        {
            "name": kind,
            "description": _first_line(sys.modules[member.__module__].__doc__),
            "parameters": member().model_dump(mode="json", exclude={"kind"}),
        }
        for kind, member in family(what).members().items()
    ]


def _metrics() -> list[dict[str, Any]]:
    from analysis.study.metrics import BETTER, METRICS

    return [
        {
            "name": metric.name,
            "description": _sentence("; ".join(filter(None, (metric.text, BETTER[metric.better])))),
            "unit": metric.unit,
            "of_market": metric.of_market,
        }
        for metric in METRICS.values()
    ]


def _first_line(doc: str | None) -> str:
    # `Even: the same goal in every hour.` begins with its name.
    line = (doc or "").strip().partition("\n")[0]
    name, colon, rest = line.partition(": ")
    text = rest if colon and len(name) < 30 else line
    return _sentence(text.removesuffix("."))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
