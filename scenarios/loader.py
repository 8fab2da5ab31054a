"""Find, read and check scenarios, examples and profiles; every refusal names file, line and path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from entities.errors import InputError
from entities.messages import hint, nearest, quoted
from scenarios.drawn import NAME as DRAWN
from scenarios.drawn import drawn_of
from scenarios.layers import Layered, resolve
from scenarios.models import Examples, Listing, Profile, Scenario
from scenarios.overrides import SOURCE, Met, Named, override
from scenarios.problems import validated
from scenarios.scalars import plain
from scenarios.selectors import NAMED, own, targets
from scenarios.terms import Overrides, apart
from scenarios.value_files import inlined
from scenarios.yaml_source import Document, Key, at, shown

HERE = Path(__file__).parent
MARKETS, PROFILES, EXAMPLES = HERE / "markets", HERE / "profiles", HERE / "examples"
DEFAULT_EXAMPLES = EXAMPLES / "netflix-ads-examples.yml"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


Registered = Iterable[dict[str, Any]]
"""Campaigns of a registry, each as the mapping of which a Listing is made."""


@dataclass(frozen=True)
class Loaded:
    """A checked scenario, where its values came from, and every campaign that it names."""

    scenario: Scenario
    source: Layered
    listings: dict[str, Listing]
    """By example or profile name; those of the scenario's own as `campaigns.0`, …, `bidders.0.0`, …"""
    written: dict[str, tuple[Layered, Key]]
    """Where each of them is written: in which files, and under which key."""
    met: Mapping[str, list[str]] = field(default_factory=dict)
    """By the selector of terms, the paths of whom it met."""
    joined: Mapping[str, Listing] = field(default_factory=dict)
    """By `advertiser / campaign`, those of the registry alone over which settings have laid terms."""


def load(name: str, settings: Iterable[str] = (), source: str = SOURCE, registry: Registered = ()) -> Loaded:
    """Return the scenario of a name or path, with every `PATH=VALUE` of *settings* over it.

    Messages on a setting name its *source*. Settings reach the campaigns of the *registry* as well, which
    compete without being named: their terms are no part of the scenario, but of `joined`.
    """
    return _checked(_of_kind("scenario", _market_file(name)), settings, source, registry)


def built(
    scenario: Scenario | Mapping[str, Any],
    settings: Iterable[str] = (),
    source: str = SOURCE,
    registry: Registered = (),
) -> Loaded:
    """Return a scenario that was written in Python, with every `PATH=VALUE` of *settings* over it, as `load`.

    It comes from no file: its own name stands where a message would have that of one, and a file that it
    names or extends is looked for from the working directory.
    """
    data = plain(scenario, "scenario")
    name = f"scenario {quoted(str(data['name']))}" if "name" in data else "scenario"
    return _checked(_of_kind("scenario", Document(Path(name), data, {})), settings, source, registry)


def _checked(written: Layered, settings: Iterable[str], by: str, registry: Registered) -> Loaded:
    met, registry = Met(), list(registry)
    standing = partial(_standing, registry)
    source = inlined(override(written, settings, Scenario, standing, by, met))
    source, beside = apart(source, met.joined)
    overrides = Overrides(source, met.globs)
    for key in own(source.data):
        source = overrides.over(source, key, Scenario)
    scenario = validated(Scenario, source)
    found = list(_listings(scenario, source, overrides))
    for one in standing(written.data) if registry else ():
        if one.joined:
            overrides.known[one.noun].append(one.path)
    overrides.check()
    listings = {name: listing for name, listing, _ in found}
    joined = dict(_joined(registry, Overrides(beside))) if met.joined else {}
    places = {name: place for name, _, place in found}
    return Loaded(scenario, source, listings, places, overrides.met, joined)


def _joined(registry: Registered, overrides: Overrides) -> Iterator[tuple[str, Listing]]:
    for data in registry:
        there = Layered(Path("registry"), data, {}, ())
        written = overrides.over(there, (), Listing)
        if written is not there:
            listing = validated(Listing, written)
            yield f"{listing.advertiser.name} / {listing.campaign.name}", listing


def _standing(registry: Registered, data: dict[str, Any]) -> Iterator[Named]:
    found: list[tuple[Any, Key, tuple[str, str] | None]] = [(data, place, None) for place in own(data)]
    for what, find, _ in _FOUND:
        given = data.get(what)
        for name in given if isinstance(given, list) else ():
            with suppress(InputError, TypeError):  # which is refused later, with its line
                source, place = find(name)
                found.append((source.data, place, (NAMED[what], name)))
    found += [(each, (), None) for each in drawn_of(data)]
    named: set[tuple[str, str]] = set()
    for written, place, by_name in found:
        for noun, path, key in targets(written, place, by_name):
            named.add((noun, path))
            yield Named(noun, path, at(written, key))
    for there in registry:
        if not _is_named(there, named):
            yield from (Named(noun, path, at(there, key), True) for noun, path, key in targets(there, ()))


def _is_named(there: dict[str, Any], named: set[tuple[str, str]]) -> bool:
    advertiser, campaign = there["advertiser"]["name"], there["campaign"]["name"]
    # Bidders are advertisers and campaigns of one name, numbered where there are several.
    bidder = re.sub(r" \d+$", "", campaign) if advertiser == campaign else None
    bidders = {("bidder", campaign), ("bidder", bidder)} if bidder else set()
    return bool(named & {("campaign", f"{advertiser} / {campaign}"), *bidders})


