"""Values of Python as YAML has them, and on one line."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from typing import Any

from entities.errors import InputError
from scenarios.scalars import resolved

_WORD = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_ ./()$%+&-]*[A-Za-z0-9_./()$%+])?")


def plain(value: Any) -> Any:
    """Return a model, or what is in one, as the values that YAML has; InputError where it holds itself."""
    try:
        return _plain(value)
    except RecursionError:
        raise InputError("a mapping or list holds itself, or is nested too deep") from None


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return _plain({name: getattr(value, name) for name in type(value).model_fields})
    if isinstance(value, Mapping):
        found = {str(_plain(key)): _plain(inner) for key, inner in value.items() if inner is not None}
        return {"name": found["name"], **found} if "name" in found else found
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def text_of(value: Any) -> str:
    """Return a value on one line, as YAML would have it."""
    if isinstance(value, list):
        return f"[{', '.join(text_of(inner) for inner in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{word(key)}: {text_of(inner)}' for key, inner in value.items())}}}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return word(value) if isinstance(value, str) else str(value)


def word(text: str) -> str:
    """Return *text* as YAML would have it, in quotes where it needs them."""
    if _WORD.fullmatch(text) and resolved(text) == text:
        return text
    return json.dumps(text, ensure_ascii=False)
