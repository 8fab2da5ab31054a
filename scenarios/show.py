"""A resolved scenario as YAML that loads again, with where each value came from; and how two differ."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Any, NamedTuple

from scenarios.drawn import NAME as DRAWN
from scenarios.layers import Layered
from scenarios.loader import Loaded
from scenarios.models import Listing, Scenario
from scenarios.scalars import plain, text_of, word
from scenarios.yaml_source import Key, at, dotted

DEFAULT = "default"
_COMMENT_AT = 44


class Value(NamedTuple):
    """One value of a scenario; a list of plain values is one."""

    path: Key
    value: Any
    origin: str
    """`default`, `--set`, or the file and the line."""


class Difference(NamedTuple):
    """A path at which two scenarios differ; None where one has no such path."""

    path: str
    first: Any
    second: Any


def values(loaded: Loaded, *, whole: bool = False) -> list[Value]:
    """Return every value of a scenario with its origin, in the model's order.

    The *whole* has the campaigns of its examples and profiles in place of their names, and what is drawn.
    """
    data, places = _data(loaded, whole), list(loaded.written.values()) if whole else []
    found = []
    for path, value in _leaves(data, ()):
        if places and path[0] == "campaigns" and len(path) > 1:
            source, key = places[int(path[1])]
            origin = _made(source, path[2:], key) or _origin(
                source, path[2:], data["campaigns"][path[1]], key
            )
        else:
            origin = _origin(loaded.source, path, data)
        found.append(Value(path, value, origin))
    return found


def as_yaml(loaded: Loaded, *, width: int = 100, written_only: bool = False, whole: bool = False) -> str:
    """Return a scenario as YAML, each value with its origin as a comment; without defaults if asked.

    Loading it gives the same scenario again; the *whole* one without need of examples and profiles.
    """
    found = values(loaded, whole=whole)
    lines = list(_lines(_written(found) if written_only else found, width))
    longest = max((len(text) for text, origin in lines if origin), default=0)
    column = min(longest, _COMMENT_AT)
    return "".join(f"{text:{column}}  # {origin}\n" if origin else f"{text}\n" for text, origin in lines)


def _data(loaded: Loaded, whole: bool) -> dict[str, Any]:
    data: dict[str, Any] = plain(loaded.scenario)
    if whole:
        data.pop(DRAWN, None)
        fields, found = list(Listing.model_fields), loaded.listings.values()  # a profile has more
        listings = [{name: getattr(each, name) for name in fields} for each in found]
        data |= {"examples": [], "profiles": [], "overrides": {}, "campaigns": plain(listings)}
    return data


def differences(first: Scenario, second: Scenario) -> list[Difference]:
    """Return where two scenarios differ, in the model's order; what only one of them has is listed in full.

    Campaigns, line items and creatives are compared by name, wherever they stand: `line_items[TV].max_cpm`.
    """
    return differing(plain(first), plain(second))


def differing(one: Any, other: Any) -> list[Difference]:
    """Return where two plain values differ, as `differences` does."""
    return list(_differing(one, other, ()))


def _differing(one: Any, other: Any, path: Key) -> Iterator[Difference]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys((*one, *other)):
            yield from _differing(one.get(key), other.get(key), (*path, key))
    elif _in_parts(one) or _in_parts(other):
        ours, theirs = _by_name(_items(one)), _by_name(_items(other))
        if ours is None or theirs is None:
            ours, theirs = ({str(n): item for n, item in enumerate(_items(side))} for side in (one, other))
        for name in dict.fromkeys((*ours, *theirs)):
            yield from _differing(ours.get(name), theirs.get(name), (*path, name))
    elif one != other:
        yield Difference(dotted(path).replace(".[", "["), one, other)


def name_of(item: Any) -> str | None:
    """Return what a campaign with its advertiser, or else a part of one, goes by; None if by nothing."""
    if isinstance(item, dict) and "advertiser" in item and "campaign" in item:
        return f"{item['advertiser']['name']} / {item['campaign']['name']}"
    return item.get("name") if isinstance(item, dict) else None


def _by_name(items: list[Any]) -> dict[str, Any] | None:
    named = {f"[{name}]": item for item in items if (name := name_of(item)) is not None}
    return named if len(named) == len(items) else None


def _in_parts(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(inner, dict) for inner in value)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _leaves(value: Any, path: Key) -> Iterator[tuple[Key, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list) and any(isinstance(inner, dict | list) for inner in value):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*path, place))
    else:
        yield path, value


def _origin(source: Layered, path: Key, data: Any, key: Key = ()) -> str:
    """Return where the value at *path* of *data* was written, or else that it is a default.

    The *data* is what stands under *key* in its *source*, resolved.
    """
    written: Any = at(source.data, key)
    for depth, part in enumerate(path):
        if isinstance(written, dict) and part in written:
            written = written[str(part)]
        elif isinstance(written, list) and isinstance(part, int) and part < len(written):
            written = written[part]
        else:
            # `pacing: even` is short for its kind; `mobile: 2` says it of phones, under another name.
            short = depth > 0 and not isinstance(written, dict | list)
            other_name = isinstance(written, dict) and not set(written) <= set(at(data, path[:depth]))
            return str(source.origin((*key, *path[:depth]))) if short or other_name else DEFAULT
    return str(source.origin((*key, *path)))


def _made(source: Layered, path: Key, key: Key) -> str | None:
    if "creatives" not in path or key:
        return None
    item = at(source.data, path[: path.index("creatives")])
    return None if "creatives" in item else str(source.origin(("creative_seconds",)))


def _written(found: Iterable[Value]) -> Iterator[Value]:
    # Items of a list keep their number, so that what is left of a list is all of its written values.
    kept = {one.path[:end] for one in found if one.origin != DEFAULT for end in range(len(one.path) + 1)}
    for one in found:
        ends = [end for end, part in enumerate(one.path, 1) if isinstance(part, int)]
        item = next((one.path[:end] for end in ends if one.path[:end] not in kept), None)
        if item and item[:-1] not in kept:  # of a list that nobody wrote
            continue
        if one.path in kept or one.path == item:
            yield one
        elif item:
            kept.add(item)
            yield Value(item, {}, "")


def _lines(found: Iterable[Value], width: int) -> Iterator[tuple[str, str]]:
    above: Key = ()
    for path, value, origin in found:
        start, shared = (
            "",
            len(list(takewhile(lambda pair: pair[0] == pair[1], zip(above, path, strict=False)))),
        )
        for depth in range(shared, len(path)):
            part, start = path[depth], start or "  " * depth
            if isinstance(part, int):
                start += "- "
            elif depth + 1 < len(path):
                yield f"{start}{_key(part)}:", ""
                start = ""
        if isinstance(path[-1], int):
            yield f"{start}{text_of(value)}", origin
        else:
            yield from _leaf(f"{start}{_key(path[-1])}:", value, origin, 2 * len(path), width)
        above = path


def _key(part: str) -> str:
    return part if part.isalnum() else word(part)


def _leaf(start: str, value: Any, origin: str, indent: int, width: int) -> Iterator[tuple[str, str]]:
    text = text_of(value)
    if len(start) + 1 + len(text) + 4 + len(origin) <= width:
        yield f"{start} {text}", origin
        return
    inside = " " * indent
    fold = textwrap.TextWrapper(
        width, initial_indent=inside, subsequent_indent=inside, break_long_words=False, break_on_hyphens=False
    )
    if isinstance(value, list):
        yield start, origin
        for line in fold.wrap(text):
            yield line, ""
    elif isinstance(value, str) and value.isprintable() and " ".join(value.split()) == value:
        yield f"{start} >-", origin
        for line in fold.wrap(value):
            yield line, ""
    else:
        yield f"{start} {text}", origin
