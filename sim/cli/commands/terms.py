"""The terms of a campaign as options: their names, how they are parsed, and how they are refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

from entities.enums import AdFormat, DspPartner, Objective
from entities.errors import InputError
from entities.messages import hint, printable
from sim.cli import completion
from sim.cli import schema_paths as paths
from sim.cli.errors import integer
from sim.cli.options import option

if TYPE_CHECKING:
    from entities import registry
    from scenarios.yaml_source import Key
    from sim.family import Part

Text = str | None
Texts = list[str] | None


def _term(name: str, metavar: str, text: str, complete: Callable[[str], list[str]] | None = None) -> Any:
    return option(name, metavar, text, autocompletion=complete)


ObjectiveTerm = Annotated[
    Text, _term("--objective", "WORD", "What it is for; usually awareness.", completion.of(Objective))
]  # fmt: skip
Start = Annotated[Text, _term("--start", "DATE", "First day; where left out, the first of the usual market.")]
End = Annotated[Text, _term("--end", "DATE", "Last day, included; instead of --days.")]
Days = Annotated[
    int | None, option("--days", "N", "How many days it flies; 28 with --name.", parser=integer(1, 3660))
]
Zone = Annotated[
    Text, _term("--timezone", "ZONE", "Of its days and hours; usually America/New_York.", completion.zones)
]
Dsp = Annotated[
    Text, _term("--dsp-partner", "WORD", "Who buys; usually direct.", completion.of(DspPartner))
]  # fmt: skip
MaxCpm = Annotated[
    Text, _term("--max-cpm", "CPM", "The most that a thousand impressions may cost; cuts bids last.")
]
Budget = Annotated[Text, _term("--budget", "AMOUNT", "For all its flights; less than a bid is never spent.")]
Daily = Annotated[Text, _term("--daily-budget", "AMOUNT", "For each local day.")]
Target = Annotated[
    Texts, _term("--target", "KEY=A,B", "To whom, such as device=tv; repeatable.", paths.targets)
]
Exclude = Annotated[Texts, _term("--exclude", "KEY=A,B", "To whom not, likewise; repeatable.", paths.targets)]
Cap = Annotated[Texts, _term("--cap", "N/UNIT", "Impressions of a viewer, such as 3/day; repeatable.")]
Daypart = Annotated[
    Texts, _term("--daypart", "DAYS HOURS", "When, such as 'mon-fri 18-23', local hours; repeatable.")
]
Pacing = Annotated[
    Text, _term("--pacing", "NAME", "Usually even; see paceline list pacers.", completion.kinds("pacers"))
]  # fmt: skip
Bidding = Annotated[
    Text, _term("--bidding", "NAME", "How it bids; usually fixed_cpm.", completion.kinds("bidding"))
]  # fmt: skip
ValuationTerm = Annotated[
    Text,
    _term(
        "--valuation",
        "NAME",
        "What slots are worth to it; usually constant. Parameters follow: log_normal,sigma=0.3.",
        completion.kinds("valuations"),
    ),
]
Format = Annotated[
    Text, _term("--format", "WORD", "Of its creatives; usually standard_video.", completion.of(AdFormat))
]  # fmt: skip
Seconds = Annotated[Texts, _term("--seconds", "N", "Length of a creative, usually 30; repeatable.")]

OPTIONS: dict[Key, str] = {
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
    ("line_items", 0, "dayparts"): "--daypart",
    ("line_items", 0, "targeting", "include"): "--target",
    ("line_items", 0, "targeting", "exclude"): "--exclude",
    ("line_items", 0, "frequency_caps"): "--cap",
}
"""The option of each key of a campaign."""


def with_dates(terms: dict[str, Any], days: int | None) -> dict[str, Any]:
    """Return the terms, with dates of the market's defaults (never of today) where none are given."""
    from datetime import date, timedelta

    from sim.market.market import Market

    usual = Market.model_fields
    given = {key: value for key, value in terms.items() if value is not None}
    first = given.get("start_date", usual["start"].default)
    last = usual["start"].default
    with suppress(ValueError, OverflowError):  # refused later, with its reason
        first = date.fromisoformat(first) if isinstance(first, str) else first
        last = first + timedelta(days=(days or usual["days"].default) - 1)
    return {"timezone": usual["timezone"].default, "end_date": last, **given, "start_date": first}


