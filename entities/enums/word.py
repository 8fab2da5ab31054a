"""The base of every closed vocabulary: lowercase words with a position and forgiving input."""

from enum import StrEnum
from typing import Self

from entities.errors import UnknownWordError
from entities.messages import nearest


class Word(StrEnum):
    """A member of a closed vocabulary, stored as its value and compiled as its position."""

    @property
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
    def aliases(cls) -> dict[str, str]:
        """Return other words of the field, each with the member name that it means."""
        return {}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the member that *text* names, or refuse it with the nearest and all allowed words."""
        found = cls._missing_(text)
        if found is not None:
            return found
        values = {_plain(member.value): member.value for member in cls}
        values |= {member.name: member.value for member in cls}
        values |= {_plain(alias): cls[name].value for alias, name in cls.aliases().items()}
        near = nearest(_plain(text), values)
        raise UnknownWordError(text, cls, near and values[near])

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        plain = _plain(value)
        for member in cls:
            if plain in (_plain(member.value), member.name):
                return member
        name = cls.aliases().get(plain)
        return None if name is None else cls[name]


def _plain(text: str) -> str:
    return text.strip().lower().replace("-", "_").replace(" ", "_")
