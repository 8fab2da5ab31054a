"""How a text or a file stands in a message: on one line, short, and nothing in it that a terminal obeys."""

from contextlib import suppress
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def printable(text: str, limit: int = 200) -> str:
    """Return *text* on one line of at most *limit* printable characters."""
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def shown(path: Path) -> str:
    """Return *path* as it stands in a message; a file of ours from `scenarios/` on."""
    with suppress(ValueError):  # a file of the user's
        path = path.relative_to(_ROOT)
    return printable(str(path))