def example(name: str, template: Path = DEFAULT_EXAMPLES) -> Listing:
    """Return an example of a template file."""
    return _listing(*_example(name, template))


def examples(template: Path = DEFAULT_EXAMPLES) -> dict[str, Listing]:
    """Return all examples of a template file by name."""
    return dict(validated(Examples, inlined(_of_kind("examples", template))).examples)


def profile(name: str) -> Listing:
    """Return the profile of that name."""
    return _listing(*_profile(name))


def names(folder: Path) -> list[str]:
    """Return the names of the files in one of the three folders, in alphabetical order."""
    return sorted(path.stem for path in folder.glob("*.yml"))


def _example(name: str, template: Path = DEFAULT_EXAMPLES) -> tuple[Layered, Key]:
    source, key = inlined(_of_kind("examples", template)), ("examples", name)
    with suppress(LookupError, TypeError):
        at(source.data, key)  # which is checked later, as it will be with overrides
        return source, key
    near = _another(name, "example") or hint(name, validated(Examples, source).examples)
    raise InputError(f"{shown(template)}: no example {quoted(name)}; {near}")


def _profile(name: str) -> tuple[Layered, Key]:
    find = partial(_named, PROFILES, "profile")
    return inlined(resolve(find(name), find, Profile)), ()


def _listing(source: Layered, key: Key) -> Listing:
    return validated(Examples, source).examples[str(key[1])] if key else validated(Profile, source)


def _listings(
    scenario: Scenario, source: Layered, overrides: Overrides
) -> Iterator[tuple[str, Listing, tuple[Layered, Key]]]:
    for what, find, model in _FOUND:
        for place, name in enumerate(getattr(scenario, what)):
            try:
                written, key = find(name)
            except InputError as error:
                raise InputError(f"{source.origin((what, place))}: {what}.{place}: {error}") from None
            written = overrides.over(written, key, model, (NAMED[what], name))
            yield name, _listing(written, key), (written, key)
    for place, listing in enumerate(scenario.campaigns):
        yield f"campaigns.{place}", listing, (source, ("campaigns", place))
    for (place, number), listing in scenario.bidder_listings.items():
        yield f"bidders.{place}.{number}", listing, (source, ("bidders", place))
    for place, data in enumerate(scenario.drawn_listings):
        drawn = Layered(source.path, data, {(): source.origin((DRAWN,))}, ())
        written = overrides.over(drawn, (), Listing)
        yield f"{DRAWN}.{place}", validated(Listing, written), (written, ())


_FOUND: tuple[tuple[str, Callable[[str], tuple[Layered, Key]], type[BaseModel]], ...] = (
    ("examples", _example, Examples),
    ("profiles", _profile, Profile),
)
_KINDS: dict[str, tuple[type[BaseModel], str]] = {
    "scenario": (Scenario, "a scenario; run it with: paceline simulate"),
    "profile": (Profile, "a profile; a scenario names those of ours under `profiles`"),
    "examples": (Examples, "examples; create them with: paceline create-example --template"),
}


def _of_kind(kind: str, written: Path | Document) -> Layered:
    source = resolve(written, _base, _KINDS[kind][0])
    found = _kind_of(source.data)
    if found and found != kind:
        raise InputError(f"{shown(source.path)}: holds {_KINDS[found][1]}")
    return source


def _kind_of(data: dict[str, Any]) -> str | None:
    if "name" not in data and isinstance(data.get("examples"), dict):
        return "examples"
    if "name" not in data and {"advertiser", "campaign"} <= set(data):
        return "profile"
    return "scenario" if {"market", "campaigns"} & set(data) else None


def _market_file(name: str) -> Path:
    path = Path(name)
    if not name or (_NAME.fullmatch(name) and not path.is_file()):
        return _base(name)
    with suppress(OSError, ValueError):
        beside = [file.name for file in path.parent.glob("*.y*ml")]
        near = None if path.exists() or path.is_symlink() else nearest(path.name, beside)
        if near:
            raise InputError(f"{shown(path)}: no such file; did you mean {shown(path.with_name(near))}?")
    return path


def _named(folder: Path, noun: str, name: str) -> Path:
    path = folder / f"{name}.yml"
    # A name is no path: nothing outside of the folder can be named.
    if not _NAME.fullmatch(name) or not path.is_file():
        raise InputError(f"no {noun} {quoted(name)}; {_another(name, noun) or hint(name, names(folder))}")
    return path


_base = partial(_named, MARKETS, "scenario")


def _another(name: str, noun: str) -> str | None:
    if noun == "scenario" and _NAME.fullmatch(name) and Path(f"{name}.yml").is_file():
        return f"did you mean {name}.yml?"
    there = {"scenario": names(MARKETS), "profile": names(PROFILES), "example": []}
    if noun != "example":
        there["example"] = list(resolve(DEFAULT_EXAMPLES, _base).data["examples"])
    other = next((other for other, known in there.items() if name in known and other != noun), None)
    return other and f"it is {'an' if other == 'example' else 'a'} {other}"
