"""The terms of a campaign as options: one table of their names, keys, and how they are read and refused."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

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


def part(name: str, text: str, family: str) -> dict[str, Any]:
    """Return the kind and the parameters of a part, which are written `NAME` or `NAME,KEY=VALUE`."""
    from scenarios.scalars import resolved

    kind, *rest = text.split(",")
    members = completion.family(family).members()
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


def _part(family: str) -> Callable[[str, str], dict[str, Any]]:
    return lambda name, text: part(name, text, family)


def _sides(name: str, given: Iterable[str]) -> dict[str, list[str]]:
    """Return what is targeted by key, written `KEY=A,B`."""
    found: dict[str, list[str]] = {}
    for text in given:
        key, equals, values = text.partition("=")
        if not equals:
            what = printable(f'{name}: "{text}"')
            raise InputError(f"{what} is not allowed; must be KEY=A,B, such as device=tv")
        found.setdefault(key.strip(), []).extend(value.strip() for value in values.split(","))
    return found


def _caps(name: str, given: Iterable[str]) -> list[dict[str, Any]]:
    """Return frequency caps, written `N/UNIT`."""
    found = []
    for text in given:
        read = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9} ?)?([a-z]+)", text.strip().lower())
        if not read:
            allowed = "must be N/UNIT, such as 3/day, or 10/2week for two weeks"
            raise InputError(f'{name}: "{printable(text)}" is not allowed; {allowed}')
        most, count, unit = read.groups()
        found.append({"max_impressions": int(most), "unit": unit, "unit_count": int(count or 1)})
    return found


def _dayparts(name: str, given: Iterable[str]) -> list[dict[str, list[str]]]:
    """Return dayparts, written `DAYS HOURS`, where either may be left out."""
    found = []
    for text in given:
        words = text.lower().split()
        hours = [word for word in words if word[0].isdigit()]
        days = [word for word in words if word not in hours]
        if not words or len(hours) > 1 or len(days) > 1:
            allowed = "must be DAYS HOURS, such as mon-fri 18-23"
            raise InputError(f'{name}: "{printable(text)}" is not allowed; {allowed}')
        named = {"weekdays": days, "hours": hours}
        found.append({key: value[0].split(",") for key, value in named.items() if value})
    return found


def _seconds(_: str, given: Iterable[str]) -> list[Any]:
    from scenarios.scalars import resolved

    return [resolved(each) if each.strip() else each for each in given]


class Term(NamedTuple):
    """An option of create-campaign, and the key that it sets."""

    option: str
    metavar: str
    text: str
    key: str
    """In a campaign, in its line item, or in the profile around them."""
    complete: Callable[[str], list[str]] | None = None
    read: Callable[[str, Any], Any] = lambda _, given: given
    """From the option's name and what was given to it to the value."""


_of, _kinds = completion.of, completion.kinds
OF_CAMPAIGN = (
    Term("--objective", "WORD", "What it is for; usually awareness.", "objective", _of(Objective)),
    Term("--start", "DATE", "First day; where left out, the first of the usual market.", "start_date"),
    Term("--end", "DATE", "Last day, included; instead of --days.", "end_date"),
    Term("--timezone", "ZONE", "Of its days and hours; usually America/New_York.", "timezone",
         completion.zones),
    Term("--dsp-partner", "WORD", "Who buys; usually direct.", "dsp_partner", _of(DspPartner)),
)  # fmt: skip
OF_ITEM = (
    Term("--max-cpm", "CPM", "The most that a thousand impressions may cost; cuts bids last.", "max_cpm"),
    Term("--budget", "AMOUNT", "For all its flights; less than a bid is never spent.", "lifetime_budget"),
    Term("--daily-budget", "AMOUNT", "For each local day.", "daily_budget"),
    Term("--target", "KEY=A,B", "To whom, such as device=tv; repeatable.", "include", paths.targets, _sides),
    Term("--exclude", "KEY=A,B", "To whom not, likewise; repeatable.", "exclude", paths.targets, _sides),
    Term("--cap", "N/UNIT", "Impressions of a viewer, such as 3/day; repeatable.", "frequency_caps",
         None, _caps),
    Term("--daypart", "DAYS HOURS", "When, such as 'mon-fri 18-23', local hours; repeatable.", "dayparts",
         None, _dayparts),
    Term("--pacing", "NAME", "Usually even; see paceline list pacers.", "pacing",
         _kinds("pacers"), _part("pacers")),
    Term("--bidding", "NAME", "How it bids; usually fixed_cpm.", "bidding",
         _kinds("bidding"), _part("bidding")),
    Term("--valuation", "NAME", "What slots are worth to it; usually constant. Parameters follow:"
         " log_normal,sigma=0.3.", "valuation", _kinds("valuations"), _part("valuations")),
    Term("--format", "WORD", "Of its creatives; usually standard_video.", "ad_format", _of(AdFormat)),
)  # fmt: skip
SECONDS = Term(
    "--seconds", "N", "Length of a creative, usually 30; repeatable.", "creative_seconds", None, _seconds
)
TERMS = (*OF_CAMPAIGN, *OF_ITEM, SECONDS)


