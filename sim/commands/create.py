"""Verbs that put something into a database: its tables, advertisers and campaigns, examples and profiles."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.commands import completion
from sim.commands.options import ADS, Db, Debug, Json, Quiet, print_json
from sim.intact import database, name_of

if TYPE_CHECKING:
    from scenarios.models import Listing


def init_db(db: Db = ADS, quiet: Quiet = False, _debug: Debug = False) -> None:
    """Create the database and its tables; leave one that is there as it is."""
    with database(db, create=True) as (engine, fresh):
        done = "created" if fresh else "is ready"
        if not quiet:
            typer.echo(f"{name_of(engine)} {done}")


def create_example(
    template: Annotated[
        Path | None,
        typer.Option(
            "--template", readable=False, metavar="FILE", help="YAML file of examples; ours where left out."
        ),
    ] = None,
    example: Annotated[
        list[str] | None,
        typer.Option(
            "--example",
            metavar="NAME",
            autocompletion=completion.examples,
            help="Which one, repeatable; all where left out.",
        ),
    ] = None,
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
    name: Annotated[
        list[str] | None,
        typer.Option(
            "--name",
            metavar="NAME",
            autocompletion=completion.profiles,
            help="Which one, repeatable; all where left out.",
        ),
    ] = None,
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
    from analysis.runs import create
    from entities import registry

    with database(db) as (engine, _), registry.session(engine) as opened:
        made = {name: create(opened, listing) for name, listing in listings.items()}
        opened.commit()
    if as_json:
        found = {
            name: {
                "advertiser": listings[name].advertiser.name,
                "campaign": listings[name].campaign.name,
                "created": new,
            }
            for name, new in made.items()
        }
        print_json(found)
    elif not quiet:
        for name, new in made.items():
            listing = listings[name]
            whose = f"{listing.advertiser.name}, {listing.campaign.name}"
            typer.echo(f"{name}: {'created' if new else 'is there already'} ({whose})")