def written(
    owner: str, campaign: dict[str, Any], item: dict[str, Any], seconds: Texts
) -> registry.CampaignCreate:
    """Return a campaign with one line item, and a creative of each length."""
    from scenarios.models import Profile
    from scenarios.scalars import resolved

    items = [{key: value for key, value in item.items() if value is not None}]
    data: dict[str, Any] = {"advertiser": {"name": owner}, "campaign": {**campaign, "line_items": items}}
    if seconds:
        data["creative_seconds"] = [resolved(each) if each.strip() else each for each in seconds]
    options = {("campaign", *key): name for key, name in _options(campaign).items()}
    options[("creative_seconds",)] = "--seconds"
    profile: Profile = checked(Profile, data, options)
    return profile.campaign


def automatic(campaign: dict[str, Any]) -> registry.CampaignCreate:
    """Return the terms of an automatic campaign, checked as those of one that is written out."""
    from entities import registry

    made: registry.CampaignCreate = checked(registry.CampaignCreate, campaign, _options(campaign))
    return made


def _options(campaign: dict[str, Any]) -> dict[Key, str]:
    # A last day that is text was given; one that is a date was counted from --days.
    return {**OPTIONS, ("end_date",): "--end" if isinstance(campaign["end_date"], str) else "--days"}


def checked(model: Any, data: dict[str, Any], options: dict[Any, str]) -> Any:
    """Return *data* as a *model*; a refusal names the option."""
    from pathlib import Path

    from scenarios.layers import Layered, Origin
    from scenarios.problems import ScenarioError, validated
    from scenarios.yaml_source import dotted

    origins = {key: Origin(name) for key, name in options.items()}
    try:
        return validated(model, Layered(Path("options"), data, {(): Origin("options"), **origins}, ()))
    except ScenarioError as error:
        # An option stands for its key and all that is in it: one message for each.
        refused: dict[str, str] = {}
        for line in str(error).splitlines():
            name, _, what = line.partition(": ")
            keys = [dotted(key) for key, each in options.items() if key and each == name]
            inside = any(re.match(rf"{re.escape(key)}[.:]", what) for key in keys)
            refused.setdefault(name, f"{name}: {what.partition(': ')[2]}" if inside else line)
        raise ScenarioError([line.removeprefix("options: ") for line in refused.values()]) from None


def part(name: str, family: type[Part], text: Text) -> dict[str, Any] | None:
    """Return the kind and the parameters of a part, which are written `NAME` or `NAME,KEY=VALUE`."""
    from scenarios.scalars import resolved

    if text is None:
        return None
    kind, *rest = text.split(",")
    members = family.members()
    if kind not in members:
        raise InputError(f'{name}: "{printable(kind)}" is not known; {hint(kind, list(members))}')
    pairs = [each.partition("=") for each in rest]
    if bad := next((key for key, equals, value in pairs if not (key and equals and value)), None):
        raise InputError(
            f'{name}: "{printable(bad)}" is not allowed; must be KEY=VALUE, after {kind} and a comma'
        )
    given = {"kind": kind, **{key.strip(): resolved(value.strip()) for key, _, value in pairs}}
    checked(members[kind], given, {(): name})
    return given


def sides(name: str, given: Texts) -> dict[str, list[str]]:
    """Return what is targeted by key, written `KEY=A,B`."""
    found: dict[str, list[str]] = {}
    for text in given or ():
        key, equals, values = text.partition("=")
        if not equals:
            what = printable(f'{name}: "{text}"')
            raise InputError(f"{what} is not allowed; must be KEY=A,B, such as device=tv")
        found.setdefault(key.strip(), []).extend(value.strip() for value in values.split(","))
    return found


def cap(text: str) -> dict[str, Any]:
    """Return a frequency cap, written `N/UNIT`."""
    read = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9} ?)?([a-z]+)", text.strip().lower())
    if not read:
        allowed = "must be N/UNIT, such as 3/day, or 10/2week for two weeks"
        raise InputError(f'--cap: "{printable(text)}" is not allowed; {allowed}')
    most, count, unit = read.groups()
    return {"max_impressions": int(most), "unit": unit, "unit_count": int(count or 1)}


def dayparts(given: Iterable[str]) -> list[dict[str, list[str]]] | None:
    """Return dayparts, written `DAYS HOURS`, where either may be left out."""
    found = []
    for text in given:
        words = text.lower().split()
        hours = [word for word in words if word[0].isdigit()]
        days = [word for word in words if word not in hours]
        if not words or len(hours) > 1 or len(days) > 1:
            raise InputError(
                f'--daypart: "{printable(text)}" is not allowed; must be DAYS HOURS, such as mon-fri 18-23'
            )
        named = {"weekdays": days, "hours": hours}
        found.append({key: value[0].split(",") for key, value in named.items() if value})
    return found or None