def _key(term: Term) -> Key:
    sides = ("targeting",) if term.key in {"include", "exclude"} else ()
    return ("line_items", 0, *sides, term.key)


Days = Annotated[
    int | None, option("--days", "N", "How many days it flies; 28 with --name.", parser=integer(1, 3660))
]
AUTOMATIC = ("--objective", "--start", "--end", "--timezone")
"""The options that go with --auto as well."""
OPTIONS: dict[Key, str] = (
    {("name",): "--name", ("line_items", 0, "name"): "--name"}
    | {(term.key,): term.option for term in OF_CAMPAIGN}
    | {_key(term): term.option for term in OF_ITEM}
)
"""The option of each key of a campaign."""


def with_terms(function: Callable[..., None]) -> Callable[..., None]:
    """Return *function* with an option for each of TERMS; `given` is what they were given, by option."""
    signature = inspect.signature(function, eval_str=True)

    @functools.wraps(function)
    def run(**given: Any) -> None:
        found = {term.option: given.pop(_parameter(term)) for term in TERMS}
        function(**given, given={name: value for name, value in found.items() if value is not None})

    place = list(signature.parameters).index("given")
    own = [*signature.parameters.values()]
    own[place : place + 1] = [
        inspect.Parameter(_parameter(term), own[place].kind, default=None, annotation=_annotation(term))
        for term in TERMS
    ]
    vars(run)["__signature__"] = signature.replace(parameters=own)
    return run


def _parameter(term: Term) -> str:
    return term.option.removeprefix("--").replace("-", "_")


def _annotation(term: Term) -> Any:
    taken: Any = list[str] if term.text.endswith("repeatable.") else str
    return Annotated[taken | None, option(*term[:3], autocompletion=term.complete)]


def campaign_of(name: str | None, terms: Mapping[str, Any], days: int | None) -> dict[str, Any]:
    """Return what *terms* say of a campaign; dates that are not given are the usual market's."""
    from datetime import date, timedelta

    from sim.market.market import Market

    usual = Market.model_fields
    read = {term: term.read(term.option, terms[term.option]) for term in TERMS if term.option in terms}
    item = {term.key: value for term, value in read.items() if term in OF_ITEM}
    item["targeting"] = {side: item.pop(side) for side in ("include", "exclude") if side in item}
    found = {term.key: value for term, value in read.items() if term in OF_CAMPAIGN}
    found |= {"name": name or "automatic", "line_items": [{"name": name, **item}]}
    first = found.get("start_date", usual["start"].default)
    last = usual["start"].default
    with suppress(ValueError, OverflowError):  # refused later, with its reason
        first = date.fromisoformat(first) if isinstance(first, str) else first
        last = first + timedelta(days=(days or usual["days"].default) - 1)
    return {"timezone": usual["timezone"].default, "end_date": last, **found, "start_date": first}


def written(owner: str, campaign: dict[str, Any], seconds: Iterable[str] | None) -> registry.CampaignCreate:
    """Return a campaign with one line item, and a creative of each length."""
    from scenarios.models import Profile

    data: dict[str, Any] = {"advertiser": {"name": owner}, "campaign": campaign}
    if seconds:
        data[SECONDS.key] = _seconds(SECONDS.option, seconds)
    options = {("campaign", *key): name for key, name in _options(campaign).items()}
    options[SECONDS.key,] = SECONDS.option
    profile: Profile = checked(Profile, data, options)
    return profile.campaign


def automatic(campaign: dict[str, Any]) -> registry.CampaignCreate:
    """Return the terms of an automatic campaign, checked as those of one that is written out."""
    from entities import registry

    terms = {**campaign, "line_items": []}
    made: registry.CampaignCreate = checked(registry.CampaignCreate, terms, _options(campaign))
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
