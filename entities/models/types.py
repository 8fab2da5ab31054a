"""Column types that store Python values as sortable text or integers."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from entities.enums import Word
from entities.errors import DatabaseError

T = TypeVar("T")

# On PostgreSQL text sorts by its bytes, as it does in SQLite, and not by the server's language.
TEXT = Text().with_variant(Text(collation="C"), "postgresql")


def _read(kind: Callable[[Any], T], value: Any, what: str) -> T | None:
    # A CHECK refuses anything else, but SQLite can ignore its CHECKs, and other programs write too.
    try:
        return None if value is None else kind(value)
    except (ValueError, TypeError):
        raise DatabaseError(
            f"the database holds {value!r} where {what} belongs; restore a copy of it"
        ) from None


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored as UTC text `YYYY-MM-DD HH:MM:SS`, which sorts by time."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: datetime | str | None, dialect: Dialect) -> str | None:
        """Return *value*, an aware datetime or ISO text (UTC without an offset), as canonical text."""
        if value is None:
            return None
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
            value = value.replace(tzinfo=value.tzinfo or UTC)
        if value.utcoffset() is None:
            raise ValueError(f"{value} has no time zone; moments are stored in UTC")
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the stored text as an aware datetime."""
        found = _read(datetime.fromisoformat, value, "a time")
        return None if found is None else found.replace(tzinfo=UTC)


class LocalDateTime(TypeDecorator[datetime]):
    """A wall-clock time, stored as text without a zone."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return the naive datetime *value* as ISO text."""
        if value is None:
            return None
        if value.tzinfo is not None:
            raise ValueError(f"{value} has a time zone; wall-clock times are in the campaign's zone")
        return value.isoformat(sep=" ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the stored text as a naive datetime."""
        return _read(datetime.fromisoformat, value, "a time")


class IsoDate(TypeDecorator[date]):
    """A day, stored as text `YYYY-MM-DD`."""

    impl = TEXT
    cache_ok = True

    def process_bind_param(self, value: date | str | None, dialect: Dialect) -> str | None:
        """Return *value*, a date or ISO text, as text."""
        if value is None:
            return None
        if isinstance(value, datetime):
            raise TypeError(f"{value} is a time, not a date")
        return (date.fromisoformat(value) if isinstance(value, str) else value).isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """Return the stored text as a date."""
        return _read(date.fromisoformat, value, "a day")


class WordText(TypeDecorator[Word]):
    """A member of a vocabulary, stored as its value."""

    impl = TEXT
    cache_ok = True

    def __init__(self, vocabulary: type[Word]) -> None:
        super().__init__()
        self.vocabulary = vocabulary
        self.words = [member.value for member in vocabulary]
        """The values that the column can hold."""
        self._one_of = f"one of {', '.join(self.words)}"

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the value of the member that *value* is or names."""
        return None if value is None else self.vocabulary.parse(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> Word | None:
        """Return the stored text as a member."""
        return _read(self.vocabulary, value, self._one_of)
