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
from sim.cli.errors import integer
from sim.cli.options import option

if TYPE_CHECKING:
    from entities import registry
    from scenarios.yaml_source import Key


def part(name: str, text: str, family: str) -> dict[str, Any]:
    """Return the kind and the parameters of a part, which are written `NAME` or `NAME,KEY=VALUE`."""
    kind = text.partition(",")[0]
    members = completion.family(family).members()
    if kind not in members:
        raise InputError(f'{name}: "{printable(kind)}" is not known; {hint(kind, list(members))}')
    given = {"kind": kind, **parameters(name, text)}
    checked(members[kind], given, {(): name})
    return given


def parameters(name: str, text: str) -> dict[str, Any]:
    """Return what follows the name of a part in *text*, `NAME,KEY=VALUE`."""
    from scenarios.scalars import resolved

    called, *rest = text.split(",")
    pairs = [each.partition("=") for each in rest]
    if bad := next((key for key, equals, value in pairs if not (key and equals and value)), None):
        told = f"must be KEY=VALUE, after {printable(called)} and a comma"
        raise InputError(f'{name}: "{printable(bad)}" is not allowed; {told}')
    return {key.strip(): resolved(value.strip()) for key, _, value in pairs}


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


def _number(_: str, given: str) -> Any:
    from scenarios.scalars import resolved

    return resolved(given) if given.strip() else given


class Term(NamedTuple):
    """An option of create-campaign, and the key that it sets, dotted where it is further in."""

    option: str
    metavar: str
    text: str
    key: str
    complete: Callable[[str], list[str]] | None = None
    read: Callable[[str, Any], Any] = lambda _, given: given
    """From the option's name and what was given to it to the value."""


def _one_of(family: str) -> tuple[Callable[[str], list[str]], Callable[[str, Any], Any]]:
    return completion.kinds(family), functools.partial(part, family=family)


_of, _keys = completion.of, completion.targets
OF_CAMPAIGN = (
    Term("--objective", "WORD", "What it is for; usually awareness.", "objective", _of(Objective)),
    Term("--start", "DATE", "First day; where left out, the first of the usual market.", "start_date"),
    Term("--end", "DATE", "Last day, included; instead of --days.", "end_date"),
    Term("--timezone", "ZONE", "Of its days and hours; usually America/New_York.", "timezone",
         completion.zones),
    Term("--dsp-partner", "WORD", "Who buys; usually direct.", "dsp_partner", _of(DspPartner)),
    Term("--campaign-budget", "AMOUNT", "For all its line items together.", "lifetime_budget"),
    Term("--campaign-pacing", "NAME", "Plans for all its line items together; with --campaign-budget.",
         "pacing", *_one_of("pacers")),
)  # fmt: skip
OF_ITEM = (
    Term("--max-cpm", "CPM", "The most that a thousand impressions may cost; cuts bids last.", "max_cpm"),
    Term("--budget", "AMOUNT", "For all its flights; less than a bid is never spent.", "lifetime_budget"),
    Term("--daily-budget", "AMOUNT", "For each local day.", "daily_budget"),
    Term("--target", "KEY=A,B", "To whom, such as device=tv; repeatable.", "targeting.include",
         _keys, _sides),
    Term("--exclude", "KEY=A,B", "To whom not; repeatable.", "targeting.exclude", _keys, _sides),
    Term("--cap", "N/UNIT", "Impressions of a viewer, such as 3/day; repeatable.", "frequency_caps",
         None, _caps),
    Term("--daypart", "DAYS HOURS", "When, such as 'mon-fri 18-23', local hours; repeatable.", "dayparts",
         None, _dayparts),
    Term("--pacing", "NAME", "Usually traffic_shaped; see paceline list pacers.", "pacing",
         *_one_of("pacers")),
    Term("--bidding", "NAME", "How it bids; usually fixed_cpm.", "bidding", *_one_of("bidding")),
    Term("--valuation", "NAME", "What slots are worth to it; usually constant. Parameters follow:"
         " log_normal,sigma=0.3.", "valuation", *_one_of("valuations")),
    Term("--holdout", "SHARE", "Of viewers, never served, beside whom lift is measured.", "holdout",
         None, _number),
    Term("--format", "WORD", "Of its creatives; usually standard_video.", "ad_format", _of(AdFormat)),
)  # fmt: skip
OF_PROFILE = (
    Term("--seconds", "N", "Length of a creative, usually 30; repeatable.", "creative_seconds",
         None, _seconds),
)  # fmt: skip
_ABOVE: dict[Key, tuple[Term, ...]] = {
    ("campaign",): OF_CAMPAIGN, ("campaign", "line_items", 0): OF_ITEM, (): OF_PROFILE
}  # fmt: skip
TERMS = {(*above, *term.key.split(".")): term for above, terms in _ABOVE.items() for term in terms}
"""By the key of a profile that each sets."""
Days = Annotated[int | None, option("N", "How many days it flies; 28 with --name.", parser=integer(1, 3660))]
AUTOMATIC = ("--objective", "--start", "--end", "--timezone")
"""The options that go with --auto as well."""


