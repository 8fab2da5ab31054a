"""Commands that fill a database: its tables, examples and profiles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import completion
from sim.cli.options import ADS, Db, Output, next_command, option

if TYPE_CHECKING:
    from rich.console import Console

    from scenarios.models import Listing


def _which(name: str, names: Callable[..., list[str]]) -> Any:
    return option(name, "NAME", "Which one, repeatable; all where left out.", autocompletion=names)


def init_db(db: Db = ADS, *, output: Output) -> None:
    """Create the database and its tables; leave one that is there as it is."""
    from analysis.runs.rollback import database, name_of

    with database(db, create=True) as (engine, fresh):
        name, done = name_of(engine), "created" if fresh else "is ready"
        output.answer({"database": name, "created": fresh}, lambda _: typer.echo(f"{name} {done}"))


def create_example(
    template: Annotated[
        Path | None,
        option("--template", "FILE", "YAML file of examples; ours where left out.", readable=False),
    ] = None,
    example: Annotated[list[str] | None, _which("--example", completion.examples)] = None,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Add complete example campaigns to the database, which compete in the next simulate."""
    from scenarios import loader

    file = template or loader.DEFAULT_EXAMPLES
    found = {name: loader.example(name, file) for name in example} if example else loader.examples(file)
    _create(db, found, output)


def create_profile(
    name: Annotated[list[str] | None, _which("--name", completion.profiles)] = None,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Add campaigns of typical profiles to the database, which compete in the next simulate."""
    from scenarios import loader

    found = {each: loader.profile(each) for each in name or loader.names(loader.PROFILES)}
    _create(db, dict(found), output)


def _create(db: str, listings: dict[str, Listing], output: Output) -> None:
    from analysis.booking.books import create
    from analysis.runs.rollback import database
    from entities import registry

    with database(db) as (engine, _), registry.session(engine) as opened:
        found: dict[str, dict[str, Any]] = {}
        for name, listing in listings.items():
            names = {"advertiser": listing.advertiser.name, "campaign": listing.campaign.name}
            new = create(opened, listing)
            row = registry.find_campaign(opened, *names.values())
            found[name] = {**names, "campaign_id": row and row.id, "created": new}
        opened.commit()

    def people(out: Console) -> None:
        for name, one in found.items():
            done = "created" if one["created"] else "is there already"
            typer.echo(f"{name}: {done} ({one['advertiser']}, {one['campaign']})")
        next_command(out, "simulate", db=db)

    output.answer(found, people)
