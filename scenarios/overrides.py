"""What `--set PATH=VALUE` puts over a scenario: checked against its model, and remembered as such."""

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

from pydantic import BaseModel

from entities.errors import InputError
from entities.messages import listed, nearest, short
from scenarios.layers import Layered, Origin, places, replaces
from scenarios.selectors import (
    FIELD,
    NOUNS,
    is_glob,
    laid,
    means,
    own,
    parsed,
    selector_of,
    shortest,
    split,
    targets,
    unnamed,
    written,
)
from scenarios.shape import Shape
from scenarios.terms import nobody
from scenarios.yaml_source import Key, at, dotted, parse_value

SOURCE = "--set"
_DRAWS = ("seed", "drawn", "market")
"""How settings begin on which it depends who is drawn, and which lie over none by name."""


class Named(NamedTuple):
    """What goes by its name in a scenario as it stands, or in the registry beside it."""

    noun: str
    path: str
    terms: Any
    """As they are written, with no overrides over them."""
    joined: bool = False
    """Whether it is of the registry alone."""


@dataclass(frozen=True)
class Met:
    """Whom the names of settings met."""

    globs: dict[str, list[str]] = field(default_factory=dict)
    """By glob, the paths of whom it means."""
    joined: set[str] = field(default_factory=set)
    """The selectors, under `overrides`, of what is of the registry alone."""


def override(
    layered: Layered,
    settings: Iterable[str],
    model: type[BaseModel],
    named: Callable[[dict[str, Any]], Iterable[Named]] = lambda _: (),
    source: str = SOURCE,
    met: Met | None = None,
) -> Layered:
    """Return *layered* with every `PATH=VALUE` of *settings* in place, the last one winning.

    A path that *model* does not know is refused. List items are counted from 0: `campaigns.0.name`. What
    goes by name, `line_item[TV drama].max_cpm`, is put under `overrides`, and so is any value that those
    speak of; a glob is put there as the names that it means. *met* is told whom. A new `kind` takes the
    parameters of the old one away, as it does in a file.
    """
    settings = list(settings)
    if not settings:
        return layered
    data, origins = copy.deepcopy(layered.data), dict(layered.origins)
    setter = _Setter(data, origins, Shape.of(model), named, source, met or Met())
    # Names are those of the market that is asked for, wherever its seed stands among the settings.
    for setting in sorted(settings, key=lambda each: not each.strip().startswith(_DRAWS)):
        setter.put(setting)
    return replace(layered, data=setter.data, origins=setter.origins)


@dataclass(frozen=True)
class _Setter:
    data: dict[str, Any]
    origins: dict[Key, Origin]
    root: Shape
    named: Callable[[dict[str, Any]], Iterable[Named]]
    source: str
    met: Met

    def put(self, setting: str) -> None:
        found = split(setting)
        if noun := unnamed(setting):
            brackets = f"{noun}[*] means each of them, and {noun}[NAME] one"
            raise InputError(f"{self.source} {short(setting)}: names no {noun.replace('_', ' ')}; {brackets}")
        if not found or not all(found[0]):
            raise InputError(f"{self.source} {short(setting)}: should be PATH=VALUE, such as seed=7")
        value = parse_value(found[1], f"{self.source} {short(setting, 80)}")
        parts = self.where_it_counts(found[0])
        by_name = list(self.by_name(parts[1])) if parts[0] == FIELD and len(parts) > 1 else []
        for selector, terms in by_name or [("", [])]:
            here = [FIELD, selector, *parts[2:]] if selector else parts
            try:
                self.put_at(here, copy.deepcopy(value), terms)
            except InputError:
                self.check_named(parts)  # of what is not there nobody knows the fields
                raise

    def check_named(self, parts: list[str]) -> None:
        """Raise InputError where a path by name begins with the name of nobody."""
        selector = parsed(parts[1]) if parts[0] == FIELD and len(parts) > 1 else None
        if selector is None or selector.noun not in NOUNS:
            return
        known: dict[str, list[str]] = {noun: [] for noun in NOUNS}
        for each in self.named(self.data):
            known[each.noun].append(each.path)
        if not any(selector.means(selector.noun, path) for path in known[selector.noun]):
            raise InputError(f"{self.source}: {dotted(tuple(parts[:2]))}: {nobody(selector, known)}")

    def by_name(self, text: str) -> Iterator[tuple[str, list[Any]]]:
        """Yield the selector of each that *text* means, and the terms that it has, the last word first."""
        selector, there = parsed(text), list(self.named(self.data))
        if selector is None:
            return
        found = [each for each in there if selector.means(each.noun, each.path)]
        if selector.glob:
            self.met.globs[text] = [each.path for each in found]
        else:
            found = [each for each in found if not each.joined] or found
        if len(found) > 1 and not selector.glob:
            return  # which is refused later, with their names
        alike = [each.path for each in there if each.noun == selector.noun]
        for each in found:
            over = [(one, given) for one, given in laid(self.data) if means(one, selector.noun, each.path)]
            names = [one for one, _ in over if not is_glob(one)]
            usual = shortest(selector.noun, each.path, alike) if selector.glob or each.joined else text
            key = (names or [usual])[-1]
            if each.joined:
                self.met.joined.add(key)
            yield key, [*(given for _, given in reversed(over)), each.terms]

    def put_at(self, parts: list[str], value: Any, terms: list[Any]) -> None:
        data: Any = self.data
        shape, here = self.root, cast("Key", ())
        for depth in range(len(parts) - 1):
            inner, step = self.step(data, parts, depth, shape)
            here = (*here, step)
            data, shape = self.opened(data, step, inner, here, terms), inner
        _, step = self.step(data, parts, len(parts) - 1, shape)
        part, here = parts[-1], (*here, step)
        if part == "kind" and isinstance(data, dict) and replaces({"kind": value}, data, shape):
            self.forget(data, here[:-1])
            data.clear()
            self.origins[here[:-1]] = Origin(self.source)
        elif isinstance(data, list) or step in data:
            self.forget(data[step], here)
        data[step] = value
        self.written(value, here)

    def where_it_counts(self, parts: list[str]) -> list[str]:
        """Return the path of a value: that under `overrides` where those have the last word on it."""
        for noun, names, key in self.bids():
            beyond = parts[len(key) :]
            if not (beyond and parts[: len(key)] == [*map(str, key)]):
                continue
            if any(beyond[0] in given for one, given in laid(self.data) if means(one, noun, names)):
                return [FIELD, written(noun, names), *beyond]
        return parts

    def bids(self) -> Iterator[tuple[str, str, Key]]:
        for place in own(self.data):
            yield from targets(self.data, place)

    def step(self, data: Any, parts: list[str], depth: int, shape: Shape) -> tuple[Shape, Any]:
        inner = shape.inside(parts[depth])
        part = parts[depth]
        if inner is None and (inner := shape.inside(shape.word(part))):  # another word for a key
            part = next((key for key in data if shape.word(key) == shape.word(part)), shape.word(part))
        if inner is None:
            bids = [(noun, names) for noun, names, _ in self.bids()]
            by_name = selector_of(part, bids) if isinstance(data, list) else None
            near = by_name and ".".join([by_name, *parts[depth + 1 :]])
            raise InputError(f"{self.source} {_unknown(parts, depth, shape, self.root, near)}")
        if not isinstance(data, list):
            return inner, part
        if part.isdecimal() and len(part) < 10 and int(part) < len(data):
            return inner, int(part)
        path = short(".".join(parts[:depth]))
        allowed = f"has {len(data)}, counted from 0" if data else "has none"
        raise InputError(f"{self.source} {path}: {short(part)} is not one of its items; it {allowed}")

    def opened(self, data: Any, step: Any, shape: Shape, here: Key, terms: list[Any]) -> Any:
        """Return the mapping or list at *step*, which is made where the scenario says nothing there yet.

        A list of what goes by name is that of the first of *terms* that has it.
        """
        inner = data[step] if isinstance(data, list) else data.get(step)
        if isinstance(inner, dict | list):
            return inner
        fresh = None
        if inner is None:
            there = _at(terms, here[2:]) if shape.is_list() else None
            fresh = copy.deepcopy(shape.default() if there is None else there)
        if fresh is None and shape.is_list():
            path = ".".join(map(str, here))
            raise InputError(f"{self.source} {path}: has no items yet; set the whole list, [...]")
        if isinstance(inner, str) and inner in shape.kinds():  # `pacing: even` is short for `{kind: even}`
            fresh = {"kind": inner}
        data[step] = {} if fresh is None else fresh
        self.written(data[step], here)
        return data[step]

    def written(self, value: Any, here: Key) -> None:
        self.origins.update(dict.fromkeys(places(value, here), Origin(self.source)))

    def forget(self, value: Any, here: Key) -> None:
        for gone in places(value, here):
            self.origins.pop(gone, None)


