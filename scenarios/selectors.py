"""Campaigns, line items and bidders by name, wherever they are written: `line_item[TV drama]`.

A name may be a longer path, as in `market.changes`: `line_item[Spring / TV drama]`.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from entities.errors import InputError
from entities.messages import did_you_mean, listed, nearest, quoted
from scenarios.layers import Layered, Origin, overlay, places
from scenarios.shape import Shape
from scenarios.yaml_source import Key, at, dotted
from sim.market.changes import goes_by

FIELD = "overrides"
NOUNS = ("campaign", "line_item", "bidder")
_SELECTOR = re.compile(r"([^\[\]]*)\[(.+)\]", re.DOTALL)
_STEP = re.compile(r"((?:[^.=\[\]]|\[.*?\](?=[.=]))*)([.=])", re.DOTALL)


def parsed(selector: str) -> tuple[str, str] | None:
    """Return the noun and the name of a *selector*; None of what is none."""
    found = _SELECTOR.fullmatch(selector)
    return (found[1], found[2]) if found else None


def split(setting: str) -> tuple[list[str], str] | None:
    """Return the steps of the path of `PATH=VALUE`, and the value; a name in brackets is part of its step."""
    path, end = [], 0
    while step := _STEP.match(setting, end):
        path.append(step[1].strip())
        end = step.end()
        if step[2] == "=":
            by_name = path[0].startswith(tuple(f"{noun}[" for noun in NOUNS))
            return ([FIELD, *path] if by_name else path), setting[end:]
    return None


@dataclass
class Overrides:
    """The terms that a scenario lays over what bids, by name, and whom each of its selectors met."""

    source: Layered
    met: dict[str, list[str]] = field(default_factory=dict)
    known: dict[str, list[str]] = field(default_factory=lambda: {noun: [] for noun in NOUNS})

    def over(self, listing: Layered, key: Key, shape: Shape) -> Layered:
        """Return *listing*, of that *shape*, with all terms for the campaign or bidders at *key*."""
        for noun, path, target in targets(listing.data, key):
            self.known[noun].append(path)
            for selector, terms in self._terms():
                if means(selector, noun, path):
                    self.met.setdefault(selector, []).append(path)
                    listing = self._laid_over(listing, target, (FIELD, selector), terms, shape)
        return listing

    def check(self) -> None:
        """Raise InputError for the first selector that means nobody, or several."""
        for selector, _ in self._terms():
            met, (noun, name) = self.met.get(selector, []), parsed(selector) or ("", "")
            if len(met) == 1 or noun not in NOUNS:
                continue
            where = f"{self.source.origin((FIELD, selector))}: {dotted((FIELD, selector))}: "
            words = noun.replace("_", " ")
            if met:
                several = f"{len(met)} of the scenario's: {listed(quoted(path) for path in met)}"
                raise InputError(f"{where}means {several}; write a longer path")
            names = list(dict.fromkeys(path.rpartition(" / ")[2] for path in self.known[noun]))
            alike = nearest(name.rpartition("/")[2].strip(), names)
            everyone = ((other, path) for other in NOUNS for path in self.known[other])
            near = f"{noun}[{alike}]" if alike else selector_of(name, everyone)
            there = f"{words}s are {listed(quoted(each) for each in names)}" if names else "it has none"
            hint = did_you_mean(near) or f"; {there}"
            raise InputError(f"{where}no {words} of the scenario goes by that name{hint}")

    def _terms(self) -> list[tuple[str, dict[str, Any]]]:
        # What is no mapping the model refuses.
        terms = self.source.data.get(FIELD)
        given = terms.items() if isinstance(terms, dict) else ()
        return [(selector, each) for selector, each in given if isinstance(each, dict)]

    def _laid_over(
        self, listing: Layered, target: Key, selector: Key, terms: dict[str, Any], shape: Shape
    ) -> Layered:
        data, origins, moved = copy.deepcopy(listing.data), dict(listing.origins), dict(listing.moved)
        moved |= {(*target, *place): (*selector, *place) for place in places(terms, ()) if place}

        def written(here: Key) -> Origin:
            return self.source.origin((*selector, *here[len(target) :]))

        overlay(at(data, target), terms, target, shape.at(target, data), origins, written)
        return replace(listing, data=data, origins=origins, moved=moved)


def means(selector: str, noun: str, path: str) -> bool:
    """Return whether *selector* means what is of that *noun* and has that *path* of names."""
    wanted = parsed(selector)
    return wanted is not None and wanted[0] == noun and goes_by(wanted[1], path)


def selector_of(name: str, bids: Iterable[tuple[str, str]]) -> str | None:
    """Return the selector of the first of *bids*, each a noun and a path of names, that goes by *name*."""
    return next((f"{noun}[{name}]" for noun, path in bids if goes_by(name, path)), None)


def own(data: dict[str, Any]) -> Iterator[Key]:
    """Yield the key of each campaign and of the bidders that a scenario has written out."""
    for name in ("campaigns", "bidders"):
        items = data.get(name)
        yield from ((name, place) for place in range(len(items) if isinstance(items, list) else 0))


def targets(data: Any, key: Key) -> Iterator[tuple[str, str, Key]]:
    """Yield the campaign and line items, or the bidders, at *key* of *data*: noun, path of names, key."""
    data = at(data, key)
    if not isinstance(data, dict):
        return  # what is no listing the model refuses
    if key[:1] == ("bidders",):
        yield "bidder", str(data.get("name")), key
        return
    advertiser, campaign = data.get("advertiser"), data.get("campaign")
    if not (isinstance(advertiser, dict) and isinstance(campaign, dict)):
        return
    path = f"{advertiser.get('name')} / {campaign.get('name')}"
    yield "campaign", path, (*key, "campaign")
    items = campaign.get("line_items")
    for place, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield "line_item", f"{path} / {item.get('name')}", (*key, "campaign", "line_items", place)
