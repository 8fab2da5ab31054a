"""What two runs were asked differently: their scenarios, their books, and what ran them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.runs.run import Run
from scenarios.selectors import shortest
from scenarios.show import Difference, differences
from sim.book.records import Book, BookedCampaign, BookedLineItem
from sim.family import Part, kind_of
from sim.units import MICROS, PPM

_SOLD = ("examples", "profiles", "campaigns", "bidders", "drawn", "overrides")
"""What a scenario says of whom it books; the books say what came of that."""
_CALLED = ("name", "description")
_PARTS = ("deal", "pacing", "bidding", "valuation")
_Terms = dict[tuple[str, str], dict[str, Any]]
"""By noun and path of names."""


def asked(one: Run, other: Run) -> list[Difference]:
    """Return where the scenarios of two runs differ, then where their books do, by the paths of `--set`.

    What only one of them has is None in the other. A part of another kind is told by what it does not leave
    to its defaults.
    """
    found = [
        each
        for each in differences(one.scenario, other.scenario)
        if each.path.replace("[", ".").partition(".")[0] not in (*_SOLD, *_CALLED)
    ]
    return [*found, *_books(one.book, other.book)]


def ran_by(one: Run, other: Run) -> list[Difference]:
    """Return what differs in the code and in the versions that ran two runs."""
    sides = [{"code": run.spec.code, **run.spec.versions} for run in (one, other)]
    names = dict.fromkeys(name for side in sides for name in side)
    pairs = (Difference(name, *(side.get(name) for side in sides)) for name in names)
    return [each for each in pairs if each.first != each.second]


def _books(one: Book, other: Book) -> Iterator[Difference]:
    ours, theirs = _terms(one), _terms(other)
    both = list(dict.fromkeys((*ours, *theirs)))
    for noun, path in both:
        selector = shortest(noun, path, [each for word, each in both if word == noun])
        sides = ours.get((noun, path)), theirs.get((noun, path))
        if None not in sides:
            yield from _differing(selector, *sides)
        elif noun == "line_item":
            yield Difference(selector, *(side and {"name": path, **_plain(side)} for side in sides))


def _differing(path: str, one: Any, other: Any) -> Iterator[Difference]:
    if isinstance(one, Part) and isinstance(other, Part):
        whole = type(one) is type(other)
        one, other = _part(one, whole), _part(other, whole)
        if not whole:
            yield Difference(path, one, other)
            return
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in dict.fromkeys((*one, *other)):
            yield from _differing(f"{path}.{key}", one.get(key), other.get(key))
    elif one != other:
        sides = _plain({"one": one, "other": other})
        yield Difference(path, sides["one"], sides["other"])


def _plain(terms: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _part(each, False) if isinstance(each, Part) else each for name, each in terms.items()}


def _part(part: Part, whole: bool) -> Any:
    said = part.model_dump(mode="json", exclude_defaults=not whole)
    kind = kind_of(type(part))
    return {**said, "kind": kind} if whole else {"kind": kind, **said} if set(said) - {"kind"} else kind


def _terms(book: Book) -> _Terms:
    found: _Terms = {}
    for campaign in book.campaigns:
        found["campaign", f"{campaign.advertiser} / {campaign.name}"] = _campaign(campaign)
    for place, item in enumerate(book.line_items):
        found["line_item", item.path] = _line_item(book, place, item)
    return found


def _campaign(campaign: BookedCampaign) -> dict[str, Any]:
    budgets = _budgets(campaign.lifetime_micros, campaign.daily_micros)
    return {**budgets, "pacing": campaign.pacing, "status": _status(campaign.paused)}


def _line_item(book: Book, place: int, item: BookedLineItem) -> dict[str, Any]:
    caps = [book.caps[cap] for cap in item.caps]
    creatives = (one for one in book.creatives if one.line_item == place)
    return {
        "max_cpm": item.max_bid_micros / 1000,
        **_budgets(item.lifetime_micros, item.daily_micros),
        "status": _status(item.paused),
        "flights": [f"hours {first} to {last}" for first, last in item.flights],
        "dayparts": None if item.dayparts is None else sorted(item.dayparts),
        "targeting": {
            side: {str(key): [str(value) for value in values] for key, values in given.items()}
            for side, given in (("include", item.include), ("exclude", item.exclude))
        },
        "frequency_caps": [f"{cap.limit} per {cap.unit_count} {cap.unit}, {cap.zone}" for cap in caps],
        "slot_in_pod": str(item.slot_in_pod),
        "holdout": item.holdout_ppm / PPM,
        **{name: getattr(item, name) for name in _PARTS},
        "creatives": {
            one.name: {"duration_s": one.seconds, "weight": one.weight, "interactive": one.interactive}
            for one in creatives
        },
        "category": item.category,
        "timezone": item.zone,
    }


def _budgets(lifetime: int | None, daily: int | None) -> dict[str, float | None]:
    named = {"lifetime_budget": lifetime, "daily_budget": daily}
    return {name: None if micros is None else micros / MICROS for name, micros in named.items()}


def _status(paused: bool) -> str:
    return "paused" if paused else "active"
