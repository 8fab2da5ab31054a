"""What every schema shares: frozen, unknown keys refused, and errors told in one line each."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, ValidationInfo

from entities.enums import Word

Row = TypeVar("Row")
Choice = TypeVar("Choice", bound=Word)


class Schema(BaseModel):
    """A frozen description that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Create(Schema, Generic[Row]):
    """A description of something to be created, and the row that it becomes."""

    def row(self) -> Row:
        """Return a new row, children included, that no session knows yet."""
        raise NotImplementedError


def refuse(info: ValidationInfo, value: object, allowed: str) -> ValueError:
    """Return the refusal of *value* that names the field and says what is allowed."""
    return ValueError(f"{info.field_name} {shown(value)}: {allowed}")


def shown(value: object) -> str:
    """Return *value* as it stands in a message, long ones cut."""
    try:
        text = str(value) if isinstance(value, (int, float, Decimal, date)) else repr(value)
    except ValueError:  # Python refuses to print an int of more than 4,300 digits
        text = "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def word(vocabulary: type[Word]) -> BeforeValidator:
    """Return the validator that reads a member of *vocabulary*, suggesting the nearest for others."""

    def read(value: object, info: ValidationInfo) -> Word | None:
        if value is None or isinstance(value, vocabulary):
            return value  # pydantic knows whether nothing is allowed
        if not isinstance(value, str):
            raise refuse(info, value, f"one of {', '.join(vocabulary)}")
        try:
            return vocabulary.parse(value)
        except ValueError as error:
            raise ValueError(f"{info.field_name} {error}") from None

    return BeforeValidator(read)


def whole(least: int, most: int) -> BeforeValidator:
    """Return the validator that reads a whole number from *least* to *most*."""

    def read(value: object, info: ValidationInfo) -> int | None:
        if value is None:
            return None  # pydantic knows whether nothing is allowed
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise refuse(info, value, f"a whole number from {least} to {most:,}")
        return value

    return BeforeValidator(read)


def _readable(value: object, info: ValidationInfo) -> str:
    if not isinstance(value, str):
        raise refuse(info, value, "text of 1 to 120 printable characters")
    text = value.strip()
    if not 1 <= len(text) <= 120 or not text.isprintable():
        raise refuse(info, value, "1 to 120 printable characters, no control characters")
    return text


Name = Annotated[str, BeforeValidator(_readable)]
"""A name of 1 to 120 printable characters, stripped."""


def explain(error: ValidationError) -> list[tuple[str, str]]:
    """Return each fault of *error* as its path inside the input and one line on what is wrong."""
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


def nearest(name: str, names: list[str]) -> str:
    """Return a hint at the one of *names* that is nearest to *name*, or nothing."""
    near = get_close_matches(name, names, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