def _at(terms: list[Any], key: Key) -> Any:
    for each in terms:
        with suppress(LookupError, TypeError):
            return at(each, key)
    return None


def _by_another_noun(noun: str, parts: list[str], root: Shape) -> str:
    """Return what to write instead of *parts*, which begin with an unknown *noun*."""
    brackets, rest = parts[0].removeprefix(noun), parts[1:]
    others = dict.fromkeys([nearest(noun, NOUNS) or "line_item", *NOUNS])
    for other in others:
        if root.at((FIELD, other + brackets, *rest)):
            return f"did you mean {'.'.join([other + brackets, *rest])}?"
    for other in others:  # creative[*].weight is line_item[*].creatives.0.weight
        within = [f"{other}[*]", f"{noun}s", "0"]
        if inner := root.at((FIELD, *within)):
            here, last = ".".join(within), rest[0] if rest else ""
            if near := nearest(last, inner.keys()):
                return f"did you mean {here}.{near}?"
            return f"{here} has {listed(inner.keys())}"
    return f"known there: {listed(f'{each}{brackets}' for each in others)}"


def _unknown(parts: list[str], depth: int, shape: Shape, root: Shape, near: str | None) -> str:
    known = shape.keys()
    above = "".join(f"{part}." for part in parts[:depth])
    found = near or nearest(parts[depth], known)
    dots = re.sub(r"\[(\d+)\]", r".\1", ".".join(parts))
    selector = parsed(parts[depth])
    told = f"{short('.'.join(parts))}: no such parameter; "
    if selector and dots == ".".join(parts):
        return told + _by_another_noun(selector.noun, parts[depth:], root)
    if dots != ".".join(parts):  # campaigns[0] is campaigns.0
        found = dots
    elif found and not near:
        found = ".".join([above + found, *parts[depth + 1 :]])
    elif not near and (known or not depth):  # perhaps the right name in the wrong place
        everywhere, name = list(shape.paths() if parts[0] == FIELD else root.paths()), parts[-1].lower()
        found = next((path for path in everywhere if path.lower().rpartition(".")[2] == name), None)
        found = found or nearest(".".join(parts), everywhere)
        if found and f"{'.'.join(parts)}.".startswith(f"{found}."):  # that is where it was looked for
            found = None
    if found:
        advice = f"did you mean {found}?"
    elif known:
        advice = f"known there: {listed(known)}"
    elif shape.is_list():
        advice = "items are counted from 0"
    else:
        advice = f"{short(above[:-1])} has nothing inside"
    return told + advice
