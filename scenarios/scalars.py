"""What an unquoted word of a scenario stands for: a number, a date, true, false, null or itself.

Stricter than YAML 1.1 where that surprises people; `scenarios.yaml_source` lists how.
"""

import datetime as dt
import math
import re
from typing import Any

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
