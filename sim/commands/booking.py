"""Verbs that book advertisers and campaigns, written out or made automatically."""

from __future__ import annotations

import json
import re
import shlex
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from entities.errors import InputError
from sim.commands.options import ADS, Db, Debug, Json, Luck, Quiet, print_json
from sim.front import clean, whole
from sim.intact import database

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from entities import registry
    from scenarios.yaml_source import Key

MOST_ID = 2**63 - 1
Auto = Annotated[bool, typer.Option("--auto", help="Make it automatically; the same for the same seed.")]
Text = str | None


def _term(option: str, metavar: str, text: str) -> Any:
    return typer.Option(option, metavar=metavar, help=text, rich_help_panel="Terms")


def create_advertiser(
    name: Annotated[Text, typer.Option("--name", metavar="NAME", help="What it is called.")] = None,
    category: Annotated[
        Text,
        typer.Option("--category", metavar="WORD", help="Its trade; two of one trade never share a pod."),
    ] = None,
    auto: Auto = False,
    seed: Luck = None,
    db: Db = ADS,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Add an advertiser to the database, by name or automatically."""
    _one_way(name, auto, seed)
    from sqlalchemy import func, select

    from entities import registry

    with database(db) as (engine, _), registry.session(engine) as opened:
        known = dict(opened.execute(select(registry.Advertiser.name, registry.Advertiser.id)).all())
        if auto:
            seed = opened.scalar(select(func.count(registry.Advertiser.id))) if seed is None else seed
            # The category is checked below, where its refusal names the option.
            told: dict[str, Any] = registry.fake_advertiser(seed or 0, taken=known).model_dump(mode="json")
        else:
            told = {"name": name}
        if category is not None:
            told["category"] = category
        made = _checked(registry.AdvertiserCreate, told, {("name",): "--name", ("category",): "--category"})
        if made.name in known:
            raise InputError(f"--name: there is an advertiser {made.name!r} already, {known[made.name]}")
        row = made.row()
        opened.add(row)
        opened.flush()
        found = {"advertiser_id": row.id, "name": row.name, "category": row.category}
    if as_json:
        print_json(found | ({"seed": seed} if auto else {}))
    elif quiet:
        typer.echo(str(found["advertiser_id"]))
    else:
        from sim import terminal

        out = terminal.console(sys.stdout)
        terminal.fact(out, "Advertiser", f"{row.id}  {row.name}, {row.category}")
        if auto:
            terminal.fact(out, "Seed", str(seed))
        options = ["--db", db] if db != ADS and "://" not in db else []
        command = ["paceline", "create-campaign", "--advertiser-id", str(row.id), "--auto", *options]
        terminal.fact(out, "Next", shlex.join(command))


def create_campaign(
    advertiser_id: Annotated[
        int,
        typer.Option("--advertiser-id", parser=whole(1, MOST_ID), metavar="ID", help="Whose campaign it is."),
    ],
    name: Annotated[Text, typer.Option("--name", metavar="NAME", help="What it is called.")] = None,
    auto: Auto = False,
    seed: Luck = None,
    objective: Annotated[
        Text, _term("--objective", "WORD", "awareness, consideration or conversion.")
    ] = None,
    start: Annotated[Text, _term("--start", "DATE", "First day; a market's usual start if left out.")] = None,
    days: Annotated[
        int | None,
        typer.Option(
            "--days",
            parser=whole(1, 3660),
            metavar="N",
            help="How long it flies; 28 with --name.",
            rich_help_panel="Terms",
        ),
    ] = None,
    zone: Annotated[Text, _term("--timezone", "ZONE", "Whose days and hours; America/New_York.")] = None,
    dsp: Annotated[Text, _term("--dsp-partner", "WORD", "Who buys, such as dv360; direct.")] = None,
    max_cpm: Annotated[Text, _term("--max-cpm", "CPM", "The most for a thousand impressions.")] = None,
    budget: Annotated[Text, _term("--budget", "AMOUNT", "For its whole life.")] = None,
    daily: Annotated[Text, _term("--daily-budget", "AMOUNT", "For each local day.")] = None,
    target: Annotated[
        list[str] | None, _term("--target", "KEY=A,B", "Such as device=tv; repeatable.")
    ] = None,
    exclude: Annotated[list[str] | None, _term("--exclude", "KEY=A,B", "Whom not; repeatable.")] = None,
    cap: Annotated[list[str] | None, _term("--cap", "N/UNIT", "Such as 3/day; repeatable.")] = None,
    pacing: Annotated[Text, _term("--pacing", "NAME", "See: paceline list pacers; even.")] = None,
    ad_format: Annotated[
        Text, _term("--format", "WORD", "Such as interactive_video; standard_video.")
    ] = None,
    seconds: Annotated[
        list[str] | None, _term("--seconds", "N", "Length of a creative, repeatable; 30.")
    ] = None,
    db: Db = ADS,
    as_json: Json = False,
    quiet: Quiet = False,
    _debug: Debug = False,
) -> None:
    """Add a campaign with a line item and creatives, which competes in the next simulate."""
    _one_way(name, auto, seed)
    own = {
        "--dsp-partner": dsp, "--max-cpm": max_cpm, "--budget": budget, "--daily-budget": daily,
        "--target": target, "--exclude": exclude, "--cap": cap, "--pacing": pacing, "--format": ad_format,
        "--seconds": seconds,
    }  # fmt: skip
    given = [option for option, value in own.items() if value]
    if auto and given:
        raise InputError(f"{given[0]}: goes with --name; --auto makes its own")
    if not auto and max_cpm is None:
        raise InputError("--max-cpm: is missing; say how much a thousand impressions may cost, such as 25")
    if not auto and budget is None and daily is None:
        raise InputError("--budget: is missing; say how much may be spent, such as 120000; or --daily-budget")
    item = {
        "name": name,
        "max_cpm": max_cpm,
        "lifetime_budget": budget,
        "daily_budget": daily,
        "ad_format": ad_format,
        "pacing": _pacer(pacing),
        "targeting": {"include": _sides("--target", target), "exclude": _sides("--exclude", exclude)},
        "frequency_caps": [_cap(one) for one in cap or ()],
    }
    terms = {"name": name, "objective": objective, "dsp_partner": dsp, "timezone": zone, "start_date": start}
    from entities import registry

    with database(db) as (engine, _), registry.session(engine) as opened:
        owner = _owner(opened, advertiser_id)
        if auto:
            made, seed = _automatic(opened, owner, terms, days, seed)
        else:
            made = _written(owner.name, terms, days, item, seconds)
        row = registry.add_campaign(opened, registry.AdvertiserCreate(name=owner.name), made)
        found = _told(row)
    if as_json:
        print_json(found | ({"seed": seed} if auto else {}))
    elif quiet:
        typer.echo(str(found["campaign_id"]))
    else:
        from sim import terminal
        from sim.commands import printed

        out = terminal.console(sys.stdout)
        printed.campaign(out, found)
        if auto:
            terminal.fact(out, "Seed", str(seed))
        options = ["--db", db] if db != ADS and "://" not in db else []
        terminal.fact(out, "Next", shlex.join(["paceline", "simulate", *options]))


def _one_way(name: str | None, auto: bool, seed: int | None) -> None:
    if name is None and not auto:
        raise InputError("--name: is missing; give a name, or --auto to have it made")
    if name is not None and auto:
        raise InputError("--auto: makes its own name; leave --name out")
    if seed is not None and not auto:
        raise InputError("--seed: goes with --auto; what is written out needs no luck")


def _owner(opened: Session, key: int) -> registry.Advertiser:
    from sqlalchemy import select

    from entities import registry

    owner = opened.get(registry.Advertiser, key)
    if owner is None:
        query = select(registry.Advertiser).order_by(registry.Advertiser.id).limit(6)
        known = [f"{one.id} {one.name}" for one in opened.scalars(query)]
        hint = f"known: {', '.join(known[:5])}{', …' if len(known) > 5 else ''}" if known else (
            "there are none yet; add one with: paceline create-advertiser --auto"
        )  # fmt: skip
        raise InputError(f"--advertiser-id {key}: no such advertiser; {hint}")
    return owner


def _automatic(
    opened: Session, owner: registry.Advertiser, terms: dict[str, Any], days: int | None, seed: int | None
) -> tuple[registry.CampaignCreate, int]:
    from sqlalchemy import func, select

    from entities import registry

    # What is given is checked as it is for a campaign that is written out.
    whole_terms = _whole({**terms, "name": "automatic"}, days)
    checked = _checked(registry.CampaignCreate, whole_terms, _OPTIONS)
    luck = opened.scalar(select(func.count(registry.Campaign.id))) or 0 if seed is None else seed
    while True:
        made = registry.fake_campaign(
            luck,
            start=checked.start_date,
            days=days,
            objective=checked.objective if terms["objective"] else None,
            timezone=checked.timezone,
        )
        if seed is not None or not registry.find_campaign(opened, owner.name, made.name):
            return made, luck
        luck += 1


def _written(
    owner: str, terms: dict[str, Any], days: int | None, item: dict[str, Any], seconds: list[str] | None
) -> registry.CampaignCreate:
    from scenarios.models import Profile
    from scenarios.scalars import resolved

    campaign = {**_whole(terms, days), "line_items": [{key: v for key, v in item.items() if v is not None}]}
    data: dict[str, Any] = {"advertiser": {"name": owner}, "campaign": campaign}
    if seconds:
        data["creative_seconds"] = [resolved(each) if each.strip() else each for each in seconds]
    options = {("campaign", *key): option for key, option in _OPTIONS.items()}
    options[("creative_seconds",)] = "--seconds"
    profile: Profile = _checked(Profile, data, options)
    return profile.campaign


_OPTIONS: dict[Key, str] = {
    ("name",): "--name",
    ("objective",): "--objective",
    ("dsp_partner",): "--dsp-partner",
    ("timezone",): "--timezone",
    ("start_date",): "--start",
    ("end_date",): "--days",
    ("line_items", 0, "name"): "--name",
    ("line_items", 0, "max_cpm"): "--max-cpm",
    ("line_items", 0, "lifetime_budget"): "--budget",
    ("line_items", 0, "daily_budget"): "--daily-budget",
    ("line_items", 0, "ad_format"): "--format",
    ("line_items", 0, "pacing"): "--pacing",
    ("line_items", 0, "targeting", "include"): "--target",
    ("line_items", 0, "targeting", "exclude"): "--exclude",
    ("line_items", 0, "frequency_caps"): "--cap",
}


def _whole(terms: dict[str, Any], days: int | None) -> dict[str, Any]:
    """Return the terms with the market's usual dates where none are given, never those of the wall clock."""
    from datetime import date, timedelta

    from sim.engine.market import Market

    usual = Market.model_fields
    given = {key: value for key, value in terms.items() if value is not None}
    first = given.get("start_date", usual["start"].default)
    last = usual["start"].default
    with suppress(ValueError, OverflowError):  # refused later, with its reason
        first = date.fromisoformat(first) if isinstance(first, str) else first
        last = first + timedelta(days=(days or usual["days"].default) - 1)
    return {"timezone": usual["timezone"].default, **given, "start_date": first, "end_date": last}


def _checked(model: Any, data: dict[str, Any], options: dict[Any, str]) -> Any:
    """Return *data* as a *model*; a refusal names the option that said so."""
    from pathlib import Path

    from scenarios.problems import ScenarioError, validated
    from scenarios.yaml_source import Layered, Origin, dotted

    origins = {key: Origin(option) for key, option in options.items()}
    try:
        return validated(model, Layered(Path("options"), data, {(): Origin("options"), **origins}, ()))
    except ScenarioError as error:
        # An option stands for its key and all that is in it, and is told once.
        told: dict[str, str] = {}
        for line in str(error).splitlines():
            option, _, what = line.partition(": ")
            keys = [dotted(key) for key, name in options.items() if name == option]
            inside = next((key for key in keys if re.match(rf"{re.escape(key)}[.:]", what)), None)
            told.setdefault(option, line if inside is None else f"{option}: {what.partition(': ')[2]}")
        raise ScenarioError([line.removeprefix("options: ") for line in told.values()]) from None


def _pacer(kind: str | None) -> str | None:
    from scenarios.shape import hint
    from sim.pacing import PacingPolicy

    if kind is not None and kind not in PacingPolicy.members():
        raise InputError(
            f'--pacing: "{clean(kind)}" is not known; {hint(kind, list(PacingPolicy.members()))}'
        )
    return kind


def _sides(option: str, given: list[str] | None) -> dict[str, list[str]]:
    sides: dict[str, list[str]] = {}
    for text in given or ():
        key, equals, values = text.partition("=")
        if not equals:
            raise InputError(f'{option}: "{clean(text)}" is not allowed; must be KEY=A,B, such as device=tv')
        sides.setdefault(key.strip(), []).extend(value.strip() for value in values.split(","))
    return sides


def _cap(text: str) -> dict[str, Any]:
    read = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9} ?)?([a-z]+)", text.strip().lower())
    if not read:
        raise InputError(
            f'--cap: "{clean(text)}" is not allowed; must be N/UNIT, such as 3/day, or 10/2week for two weeks'
        )
    most, count, unit = read.groups()
    return {"max_impressions": int(most), "unit": unit, "unit_count": int(count or 1)}


def _told(row: registry.Campaign) -> dict[str, Any]:
    return {
        "campaign_id": row.id,
        "name": row.name,
        "advertiser_id": row.advertiser.id,
        "advertiser": row.advertiser.name,
        "objective": row.objective.value,
        "dsp_partner": row.dsp_partner.value,
        "currency": row.currency.value,
        "timezone": row.timezone,
        "start_date": row.start_date.isoformat(),
        "end_date": row.end_date.isoformat(),
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
                "pacing": json.loads(item.pacing),
                "creatives": [
                    {"creative_id": one.id, "name": one.name, "seconds": one.duration_s}
                    for one in item.creatives
                ],
            }
            for item in row.line_items
        ],
    }
