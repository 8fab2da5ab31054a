"""Commands that fill a database: its tables, advertisers, and campaigns, named, written out or made."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from sim.cli import completion
from sim.cli.commands import terms
from sim.cli.echo import echo
from sim.cli.errors import integer
from sim.cli.options import ADS, AutoSeed, Db, Output, next_command, option

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy.orm import Session

    from entities import registry
    from scenarios.models import Listing

Auto = Annotated[bool, typer.Option("--auto", help="Make it automatically; the same for the same seed.")]
Name = Annotated[str | None, option("NAME", "What it is called.")]


def _which(names: Callable[..., list[str]]) -> Any:
    return option("NAME", "Which one, repeatable; all where left out.", autocompletion=names)


def init_db(db: Db = ADS, *, output: Output) -> None:
    """Create the database and its tables; leave one that is there as it is."""
    from analysis.runs.rollback import database
    from entities import registry

    with database(db, create=True) as (engine, fresh):
        name, done = registry.name_of(engine), "created" if fresh else "is ready"
        output.answer({"database": name, "created": fresh}, lambda _: echo(f"{name} {done}"))


def create_example(
    template: Annotated[
        Path | None, option("FILE", "YAML file of examples; ours where left out.", readable=False)
    ] = None,
    example: Annotated[list[str] | None, _which(completion.examples)] = None,
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
    name: Annotated[list[str] | None, _which(completion.profiles)] = None, db: Db = ADS, *, output: Output
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
            echo(f"{name}: {done} ({one['advertiser']}, {one['campaign']})")
        next_command(out, "simulate", db=db)

    output.answer(found, people)


def create_advertiser(
    name: Name = None,
    category: Annotated[str | None, option("WORD", "Its trade; two of one trade never share a pod.")] = None,
    auto: Auto = False,
    seed: AutoSeed = None,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Add an advertiser to the database, by name or automatically."""
    _one_way(name, auto, seed)
    from sqlalchemy import func, select

    from analysis.runs.rollback import database
    from entities import registry
    from sim.cli.terminal import fact

    with database(db) as (engine, _), registry.session(engine) as opened:
        known = dict(opened.execute(select(registry.Advertiser.name, registry.Advertiser.id)).all())
        if auto:
            seed = opened.scalar(select(func.count(registry.Advertiser.id))) if seed is None else seed
            # The category is checked below, where its refusal names the option.
            given: dict[str, Any] = registry.fake_advertiser(seed or 0, taken=known).model_dump(mode="json")
        else:
            given = {"name": name}
        if category is not None:
            given["category"] = category
        options = {("name",): "--name", ("category",): "--category"}
        made = terms.checked(registry.AdvertiserCreate, given, options)
        if made.name in known:
            raise InputError(
                f"--name: there is an advertiser {made.name!r} already, its id is {known[made.name]}"
            )
        row = made.row()
        opened.add(row)
        opened.flush()
        found = {"advertiser_id": row.id, "name": row.name, "category": row.category}

    def people(out: Console) -> None:
        fact(out, "Advertiser", f"{row.id}  {row.name}, {row.category}")
        if auto:
            fact(out, "Seed", str(seed))
        next_command(out, "create-campaign", "--advertiser-id", str(row.id), "--auto", db=db)

    output.answer(found | ({"seed": seed} if auto else {}), people, [row.id])


