"""A file laid over those that it extends, and where each value was written."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from entities.errors import InputError
from scenarios.shape import Shape
from scenarios.yaml_source import Document, Key, dotted, read, shown

MAX_EXTENDS = 8


class Origin(NamedTuple):
    """Where a value was written: a file with line and column, or an option without."""

    source: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Layered:
    """A file merged over those it extends, and the origin of each value."""

    path: Path
    data: dict[str, Any]
    origins: dict[Key, Origin]
    documents: tuple[Document, ...]
    moved: Mapping[Key, Key] = field(default_factory=dict)
    """By the place of a value that an override put there, the place where it is written."""

    def origin(self, key: Key) -> Origin:
        """Return where *key* was written, or else what encloses it."""
        while key not in self.origins and key:
            key = key[:-1]
        return self.origins.get(key, Origin(shown(self.path)))

    def name(self, key: Key) -> str:
        """Return *key* as whoever wrote it knows it."""
        above = next((key[:end] for end in range(len(key), 0, -1) if key[:end] in self.moved), ())
        return dotted((*self.moved.get(above, above), *key[len(above) :]))


def resolve(
    first: Path | Document, search: Callable[[str], Path], model: type[BaseModel] | None = None
) -> Layered:
    """Return a file or document merged over those it extends: *search* finds names, files end in .yml.

    Mappings merge; scalars and lists replace. Two kinds of mapping replace as well, and the *model* knows
    them: shares of a whole, of which the old ones would keep their part, and a part of another `kind`, whose
    parameters are those of another thing.
    """
    document = first if isinstance(first, Document) else read(first)
    documents = [document]
    seen = {os.path.realpath(document.path): document.path}
    while "extends" in document.data:
        where = f"{_origin(document, ('extends',))}: "
        document = _base(document, search, where)
        if (identity := os.path.realpath(document.path)) in seen:
            chain = " → ".join(map(shown, (*seen.values(), document.path)))
            raise InputError(f"{where}extends: goes round in a circle: {chain}")
        if len(seen) > MAX_EXTENDS:
            raise InputError(f"{where}extends: more than {MAX_EXTENDS} files build on one another")
        seen[identity] = document.path
        documents.insert(0, document)
    # What may stand where takes as long to find as all else, and a single file lies over nothing.
    shape = Shape.of(model) if model and len(documents) > 1 else None
    data: dict[str, Any] = {}
    origins: dict[Key, Origin] = {}
    for document in documents:
        layer = {key: value for key, value in document.data.items() if key != "extends"}
        overlay(data, layer, (), shape, origins, partial(_origin, document))
        origins[()] = _origin(document, ())
    return Layered(documents[-1].path, data, origins, tuple(documents))


def _origin(document: Document, key: Key) -> Origin:
    return Origin(shown(document.path), *document.lines.get(key, ()))


def _base(document: Document, search: Callable[[str], Path], where: str) -> Document:
    name = document.data["extends"]
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"{where}extends: should be the name of one scenario")
    try:
        # A file of one's own is found from the file that builds on it.
        own = name.endswith((".yml", ".yaml"))
        return read(document.path.parent / name if own else search(name))
    except InputError as error:
        raise InputError(f"{where}extends: {error}") from None


def overlay(
    below: dict[str, Any],
    above: dict[str, Any],
    path: Key,
    shape: Shape | None,
    origins: dict[Key, Origin],
    written: Callable[[Key], Origin],
) -> None:
    """Lay *above* over *below*, which stands at *path*, and note in *origins* where it was *written*."""
    for key, value in above.items():
        here, inner = (*path, key), shape.inside(key, below) if shape else None
        old = below.get(key)
        if _of_that_kind(value, old, inner):
            old = below[key] = {"kind": old}  # which is what it is short for
            origins[*here, "kind"] = origins[here]
        if isinstance(old, dict) and isinstance(value, dict) and not replaces(value, old, inner):
            origins[here] = written(here)
            overlay(old, value, here, inner, origins, written)
        else:
            for gone in places(old, here):
                origins.pop(gone, None)
            below[key] = copy.deepcopy(value)
            origins.update((new, written(new)) for new in places(value, here))


def _of_that_kind(new: Any, old: Any, shape: Shape | None) -> bool:
    if shape is None or not (isinstance(new, dict) and isinstance(old, str) and old in shape.kinds()):
        return False
    return "kind" not in new and set(new) <= set(shape.keys({"kind": old}))


def replaces(new: dict[str, Any], old: dict[str, Any], shape: Shape | None) -> bool:
    """Return whether the mapping *new* takes the place of *old*, instead of being merged into it."""
    if shape and shape.shares_a_whole():
        return True
    kind = shape.kind(old) if shape else old.get("kind")
    return kind is not None and new.get("kind", kind) != kind


def places(value: Any, path: Key) -> Iterator[Key]:
    """Yield *path* and every place in *value* below it."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in inside:
        yield from places(child, (*path, key))
