"""Targeting: the values that a line item includes and excludes."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from entities.enums import TargetingKey
from entities.errors import RefusedError, UnknownWordError
from entities.schemas.base import Schema, refuse, refuse_word, shown

SLUG = re.compile(r"[a-z][a-z0-9_-]{0,59}")


def _side(value: object, info: ValidationInfo) -> dict[TargetingKey, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise refuse(info, value, f"a mapping from any of {', '.join(TargetingKey)} to lists of values")
    found: dict[TargetingKey, tuple[str, ...]] = {}
    for key, wanted in value.items():
        try:
            read = TargetingKey.parse(key) if isinstance(key, str) else None
        except UnknownWordError as error:
            raise refuse_word(info, error) from None
        if read is None or read in found:
            raise RefusedError(
                f"{info.field_name} {shown(key)}: each of {', '.join(TargetingKey)} at most once"
            )
        found[read] = _values(info, key, read, wanted)
    return {key: found[key] for key in TargetingKey if key in found}


def _values(info: ValidationInfo, given: str, key: TargetingKey, wanted: object) -> tuple[str, ...]:
    vocabulary = key.trait.vocabulary
    allowed = ", ".join(vocabulary) if vocabulary else "the scenario's regions, lowercase such as us_east"
    if not isinstance(wanted, (list, tuple)) or not wanted:
        raise refuse(info, wanted, f"a list that is not empty, of {allowed}", None, given)
    values: list[str] = []
    for place, value in enumerate(wanted):
        if not isinstance(value, str) or not (vocabulary or SLUG.fullmatch(value)):
            raise refuse(info, value, f"one of {allowed}", None, given, place)
        try:
            values.append(vocabulary.parse(value).value if vocabulary else value)
        except UnknownWordError as error:
            raise refuse_word(info, error, given, place) from None
    if len(set(values)) < len(values):
        line = f"{info.field_name}.{given} {shown(list(wanted))}: each value only once, of {allowed}"
        raise RefusedError(line, path=(given,))
    order = [member.value for member in vocabulary] if vocabulary else sorted(values)
    return tuple(sorted(values, key=order.index))


Side = Annotated[dict[TargetingKey, tuple[str, ...]], BeforeValidator(_side)]


class Targeting(Schema):
    """A slot matches one value of every included key, and no excluded value."""

    include: Side = Field(default_factory=dict, description="Any of these values, of every key")
    exclude: Side = Field(default_factory=dict, description="None of these values, of any key")

    @model_validator(mode="after")
    def _satisfiable(self) -> "Targeting":
        for key, banned in self.exclude.items():
            both = sorted(set(banned) & set(self.include.get(key, ())))
            if both:
                line = f"exclude.{key} {', '.join(both)}: also included; a value stands on one side only"
                raise RefusedError(line, path=("exclude", key.value))
            if key.trait.vocabulary is not None and len(banned) == len(key.trait.vocabulary):
                line = f"exclude.{key} {', '.join(banned)}: leaves nothing; exclude fewer values"
                raise RefusedError(line, path=("exclude", key.value))
        return self

    def text(self) -> str:
        """Return the canonical JSON: equal targeting gives equal text."""
        return self.model_dump_json()
