"""What may stand where in a scenario, as its model's JSON Schema tells: the valid keys at every place."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from entities import enums
from entities.errors import UnknownWordError
from scenarios.yaml_source import Key
from sim.family import SHARES_A_WHOLE

_DEEPEST = 8  # levels that are searched for a name that belongs elsewhere


@dataclass(frozen=True, slots=True)
class Shape:
    """What may stand at one place: any of several schemas, references and unions resolved."""

    options: tuple[Mapping[str, Any], ...]
    definitions: Mapping[str, Any]

    @staticmethod
    @functools.cache
    def of(model: type[BaseModel]) -> Shape:
        """Return the shape of a whole document of *model*."""
        schema = model.model_json_schema(schema_generator=QuietSchema)
        definitions = schema.get("$defs", {})
        return Shape(tuple(_options(schema, definitions)), definitions)

    def inside(self, part: str | int, value: Any = None) -> Shape | None:
        """Return the shape at key or index *part*, or None where nothing may stand.

        The *value* that stands here now tells which member of a tagged union it is.
        """
        found = [
            option
            for schema in self.options_for(value)
            for child in _children(schema, str(part))
            for option in _options(child, self.definitions, _inner_default(schema, str(part)))
        ]
        return Shape(tuple(found), self.definitions) if found else None

    def at(self, key: Key, data: Any = None) -> Shape | None:
        """Return the shape at *key* of a document that now holds *data*."""
        shape: Shape | None = self
        for part in key:
            if shape is None:
                return None
            shape = shape.inside(part, data)
            data = _value_at(data, part)
        return shape

    def keys(self, value: Any = None) -> list[str]:
        """Return the keys that may stand here, in the model's order."""
        return list(dict.fromkeys(key for schema in self.options_for(value) for key in _names(schema)))

    def word(self, key: str) -> str:
        """Return the usual word for *key*, where the keys here are of a vocabulary; else *key* itself."""
        for option in self.options:
            vocabulary = getattr(enums, option.get("propertyNames", {}).get("title", ""), None)
            if vocabulary is not None:
                with suppress(UnknownWordError):
                    return str(vocabulary.parse(key))
        return key

    def options_for(self, value: Any) -> tuple[Mapping[str, Any], ...]:
        """Return the options of the kind that *value* is, or all of them where it has none."""
        kind = self.kind(value) if isinstance(value, dict) else None
        return tuple(option for option in self.options if kind in _kinds(option)) or self.options

    def kind(self, value: Mapping[str, Any]) -> Any:
        """Return the kind of *value*, by its own word or else by default; None of what has no kinds."""
        usual = next((option["default"] for option in self.options if "default" in option), None)
        return value.get("kind", usual.get("kind") if isinstance(usual, dict) else None)

    def shares_a_whole(self) -> bool:
        """Return whether a mapping stands here whose entries share a whole."""
        return any(option.get(SHARES_A_WHOLE) for option in self.options)

    def kinds(self) -> list[str]:
        """Return the kinds of the tagged union that stands here."""
        return list(dict.fromkeys(str(kind) for option in self.options for kind in _kinds(option)))

    def words(self) -> list[Any]:
        """Return the words of which one stands here."""
        found = (
            option["enum"] if "enum" in option else [option["const"]]
            for option in self.options
            if {"enum", "const"} & set(option)
        )
        return list(dict.fromkeys(word for words in found for word in words))

    def is_list(self) -> bool:
        """Return whether a list stands here, and nothing that has keys."""
        return any(option.get("type") == "array" for option in self.options) and not self.keys()

    def default(self) -> Any:
        """Return what the model puts here by itself, of a list, a table of free keys or shares of a whole."""
        for option in self.options:
            value, free = option.get("default"), not _names(option) or option.get(SHARES_A_WHOLE)
            if isinstance(value, list) or (isinstance(value, dict) and free):
                return value
        return None

    def paths(self, depth: int = _DEEPEST) -> Iterator[str]:
        """Yield the dotted path of every named key below, the nearest first."""
        level: list[tuple[str, Shape]] = [("", self)]
        for _ in range(depth):
            below = []
            for prefix, shape in level:
                keys = shape.keys()
                for key in keys:
                    yield f"{prefix}{key}"
                    if child := shape.inside(key):
                        below.append((f"{prefix}{key}.", child))
            level = below[:500]  # a model that holds itself would never end


class QuietSchema(GenerateJsonSchema):
    """Makes a JSON Schema without warnings."""

    # A default that JSON cannot say is no reason for a warning here.
    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - Pydantic's own attribute


def _options(schema: Any, definitions: Mapping[str, Any], default: Any = None) -> Iterator[Mapping[str, Any]]:
    if not isinstance(schema, dict):  # True stands for anything
        schema = {}
    default = schema.get("default") if default is None else default
    unions = [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]
    if "$ref" in schema:
        unions.append(definitions[schema["$ref"].rpartition("/")[2]])
    for member in unions:
        yield from _options(member, definitions, default)
    if not unions and schema.get("type") != "null":
        found = schema if default is None else {**schema, "default": default}
        if "propertyNames" in schema:
            found = {**found, "propertyNames": next(_options(schema["propertyNames"], definitions), {})}
        yield found


def _inner_default(schema: Mapping[str, Any], part: str) -> Any:
    default = schema.get("default")
    if not isinstance(default, dict) or default.get("kind") not in (None, *_kinds(schema)):
        return None
    return default.get(part)


def _children(schema: Mapping[str, Any], part: str) -> Iterator[Any]:
    if not schema.keys() - {"title", "description", "default", "examples"}:  # anything at all
        yield {}
    elif part in schema.get("properties", {}):
        yield schema["properties"][part]
    elif schema.get("type") == "object":
        free = schema.get("additionalProperties", False)
        names = schema.get("propertyNames", {}).get("enum")
        if free is not False and (names is None or part in names):
            yield free
        for pattern, child in schema.get("patternProperties", {}).items():
            if re.search(pattern, part):
                yield child
    elif schema.get("type") == "array" and part.isdecimal():
        fixed = schema.get("prefixItems", [])
        if int(part) < len(fixed):
            yield fixed[int(part)]
        elif schema.get("items", not fixed) is not False:
            yield schema.get("items", {})


def _names(schema: Mapping[str, Any]) -> list[str]:
    return [*schema.get("properties", {}), *schema.get("propertyNames", {}).get("enum", ())]


def _kinds(schema: Mapping[str, Any]) -> list[Any]:
    kind = schema.get("properties", {}).get("kind", {})
    return [kind["const"]] if "const" in kind else list(kind.get("enum", ()))


def _value_at(data: Any, part: str | int) -> Any:
    if isinstance(data, dict):
        return data.get(str(part))
    if isinstance(data, list) and str(part).isdecimal() and int(part) < len(data):
        return data[int(part)]
    return None
