"""What is allowed in place of a value that Pydantic refused, and what was probably meant by it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from operator import ge, gt, le, lt
from typing import Any

from pydantic_core import ErrorDetails

from entities import suggestions
from entities.messages import did_you_mean, nearest, short
from scenarios.shape import Shape

_MAPPING = "must be `key: value` lines"
LIST = "must be a list"
_DATE = "must be a date, such as 2026-11-02"
_WHOLE, _NUMBER = "must be a whole number", "must be a number"
_BY_TYPE = {
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), _MAPPING),
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type"), LIST),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float", "int_parsing_size"), _WHOLE),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), _NUMBER),
    **dict.fromkeys(("bool_type", "bool_parsing"), "must be true or false"),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), _DATE),
    "date_from_datetime_inexact": "must be a date without a time",
    "string_type": "must be text",
    "none_required": "must be left empty",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "decimal_max_places": "must have at most {decimal_places} decimal places",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
}
_BOUNDS = {"minimum": ge, "exclusiveMinimum": gt, "maximum": le, "exclusiveMaximum": lt}
# The one pattern of names; what follows the letters and digits is its own.
_SLUG = re.compile(r"\^\[a-z\]\[a-z0-9(?P<marks>[_-]+)\]\{0,(?P<more>\d+)\}\$")


def allowed(detail: ErrorDetails) -> str:
    """Return what is allowed, in the words of its type; other types have Pydantic's own."""
    context = detail.get("ctx", {})
    if known := _BY_TYPE.get(detail["type"]):
        text = known.format_map({name: _plain(bound) for name, bound in context.items()})
        return re.sub(r"\b1 (item|character|decimal place)s", r"1 \1", text)
    if slug := _SLUG.fullmatch(str(context.get("pattern"))):
        marks = ", ".join(["digits", *slug["marks"]])
        most = int(slug["more"]) + 1
        return f"must be at most {most} lowercase letters, {marks}, the first of them a letter"
    message = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return short(re.sub(r"^(Input|Value|Data|Datetime) should ", "must ", message), 300)


def suggestion(detail: ErrorDetails, here: Shape | None) -> str | None:
    """Return what was probably meant by a value of another type, if it would be taken *here*."""
    value, wanted = detail["input"], _BY_TYPE.get(detail["type"])
    if wanted == _DATE:
        return suggestions.date(value)
    if wanted not in {_WHOLE, _NUMBER}:
        return None
    bounds = here.options[0] if here else {}
    return suggestions.number(
        value, lambda amount: _within(amount, bounds, integral=wanted == _WHOLE), percent=wanted == _NUMBER
    )


def _within(amount: Decimal, bounds: Mapping[str, Any], *, integral: bool) -> bool:
    holds = (compare(amount, bounds[name]) for name, compare in _BOUNDS.items() if name in bounds)
    return all(holds) and not (integral and amount % 1)


def choice(given: Any, words: list[str]) -> str:
    """Return one of which *words* something must be, and the nearest to what was *given*."""
    one_of = "one of " if len(words) > 1 else ""
    return f"must be {one_of}{', '.join(words)}{did_you_mean(nearest(str(given), words))}"


def _plain(bound: Any) -> Any:
    return int(bound) if isinstance(bound, float | Decimal) and bound == int(bound) else bound
