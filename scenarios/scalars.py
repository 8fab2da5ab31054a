"""What an unquoted word of a scenario stands for, and values of Python as YAML has them.

Stricter than YAML 1.1 where that surprises people; `scenarios.yaml_source` lists how.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from enum import Enum
from numbers import Real
from typing import Any

from pydantic import BaseModel

from entities.errors import InputError
from entities.messages import short

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DIGITS = r"[0-9]+(?:_[0-9]+)*"
_INTEGER = re.compile(rf"[-+]?(?!0[0-9_]){_DIGITS}")
_POWER = re.compile(r"(?P<digits>[-+]?[1-9][0-9]*)[eE]\+?(?P<zeros>[0-9]|1[0-8])")
_FLOAT = re.compile(
    rf"[-+]?(?:{_DIGITS}\.[0-9]*(?:[eE][-+]?[0-9]+)?|\.[0-9]+(?:[eE][-+]?[0-9]+)?|{_DIGITS}[eE][-+]?[0-9]+)"
)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    _DATE.pattern + r"[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:[Zz]|[-+][0-9]{2}:[0-9]{2})?"
)
_WORD = re.compile(r"[A-Za-z_](?:[A-Za-z0-9_ ./()$%+&-]*[A-Za-z0-9_./()$%+])?")


def resolved(text: str) -> Any:
    """Return what an unquoted *text* stands for; raise ValueError where it stands for nothing."""
    if text in _WORDS:
        return _WORDS[text]
    if not (text[0].isdigit() or text[0] in "+-."):  # most words, at once
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > 400:
            raise ValueError("the number is too long")
        return int(text)
    if power := _POWER.fullmatch(text):
        return int(power["digits"]) * 10 ** int(power["zeros"]) if len(text) <= 400 else float(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise ValueError("the number is too large")
        return number
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("a number has to be finite")
    if _DATE.fullmatch(text):
        return dt.date.fromisoformat(text)
    if _DATETIME.fullmatch(text):
        return dt.datetime.fromisoformat(text.upper())
    return text


def plain(value: Any, name: str = "") -> Any:
    """Return a model, or what is in one, as the values that YAML has.

    InputError where it holds itself, or for a value that YAML has not, at its path below *name*.
    """
    try:
        return _plain(value, name, ())
    except RecursionError:
        raise InputError("a mapping or list holds itself, or is nested too deep") from None


def _plain(value: Any, name: str, path: tuple[str | int, ...]) -> Any:
    if isinstance(value, BaseModel):
        fields = _plain({field: getattr(value, field) for field in type(value).model_fields}, name, path)
        # A schema of the registry, which a shell that completes words need not wait for.
        written = getattr(value, "written", None)
        return written(fields) if written else fields
    if isinstance(value, Mapping):
        given = {str(_plain(key, name, path)): inner for key, inner in value.items() if inner is not None}
        found = {key: _plain(inner, name, (*path, key)) for key, inner in given.items()}
        return {"name": found["name"], **found} if "name" in found else found
    if isinstance(value, list | tuple):
        return [_plain(inner, name, (*path, place)) for place, inner in enumerate(value)]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if value is None or isinstance(value, int | float | str | dt.date | dt.time):
        return value
    if isinstance(value, Real):  # a number of NumPy's means what it prints as
        return resolved(str(value))
    allowed = "must be text, a number, a date, a list or a mapping"
    where = ": ".join(filter(None, (name, ".".join(map(str, path)))))
    raise InputError(f"{where}: {short(repr(value), 60)} is not allowed; {allowed}")


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
