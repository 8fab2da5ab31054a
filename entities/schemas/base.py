"""The base of every schema: frozen, without unknown keys, with errors of one line."""

import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema

from entities.enums import Word
from entities.errors import RefusedError, UnknownWordError
from entities.messages import did_you_mean, quoted
from entities.models import Base
from entities.suggestions import number

Row = TypeVar("Row", bound=Base)
Choice = TypeVar("Choice", bound=Word)


class Schema(BaseModel):
    """A frozen description that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    def written(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return *data*, which has its fields as plain values, without what others of them say already."""
        return data


class Create(Schema, Generic[Row]):
    """A schema that describes a new row."""

    @classmethod
    def _model(cls) -> type[Row]:
        generics = (base.__pydantic_generic_metadata__ for base in cls.__mro__ if issubclass(base, Create))
        model: type[Row] = next(each["args"][0] for each in generics if each["args"])
        return model

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Return the JSON Schema, in which a field is described as the column that it becomes."""
        found, columns = handler(core), cls._model().__table__.columns
        for name, field in handler.resolve_ref_schema(found).get("properties", {}).items():
            if name in columns and (comment := columns[name].comment):
                field.setdefault("description", comment.rstrip("."))
        return found

    def row(self, **columns: Any) -> Row:
        """Return a new row with its children, in no session yet; *columns* are those that no field is."""
        model = self._model()
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name not in columns and value is not None and hasattr(model, name):
                columns[name] = [child.row() for child in value] if isinstance(value, tuple) else value
        return model(**columns)


def refuse(
    info: ValidationInfo, value: object, allowed: str, near: str | None = None, *path: str | int
) -> RefusedError:
    """Return the error for *value*, at *path* in the field, that says what is allowed."""
    line = f"{_name(info, path)} {shown(value)}: {allowed}{did_you_mean(near and quoted(near))}"
    return RefusedError(line, value=value, allowed=f"must be {allowed}", nearest=near, path=path)


def refuse_field(name: str, value: object, allowed: str) -> RefusedError:
    """Return the error for the *value* of a field that contradicts other fields."""
    return RefusedError(f"{name} {shown(value)}: {allowed}", value=value, allowed=allowed, path=(name,))


def refuse_word(info: ValidationInfo, error: UnknownWordError, *path: str | int) -> RefusedError:
    """Return the error for a word, at *path* in the field, that is not in its vocabulary."""
    return RefusedError(
        f"{_name(info, path)} {error}",
        value=error.word,
        allowed=f"must be one of {', '.join(error.allowed)}",
        nearest=error.nearest,
        path=path,
    )


def shown(value: object) -> str:
    """Return *value* as messages print it, cut to 60 characters."""
    try:
        text = str(value) if isinstance(value, (int, float, Decimal, date)) else repr(value)
    except ValueError:  # Python refuses to print an int of more than 4,300 digits
        text = "a number of thousands of digits"
    return text if len(text) <= 60 else f"{text[:57]}..."


def word(vocabulary: type[Word]) -> BeforeValidator:
    """Return a validator that reads a member of *vocabulary*, and suggests the nearest for any other word."""

    def read(value: object, info: ValidationInfo) -> Word | None:
        if value is None or isinstance(value, vocabulary):
            return value  # pydantic knows whether nothing is allowed
        if not isinstance(value, str):
            raise refuse(info, value, f"one of {', '.join(vocabulary)}")
        try:
            return vocabulary.parse(value)
        except UnknownWordError as error:
            raise refuse_word(info, error) from None

    return BeforeValidator(read)


def integer(least: int, most: int) -> BeforeValidator:
    """Return a validator that reads an integer from *least* to *most*."""

    def read(value: object, info: ValidationInfo) -> int | None:
        if value is None:
            return None  # pydantic knows whether nothing is allowed
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            near = number(value, lambda amount: not amount % 1 and least <= amount <= most)
            raise refuse(info, value, f"a whole number from {least} to {most:,}", near)
        return value

    return BeforeValidator(read)


def _readable(value: object, info: ValidationInfo) -> str:
    if not isinstance(value, str):
        raise refuse(info, value, "text of 1 to 120 printable characters")
    # A name is an identity: what looks the same must be the same.
    text = unicodedata.normalize("NFC", value.strip())
    if not 1 <= len(text) <= 120 or not text.isprintable():
        raise refuse(info, value, "1 to 120 printable characters, no control characters")
    if text[0] in FORMULA:
        allowed = (
            f"a name that does not begin with {' '.join(FORMULA)}, which spreadsheets take for a formula"
        )
        raise refuse(info, value, allowed, text.lstrip(f"{FORMULA} ") or None)
    return text


FORMULA = "=+-@"
"""A name must not begin with these: a spreadsheet would run an exported name as a formula."""
Name = Annotated[str, BeforeValidator(_readable)]
"""A name of 1 to 120 printable characters, stripped, that no spreadsheet takes for a formula."""


def _name(info: ValidationInfo, path: tuple[str | int, ...]) -> str:
    # Lists of words are short: the position in them is left out.
    return ".".join([str(info.field_name), *(step for step in path if isinstance(step, str))])
