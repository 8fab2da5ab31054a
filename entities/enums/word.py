"""The base of every closed vocabulary: lowercase words with a position and forgiving input."""

from enum import StrEnum
from functools import cache, cached_property
from typing import Self

from entities.errors import UnknownWordError
from entities.messages import nearest


class Word(StrEnum):
    """A member of a closed vocabulary, stored as its value and compiled as its position."""

    aliases: tuple[str, ...]
    """The field's other words for it, which `parse` understands."""

    def __new__(cls, word: str, *aliases: str) -> Self:
        """Return the member of the value *word*."""
        member = str.__new__(cls, word)
        member._value_, member.aliases = word, aliases
        return member

    @cached_property
    def code(self) -> int:
        """Return the member's position, the integer that stands for it in event columns."""
        return list(type(self)).index(self)

    @classmethod
    def of_code(cls, code: int) -> Self:
        """Return the member at the position *code*."""
        members = list(cls)
        if not 0 <= code < len(members):
            raise ValueError(f"{cls.__name__} has codes 0 to {len(members) - 1}, not {code}")
        return members[code]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the member that *text* names, or refuse it with the nearest and all allowed words."""
        members, plain = cls._spellings(), _plain(text)
        if plain in members:
            return members[plain]
        near = nearest(plain, members)
        raise UnknownWordError(text, cls, near and members[near].value)

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        return cls._spellings().get(_plain(value)) if isinstance(value, str) else None

    @classmethod
    @cache
    def _spellings(cls) -> dict[str, Self]:
        return {
            spelling: member
            for member in cls
            for spelling in (_plain(member.value), member.name, *member.aliases)
        }


def _plain(text: str) -> str:
    return text.strip().lower().replace("-", "_").replace(" ", "_")
