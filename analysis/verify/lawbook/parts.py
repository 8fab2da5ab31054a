"""Random parts: any registered member of a family, with parameters within the ranges that it enforces."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError

from analysis.verify.lawbook.choices import Choices
from sim.family import Part

_FACTORS = (0.5, 0.9, 1.1, 2.0)


def part(
    choices: Choices, family: type[Part], kinds: Collection[str] | None = None, *, tuned: bool = True
) -> dict[str, Any]:
    """Return a member of *family* as a scenario has it; one of *kinds*, if some are named.

    Where it is *tuned*, some of its parameters are drawn too; a combination that it refuses is left out.
    """
    members = family.members()
    first = [family.usual] if family.usual in members else []
    names = [kind for kind in [*first, *(k for k in members if k not in first)] if not kinds or kind in kinds]
    kind = choices.one(*names)
    plain = {"kind": kind}
    return settings(choices, members[kind], plain) if tuned else plain


@cache
def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of *model*, made once."""
    return model.model_json_schema()


def settings(choices: Choices, model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return *given* and some of the other fields of *model*, drawn; *given* alone where they are refused."""
    drawn = dict(given)
    schema = schema_of(model)
    for name, field in schema.get("properties", {}).items():
        if name not in drawn and choices.once_in(2):
            found = scalar(choices, field, schema.get("$defs", {}))
            if found is not None:
                drawn[name] = found
    return fitting(model, drawn) or dict(given)


def fitting(model: type[BaseModel], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is *given* to *model*, or nothing where it refuses that."""
    try:
        model.model_validate(dict(given))
    except ValidationError:
        return {}
    return dict(given)


def scalar(choices: Choices, field: Mapping[str, Any], named: Mapping[str, Any]) -> Any:
    """Return a value that the JSON schema of a *field* allows, near its default; None where it is no scalar.

    *named* are the schemas that it may refer to.
    """
    usual = field.get("default")
    for each in field.get("anyOf", (field,)):
        schema = {**each, **named.get(str(each.get("$ref", "")).rpartition("/")[2], {})}
        if schema.get("type") == "boolean":
            return choices.one(False, True)
        if "enum" in schema:
            return choices.one(*schema["enum"])
        if schema.get("type") in ("integer", "number"):
            return _number(choices, schema, usual)
    return None


def _number(choices: Choices, field: Mapping[str, Any], usual: Any) -> float:
    least, most = field.get("minimum"), field.get("maximum")
    about = usual if isinstance(usual, int | float) else next((x for x in (least, most) if x), 1)
    options = [factor * about for factor in _FACTORS] + [x for x in (least, most) if x is not None]
    found = choices.one(*options)
    if field["type"] == "integer":
        found = round(found)
    bounds = (least, field.get("exclusiveMinimum")), (most, field.get("exclusiveMaximum"))
    low, high = ([x for x in pair if x is not None] for pair in bounds)
    found = min([max([found, *low]), *high])
    return int(found) if field["type"] == "integer" else float(found)
