"""Find, read and check scenarios, examples and profiles; every refusal names file, line and path."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from entities.errors import InputError
from scenarios.models import Examples, Listing, Profile, Scenario
from scenarios.overrides import override
from scenarios.problems import validated
from scenarios.shape import hint
from scenarios.wording import quoted, shown
from scenarios.yaml_source import Layered, resolve

HERE = Path(__file__).parent
MARKETS, PROFILES, EXAMPLES = HERE / "markets", HERE / "profiles", HERE / "examples"
DEFAULT_EXAMPLES = EXAMPLES / "netflix-ads-examples.yml"
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")


@dataclass(frozen=True)
class Loaded:
    """A checked scenario, where its values came from, and every campaign that it names."""

    scenario: Scenario
    source: Layered
    listings: dict[str, Listing]
    """By example or profile name; campaigns of the scenario's own as `campaigns.0`, `campaigns.1`, …"""


def load(name: str, settings: Iterable[str] = ()) -> Loaded:
    """Return the scenario of a name or path, with every `PATH=VALUE` of *settings* over it."""
    source = override(resolve(_market_file(name), _base), settings, Scenario)
    scenario = validated(Scenario, source)
    return Loaded(scenario, source, dict(_listings(scenario, source)))


def example(name: str, template: Path = DEFAULT_EXAMPLES) -> Listing:
    """Return an example of a template file."""
    found = examples(template)
    if name not in found:
        raise InputError(f"{shown(template)}: no example {quoted(name)}; {hint(name, list(found))}")
    return found[name]


def examples(template: Path = DEFAULT_EXAMPLES) -> dict[str, Listing]:
    """Return all examples of a template file by name."""
    return dict(validated(Examples, resolve(template, _base)).examples)


def profile(name: str) -> Profile:
    """Return the profile of that name."""
    return validated(
        Profile, resolve(_named(PROFILES, "profile", name), partial(_named, PROFILES, "profile"))
    )


def names(folder: Path) -> list[str]:
    """Return the names of the files in one of the three folders, in alphabetical order."""
    return sorted(path.stem for path in folder.glob("*.yml"))


def _listings(scenario: Scenario, source: Layered) -> Iterator[tuple[str, Listing]]:
    for key, find in (("examples", example), ("profiles", profile)):
        for place, name in enumerate(getattr(scenario, key)):
            try:
                yield name, find(name)
            except InputError as error:
                raise InputError(f"{source.origin((key, place))}: {key}.{place}: {error}") from None
    for place, listing in enumerate(scenario.campaigns):
        yield f"campaigns.{place}", listing


def _market_file(name: str) -> Path:
    """Return the file of a market: a name of ours, or else a path."""
    if _NAME.fullmatch(name) and not Path(name).is_file():
        return _named(MARKETS, "scenario", name)
    return Path(name)


def _base(name: str) -> Path:
    return _named(MARKETS, "scenario", name)


def _named(folder: Path, noun: str, name: str) -> Path:
    path = folder / f"{name}.yml"
    # A name is no path: nothing outside of the folder can be named.
    if not _NAME.fullmatch(name) or not path.is_file():
        raise InputError(f"no {noun} {quoted(name)}; {hint(name, names(folder))}")
    return path