def with_terms(function: Callable[..., None]) -> Callable[..., None]:
    """Return *function* with an option for each of TERMS; `given` is what they were given, by option."""
    signature = inspect.signature(function, eval_str=True)

    @functools.wraps(function)
    def run(**given: Any) -> None:
        found = {term.option: given.pop(_parameter(term)) for term in TERMS.values()}
        function(**given, given={name: value for name, value in found.items() if value is not None})

    place = list(signature.parameters).index("given")
    own = [*signature.parameters.values()]
    own[place : place + 1] = [
        inspect.Parameter(_parameter(term), own[place].kind, default=None, annotation=_annotation(term))
        for term in TERMS.values()
    ]
    vars(run)["__signature__"] = signature.replace(parameters=own)
    return run


def _parameter(term: Term) -> str:
    return term.option.removeprefix("--").replace("-", "_")


def _annotation(term: Term) -> Any:
    taken: Any = list[str] if term.text.endswith("repeatable.") else str
    return Annotated[taken | None, option(term.metavar, term.text, autocompletion=term.complete)]


def profile_of(name: str | None, given: Mapping[str, Any], days: int | None) -> dict[str, Any]:
    """Return what was *given* of a campaign, as a profile; dates that were not are the usual market's.

    Without a *name* it is automatic, and has no line item.
    """
    from datetime import date, timedelta

    from scenarios.yaml_source import at
    from sim.market.market import Market

    usual = {field: info.default for field, info in Market.model_fields.items()}
    campaign = {
        "name": name or "automatic",
        "timezone": usual["timezone"],
        "start_date": usual["start"],
        "end_date": usual["start"],
        "line_items": [{"name": name, "targeting": {}}] if name is not None else [],
    }
    profile = {"campaign": campaign}
    for (*above, last), term in TERMS.items():
        if term.option in given:
            at(profile, tuple(above))[last] = term.read(term.option, given[term.option])
    with suppress(ValueError, OverflowError):  # refused later, with its reason
        first = campaign["start_date"] = date.fromisoformat(str(campaign["start_date"]))
        if "--end" not in given:
            campaign["end_date"] = first + timedelta(days=(days or usual["days"]) - 1)
    return profile


def campaign_of(owner: str, profile: dict[str, Any], given: Mapping[str, Any]) -> registry.CampaignCreate:
    """Return the campaign of a *profile*, checked, with a creative of each length."""
    from scenarios.models import Profile

    options = {("campaign", "name"): "--name", ("campaign", "line_items", 0, "name"): "--name"}
    options |= {key: term.option for key, term in TERMS.items()}
    if "--end" not in given:
        options["campaign", "end_date"] = "--days"
    found: Profile = checked(Profile, {"advertiser": {"name": owner}, **profile}, options)
    return found.campaign


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
