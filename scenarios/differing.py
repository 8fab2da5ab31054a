"""How two loaded scenarios differ: terms by name are told as what they make of whom they meet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scenarios.drawn import NAME as DRAWN
from scenarios.loader import Loaded
from scenarios.models import Listing
from scenarios.scalars import plain
from scenarios.selectors import FIELD, NAMED, shortest, targets
from scenarios.show import Difference, differing
from scenarios.yaml_source import at

_Terms = dict[tuple[str, str], dict[str, Any]]
"""By noun and path of names."""


def differences(first: Loaded, second: Loaded) -> list[Difference]:
    """Return where two scenarios differ: in the model's order, then in what both name.

    Campaigns, line items and creatives are compared by name. Terms under `overrides` are told as they are
    written only where they are of an example or a profile that one of both has alone, or of what is drawn.
    """
    one, other = (_without_told(each, beside) for each, beside in ((first, second), (second, first)))
    return [*differing(one, other), *_named(first, second)]


def _without_told(loaded: Loaded, other: Loaded) -> dict[str, Any]:
    # What terms come to is in the scenario's own campaigns, and told of what both name.
    drawn = {name for name in loaded.listings if name.startswith(f"{DRAWN}.")}
    alone = {path for name in (_ours(loaded) - _ours(other)) | drawn for _, path in _terms(loaded, name)}
    data: dict[str, Any] = plain(loaded.scenario)
    given: Mapping[str, Any] = data.pop(FIELD, {})
    kept = {one: terms for one, terms in given.items() if alone & set(loaded.met.get(one, ()))}
    return {**data, FIELD: kept}


def _named(first: Loaded, second: Loaded) -> Iterator[Difference]:
    both = [name for name in first.listings if name in _ours(first) & _ours(second)]
    ours, theirs = (_all(loaded, both) for loaded in (first, second))
    known = list(dict.fromkeys((*ours, *theirs)))
    for noun, path in known:
        selector = shortest(noun, path, [each for word, each in known if word == noun])
        for one in differing(ours.get((noun, path)), theirs.get((noun, path))):
            yield one._replace(path=f"{selector}.{one.path}" if one.path else selector)


def _all(loaded: Loaded, names: list[str]) -> _Terms:
    return {key: terms for name in names for key, terms in _terms(loaded, name).items()}


def _ours(loaded: Loaded) -> set[str]:
    return {name for name in loaded.listings if "." not in name}


def _terms(loaded: Loaded, name: str) -> _Terms:
    listing = loaded.listings[name]
    data = plain({field: getattr(listing, field) for field in Listing.model_fields})
    named = NAMED["profiles" if name in loaded.scenario.profiles else "examples"], name
    found = {(noun, path): dict(at(data, key)) for noun, path, key in targets(data, (), named)}
    for (noun, _), terms in found.items():
        terms.pop("line_items" if noun == "campaign" else "campaign", None)  # which go by names of their own
    return found
