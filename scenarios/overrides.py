"""What `--set PATH=VALUE` puts over a scenario: checked against its model, and remembered as such."""

import copy
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from entities.errors import InputError
from entities.messages import listed, nearest, short
from scenarios.layers import Layered, Origin, places, replaces
from scenarios.selectors import NOUNS, parsed, split
from scenarios.shape import Shape
from scenarios.yaml_source import Key, parse_value

SOURCE = "--set"


def override(layered: Layered, settings: Iterable[str], model: type[BaseModel]) -> Layered:
    """Return *layered* with every `PATH=VALUE` of *settings* in place, the last one winning.

    A path that *model* does not know is refused. List items are counted from 0: `campaigns.0.name`. Campaigns
    and line items go by name: `line_item[TV drama].max_cpm` is put under `overrides`. A new `kind` takes the
    parameters of the old one away, as it does in a file.
    """
    settings = list(settings)
    if not settings:
        return layered
    shape = Shape.of(model)
    data, origins = copy.deepcopy(layered.data), dict(layered.origins)
    for setting in settings:
        path, value = _split(setting)
        _put(data, path, value, shape, origins)
    return replace(layered, data=data, origins=origins)


def _split(setting: str) -> tuple[list[str], Any]:
    found = split(setting)
    if not found or not all(found[0]):
        raise InputError(f"{SOURCE} {short(setting)}: should be PATH=VALUE, such as seed=7")
    return found[0], parse_value(found[1], f"{SOURCE} {short(setting, 80)}")


def _put(data: Any, parts: list[str], value: Any, root: Shape, origins: dict[Key, Origin]) -> None:
    here: Key = ()
    shape: Shape | None = root
    for depth, part in enumerate(parts):
        last = depth == len(parts) - 1
        inner = shape.inside(part) if shape else None
        if shape is None or inner is None:
            raise InputError(_unknown(parts, depth, shape, root))
        step: Any = _index(part, data, parts, depth) if isinstance(data, list) else part
        here = (*here, step)
        if last:
            if part == "kind" and isinstance(data, dict) and replaces({"kind": value}, data, shape):
                _forget(data, here[:-1], origins)
                data.clear()
                origins[here[:-1]] = Origin(SOURCE)
            elif isinstance(data, list) or part in data:
                _forget(data[step], here, origins)
            data[step] = value
            origins.update(dict.fromkeys(places(value, here), Origin(SOURCE)))
        else:
            data = _opened(data, step, inner, here, origins)
            shape = inner


def _opened(data: Any, step: Any, shape: Shape, here: Key, origins: dict[Key, Origin]) -> Any:
    """Return the mapping or list at *step*, which is made where the scenario says nothing there yet."""
    inner = data[step] if isinstance(data, list) else data.get(step)
    if isinstance(inner, dict | list):
        return inner
    fresh = copy.deepcopy(shape.default()) if inner is None else None
    if fresh is None and shape.is_list():
        raise InputError(f"{SOURCE} {'.'.join(map(str, here))}: has no items yet; set the whole list, [...]")
    if isinstance(inner, str) and inner in shape.kinds():  # `pacing: even` is short for `{kind: even}`
        fresh = {"kind": inner}
    data[step] = {} if fresh is None else fresh
    origins.update(dict.fromkeys(places(data[step], here), Origin(SOURCE)))
    return data[step]


def _index(part: str, items: list[Any], parts: list[str], depth: int) -> int:
    if part.isdecimal() and len(part) < 10 and int(part) < len(items):
        return int(part)
    path = short(".".join(parts[:depth]))
    allowed = f"has {len(items)}, counted from 0" if items else "has none"
    raise InputError(f"{SOURCE} {path}: {short(part)} is not one of its items; it {allowed}")


def _forget(value: Any, path: Key, origins: dict[Key, Origin]) -> None:
    for gone in places(value, path):
        origins.pop(gone, None)


def _unknown(parts: list[str], depth: int, shape: Shape | None, root: Shape) -> str:
    known = shape.keys() if shape else []
    above = "".join(f"{part}." for part in parts[:depth])
    found = nearest(parts[depth], known)
    dots = re.sub(r"\[(\d+)\]", r".\1", ".".join(parts))
    noun, name = parsed(parts[depth]) or ("", "")
    if dots != ".".join(parts):  # campaigns[0] is campaigns.0
        found = dots
    elif noun:
        found = ".".join([f"{nearest(noun, NOUNS) or NOUNS[-1]}[{name}]", *parts[depth + 1 :]])
    elif found:
        found = ".".join([above + found, *parts[depth + 1 :]])
    elif known or not depth:  # perhaps the right name in the wrong place
        everywhere, name = list(root.paths()), parts[-1].lower()
        found = next((path for path in everywhere if path.lower().rpartition(".")[2] == name), None)
        found = found or nearest(".".join(parts), everywhere)
        if found and f"{'.'.join(parts)}.".startswith(f"{found}."):  # that is where it was looked for
            found = None
    if found:
        advice = f"did you mean {found}?"
    elif known:
        advice = f"known there: {listed(known)}"
    elif shape and shape.is_list():
        advice = "items are counted from 0"
    else:
        advice = f"{short(above[:-1])} has nothing inside"
    return f"{SOURCE} {short('.'.join(parts))}: no such parameter; {advice}"
