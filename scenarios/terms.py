"""The terms that a scenario lays over what it names, by name, and whom they meet."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import BaseModel

from entities.errors import InputError
from entities.messages import did_you_mean, listed, nearest, quoted, resembling
from scenarios.layers import Layered, Origin, overlay, places
from scenarios.selectors import FIELD, NOUNS, Selector, laid, means, parsed, selector_of, targets, written
from scenarios.shape import Shape
from scenarios.yaml_source import Key, at, dotted

SHOWN = 5
"""How many of those whom a glob met are told by name."""
NEAR = 3
"""How many names a message has instead of one that is of nobody."""


@dataclass
class Overrides:
    """The terms that a scenario lays over what bids, by name, and whom each of its selectors met."""

    source: Layered
    met: dict[str, list[str]] = field(default_factory=dict)
    known: dict[str, list[str]] = field(default_factory=lambda: {noun: [] for noun in NOUNS})

    def over(
        self, listing: Layered, key: Key, model: type[BaseModel], named: tuple[str, str] | None = None
    ) -> Layered:
        """Return *listing*, of that *model*, with all terms for the campaign or bidders at *key*.

        Of an example or a profile, *named* is its noun and name.
        """
        for noun, path, target in targets(listing.data, key, named):
            self.known[noun].append(path)
            for selector, terms in laid(self.source.data):
                if means(selector, noun, path):
                    self.met.setdefault(selector, []).append(path)
                    listing = self._laid_over(listing, target, (FIELD, selector), terms, Shape.of(model))
        return listing

    def check(self) -> None:
        """Raise InputError for the first selector that means nobody, or, being no glob, several."""
        for text, _ in laid(self.source.data):
            met, selector = self.met.get(text, []), parsed(text)
            if selector is None or selector.noun not in NOUNS or len(met) == 1 or (met and selector.glob):
                continue
            where = f"{self.source.origin((FIELD, text))}: {dotted((FIELD, text))}: "
            raise InputError(f"{where}{_several(selector, met) if met else nobody(selector, self.known)}")

    def _laid_over(
        self, listing: Layered, target: Key, selector: Key, terms: dict[str, Any], shape: Shape
    ) -> Layered:
        data, origins, moved = copy.deepcopy(listing.data), dict(listing.origins), dict(listing.moved)
        moved |= {(*target, *place): (*selector, *place) for place in places(terms, ()) if place}

        def written_at(here: Key) -> Origin:
            return self.source.origin((*selector, *here[len(target) :]))

        overlay(at(data, target), terms, target, shape.at(target, data), origins, written_at)
        return replace(listing, data=data, origins=origins, moved=moved)


def nobody(selector: Selector, known: Mapping[str, list[str]]) -> str:
    """Return that *selector* means none of those *known*, paths by noun, and which names are like its own."""
    noun, name, words = selector.noun, selector.name, _words(selector.noun)
    names = list(dict.fromkeys(map(_last, known[noun])))
    told = f"no {words} of the scenario {'is like that' if selector.glob else 'goes by that name'}"
    word = " ".join(_last(name.replace("/", " / ")).replace("*", " ").split())
    alike = nearest(word, names)
    if near := [alike] if alike else resembling(word, names, NEAR):
        return f"{told}; did you mean {' or '.join(written(noun, each) for each in near)}?"
    everyone = ((other, path) for other in NOUNS for path in known[other])
    if not selector.glob and (other := selector_of(name, everyone)):
        return told + did_you_mean(other)
    return f"{told}; {f'{words}s are {listed(map(quoted, names), NEAR)}' if names else 'it has none'}"


def apart(source: Layered, selectors: Collection[str]) -> tuple[Layered, Layered]:
    """Return a scenario without the overrides of some *selectors*, and one with those alone."""
    if not selectors:
        return source, replace(source, data={})
    terms = source.data[FIELD]
    left = {key: value for key, value in source.data.items() if key != FIELD}
    if kept := {key: value for key, value in terms.items() if key not in selectors}:
        left[FIELD] = kept
    taken = {key: value for key, value in terms.items() if key in selectors}
    return replace(source, data=left), replace(source, data={FIELD: taken})


def told(met: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield a line for each glob of *met*: how many it means, and whom."""
    for text, found in met.items():
        selector, paths = parsed(text), list(dict.fromkeys(found))
        if selector is not None and selector.glob:
            names = list(map(_last, paths))
            many = f"{len(paths)} {_words(selector.noun)}{'s' * (len(paths) != 1)}"
            shown = names if len({*names}) == len(names) else paths
            yield f"{text} means {many}: {listed(map(quoted, shown), SHOWN)}"


def _several(selector: Selector, met: list[str]) -> str:
    glob = f"{selector.noun}[* / {selector.name}]"
    every = (
        f" for one of them, or {glob} for all"
        if all(means(glob, selector.noun, path) for path in met)
        else ""
    )
    whom = f"means {len(met)} of the scenario's: {listed(map(quoted, met))}"
    return f"{whom}; write a longer path{every}"


def _last(path: str) -> str:
    return path.rpartition(" / ")[2]


def _words(noun: str) -> str:
    return noun.replace("_", " ")
