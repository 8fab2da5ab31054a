"""Whom a line item wants to reach, and whom not."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from entities.enums import AgeBand, DeviceType, Gender, Genre, Placement, TargetingKey, TitleTier, Word
from entities.schemas.base import Schema, refuse, shown

VOCABULARIES: dict[TargetingKey, type[Word]] = {
    TargetingKey.device: DeviceType,
    TargetingKey.genre: Genre,
    TargetingKey.age_band: AgeBand,
    TargetingKey.gender: Gender,
    TargetingKey.placement: Placement,
    TargetingKey.title_tier: TitleTier,
}
"""What each key can name; regions are the scenario's own."""
SLUG = re.compile(r"[a-z][a-z0-9_-]{0,59}")


def _side(value: object, info: ValidationInfo) -> dict[TargetingKey, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise refuse(info, value, f"a mapping from any of {', '.join(TargetingKey)} to lists of values")
    found: dict[TargetingKey, tuple[str, ...]] = {}
    for key, wanted in value.items():
        try:
            read = TargetingKey.parse(key) if isinstance(key, str) else None
        except ValueError as error:
            raise ValueError(f"{info.field_name} {error}") from None
        if read is None or read in found:
            raise ValueError(
                f"{info.field_name} {shown(key)}: each of {', '.join(TargetingKey)} at most once"
            )
        found[read] = _values(f"{info.field_name}.{read}", read, wanted)
    return {key: found[key] for key in TargetingKey if key in found}


def _values(path: str, key: TargetingKey, wanted: object) -> tuple[str, ...]:
    vocabulary = VOCABULARIES.get(key)
    allowed = ", ".join(vocabulary) if vocabulary else "the scenario's regions, lowercase such as us_east"
    if not isinstance(wanted, (list, tuple)) or not wanted:
        raise ValueError(f"{path} {shown(wanted)}: a list that is not empty, of {allowed}")
    values: list[str] = []
    for value in wanted:
        if not isinstance(value, str) or not (vocabulary or SLUG.fullmatch(value)):
            raise ValueError(f"{path} {shown(value)}: one of {allowed}")
        try:
            values.append(vocabulary.parse(value).value if vocabulary else value)
        except ValueError as error:
            raise ValueError(f"{path} {error}") from None
    if len(set(values)) < len(values):
        raise ValueError(f"{path} {shown(list(wanted))}: each value only once, of {allowed}")
    order = [member.value for member in vocabulary] if vocabulary else sorted(values)
    return tuple(sorted(values, key=order.index))


Side = Annotated[dict[TargetingKey, tuple[str, ...]], BeforeValidator(_side)]


class Targeting(Schema):
    """What a slot must be (any listed value of every included key) and must not be."""

    include: Side = Field(default_factory=dict)
    exclude: Side = Field(default_factory=dict)

    @model_validator(mode="after")
    def _satisfiable(self) -> "Targeting":
        for key, banned in self.exclude.items():
            both = sorted(set(banned) & set(self.include.get(key, ())))
            if both:
                raise ValueError(f"exclude.{key} {both}: also included; a value stands on one side only")
            if key in VOCABULARIES and len(banned) == len(VOCABULARIES[key]):
                raise ValueError(f"exclude.{key} {list(banned)}: leaves nothing; exclude fewer values")
        return self

    def text(self) -> str:
        """Return the canonical JSON: equal targeting gives equal text."""
        return self.model_dump_json()
