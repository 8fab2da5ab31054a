"""How a text or a file stands in a message: on one line, short, and nothing in it that a terminal obeys."""

from contextlib import suppress
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def printable(text: str, limit: int = 200) -> str:
    """Return *text* on one line of at most *limit* printable characters."""
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def quoted(text: str) -> str:
    """Return *text* as a message quotes it."""
    return f"'{printable(text)}'"


def shown(path: Path) -> str:
    """Return *path* as it stands in a message; a file of ours from `scenarios/` on."""
    with suppress(ValueError):  # a file of the user's
        path = path.relative_to(_ROOT)
    return printable(str(path))


def advice(problem: str, line: str) -> str:
    """Return what to do about a *problem* that the YAML parser has with a *line*."""
    if "'\\t'" in problem:
        return "a tab cannot indent YAML; use spaces"
    if "mapping values are not allowed" in problem:
        if line.count(": ") + line.endswith(":") > 1:
            return "a second `: ` on one line; put the value in quotes"
        return "`: ` is not expected here; the line above may lack one, or this one is indented too far"
    if "cannot start any token" in problem:
        problem += "; put the value in quotes"
    return f"is not YAML: {printable(problem)}"
