"""What can go wrong, as one-line messages: the base of all of Paceline's exceptions."""

from collections.abc import Iterable

from entities.messages import did_you_mean, quoted

__all__ = [
    "DatabaseError",
    "DiskError",
    "InputError",
    "PacelineError",
    "PacelineWarning",
    "RefusedError",
    "UnknownWordError",
]


class PacelineError(Exception):
    """A failure that the user can act on: one line of text; the command exits with 1."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(str(message).split()))


class InputError(PacelineError):
    """Bad input from the user; the command exits with 2."""

    exit_code = 2

    def __init__(self, message: str, key: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.key = key
        """Path of the value in the scenario; the loader finds its file and line by it."""


class DiskError(PacelineError):
    """A disk that did not take what was written: with room for it all would be well."""


class PacelineWarning(UserWarning):
    """What is allowed, and yet probably not intended."""


class RefusedError(ValueError):
    """A value that a schema refuses: the message, and its parts for callers that know the value's place."""

    def __init__(
        self,
        line: str,
        *,
        value: object = ...,
        allowed: str = "",
        nearest: str | None = None,
        path: tuple[str | int, ...] = (),
    ) -> None:
        super().__init__(line)
        self.value, self.allowed, self.nearest = value, allowed, nearest
        self.path = path
        """Path of the *value* in the input."""


class UnknownWordError(ValueError):
    """A word that is not in a vocabulary."""

    def __init__(self, word: str, allowed: Iterable[str], nearest: str | None) -> None:
        self.word, self.allowed, self.nearest = word, tuple(allowed), nearest
        super().__init__(
            f"{word!r} is not one of {', '.join(self.allowed)}{did_you_mean(nearest and quoted(nearest))}"
        )


class DatabaseError(PacelineError):
    """A database that is missing, foreign, of another version, locked or not writable."""
