"""What is wrong with an input, as tests of the schemas read it."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from entities.schemas.base import shown


def explain(error: ValidationError) -> list[tuple[str, str]]:
    """Return the path in the input and a line of text for each fault of *error*."""
    return [(".".join(map(str, fault["loc"])), _line(fault)) for fault in error.errors()]


def _line(fault: Mapping[str, Any]) -> str:
    path = [str(step) for step in fault["loc"]]
    name = path[-1] if path else "input"
    if fault["type"] == "missing":
        return f"{name} is missing"
    if fault["type"] == "extra_forbidden":
        return f"{name} is not a known key"
    text = str(fault["msg"]).removeprefix("Value error, ")
    return text if fault["type"] == "value_error" else f"{name} {shown(fault['input'])}: {text}"
