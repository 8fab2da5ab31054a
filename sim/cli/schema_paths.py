"""What a shell completes: dotted paths of parameters, by the shipped schema, and keys of targeting."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from sim.cli.completion import HERE, going_on, of

if TYPE_CHECKING:
    from scenarios.shape import Shape


def settings(incomplete: str) -> list[str]:
    """Return the dotted paths that begin so, level by level, with the sign that follows them."""
    if "=" in incomplete:
        return []
    with suppress(Exception):
        return going_on(list(_paths(incomplete)), lambda path: (_paths if path[-1] == "." else _values)(path))
    return []


def targets(incomplete: str) -> list[str]:
    """Return the keys of targeting that begin so."""
    from entities.enums import TargetingKey

    return going_on(of([f"{key}=" for key in TargetingKey])(incomplete), lambda key: [f"{key}VALUE"])


def _inside(path: Iterable[str]) -> Shape:
    """Return what may stand at *path*; LookupError where nothing may."""
    from scenarios.shape import Shape

    # The shipped schema is there at once; the model that it is made from takes a second.
    schema = json.loads((HERE / "schemas" / "scenario.json").read_text(encoding="utf-8"))
    shape = Shape((schema,), schema["$defs"]).at(tuple(path))
    if shape is None:
        raise LookupError(path)
    return shape


def _paths(incomplete: str) -> Iterator[str]:
    *above, last = incomplete.split(".")
    prefix, shape = "".join(f"{part}." for part in above), _inside(above)
    for key in shape.keys():  # noqa: SIM118 - not a dict
        if key.startswith(last) and (above or key != "extends"):
            inner = shape.inside(key)
            yield f"{prefix}{key}{'.' if inner and inner.keys() else '='}"


def _values(path: str) -> list[str]:
    """Return what may follow `path=`: one of some words, or else the default, or the word VALUE."""
    shape = _inside(path.rstrip("=").split("."))
    words = [str(word) for option in shape.options for word in option.get("enum", ())]
    usual = [option["default"] for option in shape.options if "default" in option]
    texts = [text if isinstance(text, str) else json.dumps(text) for text in usual]
    return [
        path + word for word in words or [text for text in texts if text and " " not in text] or ["VALUE"]
    ]
