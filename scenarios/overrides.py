"""What `--set PATH=VALUE` puts over a scenario: checked against its model, and remembered as such."""

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, cast

from pydantic import BaseModel

from entities.errors import InputError
from entities.messages import listed, nearest, short
from scenarios.layers import Layered, Origin, places, replaces
from scenarios.selectors import FIELD, NOUNS, means, own, parsed, selector_of, split, targets
from scenarios.shape import Shape
from scenarios.yaml_source import Key, parse_value

SOURCE = "--set"

Find = Callable[[str, Key], Any]
"""What a selector's campaign, line item or bidder has at a key, as the scenario stands; None for nothing."""


def override(
    layered: Layered,
    settings: Iterable[str],
    model: type[BaseModel],
    find: Find = lambda *_: None,
    source: str = SOURCE,
) -> Layered:
    """Return *layered* with every `PATH=VALUE` of *settings* in place, the last one winning.

    A path that *model* does not know is refused. List items are counted from 0: `campaigns.0.name`. What
    bids goes by name: `line_item[TV drama].max_cpm` is put under `overrides`, and so is any value that those
    speak of. A new `kind` takes the parameters of the old one away, as it does in a file.
    """
    settings = list(settings)
    if not settings:
        return layered
    setter = _Setter(copy.deepcopy(layered.data), dict(layered.origins), Shape.of(model), find, source)
    for setting in settings:
        setter.put(setting)
    return replace(layered, data=setter.data, origins=setter.origins)


@dataclass(frozen=True)
class _Setter:
    data: dict[str, Any]
    origins: dict[Key, Origin]
    root: Shape
    find: Find
    source: str

    def put(self, setting: str) -> None:
        found = split(setting)
        if not found or not all(found[0]):
            raise InputError(f"{self.source} {short(setting)}: should be PATH=VALUE, such as seed=7")
        value = parse_value(found[1], f"{self.source} {short(setting, 80)}")
        parts = self.where_it_counts(found[0])
        data: Any = self.data
        shape, here = self.root, cast("Key", ())
        for depth in range(len(parts) - 1):
            inner, step = self.step(data, parts, depth, shape)
            here = (*here, step)
            data, shape = self.opened(data, step, inner, here), inner
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
        terms = self.data.get(FIELD)
        for noun, names, key in self.bids():
            beyond = parts[len(key) :]
            if not (beyond and isinstance(terms, dict) and parts[: len(key)] == [*map(str, key)]):
                continue
            for selector, given in terms.items():
                if means(selector, noun, names) and isinstance(given, dict) and beyond[0] in given:
                    return [FIELD, selector, *beyond]
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

    def opened(self, data: Any, step: Any, shape: Shape, here: Key) -> Any:
        """Return the mapping or list at *step*, which is made where the scenario says nothing there yet."""
        inner = data[step] if isinstance(data, list) else data.get(step)
        if isinstance(inner, dict | list):
            return inner
        fresh = None
        if inner is None:
            there = self.find(str(here[1]), here[2:]) if here[0] == FIELD and shape.is_list() else None
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


def _unknown(parts: list[str], depth: int, shape: Shape, root: Shape, near: str | None) -> str:
    known = shape.keys()
    above = "".join(f"{part}." for part in parts[:depth])
    found = near or nearest(parts[depth], known)
    dots = re.sub(r"\[(\d+)\]", r".\1", ".".join(parts))
    noun, name = parsed(parts[depth]) or ("", "")
    if dots != ".".join(parts):  # campaigns[0] is campaigns.0
        found = dots
    elif noun:
        found = ".".join([f"{nearest(noun, NOUNS) or NOUNS[-1]}[{name}]", *parts[depth + 1 :]])
    elif found and not near:
        found = ".".join([above + found, *parts[depth + 1 :]])
    elif not near and (known or not depth):  # perhaps the right name in the wrong place
        everywhere, name = list(root.paths()), parts[-1].lower()
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
    return f"{short('.'.join(parts))}: no such parameter; {advice}"
