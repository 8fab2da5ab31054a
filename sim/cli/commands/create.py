"""Commands that fill a database: its tables, examples and profiles."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli import completion
from sim.cli.options import ADS, Db, Debug, Json, Quiet, next_command, option, print_json
from sim.cli.rollback import database, name_of

if TYPE_CHECKING:
    from scenarios.models import Listing


def _which(name: str, names: Callable[..., list[str]]) -> Any:
    return option(name, "NAME", "Which one, repeatable; all where left out.", autocompletion=names)


def init_db(db: Db = ADS, as_json: Json = False, quiet: Quiet = False, _debug: Debug = False) -> None:
    """Create the database and its tables; leave one that is there as it is."""
    with database(db, create=True) as (engine, fresh):
        if as_json:
            print_json({"database": name_of(engine), "created": fresh})
        elif not quiet:
            typer.echo(f"{name_of(engine)} {'created' if fresh else 'is ready'}")


def create_example(
    template: Annotated[
        Path | None,
        option("--template", "FILE", "YAML file of examples; ours where left out.", readable=False),
    ] = None,
    example: Annotated[list[str] | None, _which("--example", completion.examples)] = None,
    db: Db = ADS,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Add complete example campaigns to the database, which compete in the next simulate."""
    from scenarios import loader

    file = template or loader.DEFAULT_EXAMPLES
    found = {name: loader.example(name, file) for name in example} if example else loader.examples(file)
    _create(db, found, as_json, quiet)


def create_profile(
    name: Annotated[list[str] | None, _which("--name", completion.profiles)] = None,
    db: Db = ADS,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Add campaigns of typical profiles to the database, which compete in the next simulate."""
    from scenarios import loader

    found = {each: loader.profile(each) for each in name or loader.names(loader.PROFILES)}
    _create(db, dict(found), as_json, quiet)


def _create(db: str, listings: dict[str, Listing], as_json: bool, quiet: bool) -> None:
    from analysis.booking.books import create
    from entities import registry

    with database(db) as (engine, _), registry.session(engine) as opened:
        found: dict[str, dict[str, Any]] = {}
        for name, listing in listings.items():
            names = {"advertiser": listing.advertiser.name, "campaign": listing.campaign.name}
            new = create(opened, listing)
            row = registry.find_campaign(opened, *names.values())
            found[name] = {**names, "campaign_id": row and row.id, "created": new}
        opened.commit()
    if as_json:
        print_json(found)
    elif not quiet:
        from sim.cli import terminal

        for name, one in found.items():
            done = "created" if one["created"] else "is there already"
            typer.echo(f"{name}: {done} ({one['advertiser']}, {one['campaign']})")
        next_command(terminal.console(sys.stdout), "simulate", db=db)