@terms.with_terms
def create_campaign(
    advertiser_id: Annotated[
        int,
        option(
            "ID",
            "Whose campaign it is, the id that create-advertiser prints.",
            parser=integer(1, 2**63 - 1),
            autocompletion=completion.advertisers,
        ),
    ],
    name: Name = None,
    auto: Auto = False,
    seed: AutoSeed = None,
    days: terms.Days = None,
    given: Any = None,
    db: Db = ADS,
    *,
    output: Output,
) -> None:
    """Add a campaign, written out or made automatically, which competes in the next simulate.

    Written out, it has one line item. Several line items, or several flights: create-example --template FILE.
    """
    _one_way(name, auto, seed)
    if auto and (own := [option for option in given if option not in terms.AUTOMATIC]):
        raise InputError(f"{own[0]}: goes with --name; --auto makes its own")
    if "--end" in given and days is not None:
        raise InputError("--end: instead of --days, not beside it")
    if not auto and "--max-cpm" not in given:
        raise InputError("--max-cpm: is missing; say how much a thousand impressions may cost, such as 25")
    if not auto and not {"--budget", "--daily-budget", "--campaign-budget"} & given.keys():
        raise InputError("--budget: is missing; say how much may be spent, such as 120000; or --daily-budget")
    from analysis.runs.rollback import database
    from entities import registry
    from sim.cli import printed
    from sim.cli.terminal import fact

    profile = terms.profile_of(name, given, days)
    with database(db) as (engine, _), registry.session(engine) as opened:
        owner = _owner(opened, advertiser_id)
        made = terms.campaign_of(owner.name, profile, given)
        if auto:
            flies = days if "--end" not in given else (made.end_date - made.start_date).days + 1
            made, seed = _automatic(opened, owner, made, flies, seed)
        elif there := registry.find_campaign(opened, owner.name, made.name):
            raise InputError(
                f"--name: {owner.name!r} has a campaign {made.name!r} already, its id is {there.id}"
            )
        row = registry.add_campaign(opened, registry.AdvertiserCreate(name=owner.name), made)
        found = _shown(row)

    def people(out: Console) -> None:
        printed.campaign(out, found)
        if auto:
            fact(out, "Seed", str(seed))
        next_command(out, "simulate", db=db)

    output.answer(found | ({"seed": seed} if auto else {}), people, [row.id])


def _one_way(name: str | None, auto: bool, seed: int | None) -> None:
    if name is None and not auto:
        raise InputError("--name: is missing; give a name, or --auto to have it made")
    if name is not None and auto:
        raise InputError("--auto: makes its own name; leave --name out")
    if seed is not None and not auto:
        raise InputError("--seed: goes with --auto; what is written out needs no seed")


def _owner(opened: Session, key: int) -> registry.Advertiser:
    from sqlalchemy import select

    from entities import registry

    owner = opened.get(registry.Advertiser, key)
    if owner is None:
        query = select(registry.Advertiser).order_by(registry.Advertiser.id).limit(6)
        known = [f"{one.id} {one.name}" for one in opened.scalars(query)]
        hint = f"known: {'; '.join(known[:5])}{'; …' if len(known) > 5 else ''}" if known else (
            "there are none yet; add one with: paceline create-advertiser --auto"
        )  # fmt: skip
        raise InputError(f"--advertiser-id {key}: no such advertiser; {hint}")
    return owner


def _automatic(
    opened: Session,
    owner: registry.Advertiser,
    fixed: registry.CampaignCreate,
    days: int | None,
    seed: int | None,
) -> tuple[registry.CampaignCreate, int]:
    from sqlalchemy import func, select

    from entities import registry

    objective = fixed.objective if "objective" in fixed.model_fields_set else None
    first = opened.scalar(select(func.count(registry.Campaign.id))) or 0 if seed is None else seed
    for number in count(first):
        made = registry.fake_campaign(
            number, start=fixed.start_date, days=days, objective=objective, timezone=fixed.timezone
        )
        if seed is not None or not registry.find_campaign(opened, owner.name, made.name):
            break
    return made, number


def _shown(row: registry.Campaign) -> dict[str, Any]:
    from sim.cli.printed import USUAL

    return {
        "campaign_id": row.id,
        "name": row.name,
        "advertiser_id": row.advertiser.id,
        "advertiser": row.advertiser.name,
        **{name: str(getattr(row, name)) for name in ("objective", "dsp_partner", "currency", "timezone")},
        "start_date": row.start_date.isoformat(),
        "end_date": row.end_date.isoformat(),
        "budgets": {one.budget_type.value: one.amount_micros for one in row.budgets},
        "pacing": json.loads(row.pacing) if row.pacing else None,
        "line_items": [
            {
                "line_item_id": item.id,
                "name": item.name,
                "max_bid_micros": item.max_bid_micros,
                "budgets": {one.budget_type.value: one.amount_micros for one in item.budgets},
                "targeting": json.loads(item.targeting),
                "frequency_caps": [
                    f"{one.max_impressions}/{f'{one.unit_count} ' if one.unit_count > 1 else ''}{one.unit}"
                    for one in item.frequency_caps
                ],
                "dayparts": json.loads(item.dayparts) if item.dayparts else [],
                "slot_in_pod": item.slot_in_pod.value,
                "holdout": item.holdout_ppm / 1_000_000,
                **{part: json.loads(getattr(item, part)) for part in USUAL},
                "creatives": [
                    {"creative_id": one.id, "name": one.name, "seconds": one.duration_s}
                    for one in item.creatives
                ],
            }
            for item in row.line_items
        ],
    }
