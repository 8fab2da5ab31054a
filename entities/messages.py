"""The kit of messages: printable text, short lists, and the nearest known name."""

import json
import re
from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches

_ODD = re.compile(r"[^\x20-\x7e\n]")
LISTED = 12
"""How many names a message lists."""
_ALIKE, _RESEMBLING, _ALMOST_THE_SAME = 0.6, 0.75, 0.95


def printable(text: str) -> str:
    """Return *text* with its control characters made visible, so that no terminal executes them."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def visible(text: str) -> str:
    """Return *text* of several lines, each of them `printable`."""
    return "\n".join(map(printable, text.split("\n")))


def as_json(text: str) -> str:
    """Return JSON *text* with what is not printable in its strings escaped, as JSON does it."""
    return _ODD.sub(
        lambda found: json.dumps(found[0])[1:-1] if not found[0].isprintable() else found[0], text
    )


def reason(error: OSError) -> str:
    """Return why the system refused, in words."""
    return (error.strerror or str(error)).lower()


def short(text: str, limit: int = 200) -> str:
    """Return *text* on one line of at most *limit* printable characters."""
    text = printable(text)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def quoted(text: str) -> str:
    """Return *text* as a message quotes it."""
    return f"'{short(text)}'"


def listed(words: Iterable[str], limit: int = LISTED) -> str:
    """Return *words* with commas between them, the first *limit* of them."""
    words = list(words)
    return f"{', '.join(words[:limit])}{', …' if len(words) > limit else ''}"


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Return the one of *words* that is like *word*, or has it as a part; None where there is none."""
    known: dict[str, str] = {}
    for each in words:
        known.setdefault(each.lower(), each)
    word = word.lower()
    alike = get_close_matches(word, known, 1, _ALIKE)
    if len(word) > 2 and not get_close_matches(word, known, 1, _ALMOST_THE_SAME):
        alike = [name for name in known if f"_{word}_" in f"_{name}_"] or alike
    return known[alike[0]] if alike else None


def resembling(word: str, words: Iterable[str], most: int = 3) -> list[str]:
    """Return those of *words* that are, or have a part that is, most like *word*; *most* of them."""
    many, word = len(word.split()), word.lower()
    found = []
    for each in words:
        parts = each.lower().split()
        spans = (" ".join(parts[at : at + many]).strip(",;:.") for at in range(max(len(parts) - many, 0) + 1))
        likeness = max(SequenceMatcher(None, word, part).ratio() for part in (each.lower(), *spans))
        if likeness >= _RESEMBLING:
            found.append((likeness, each))
    return [each for _, each in sorted(found, key=lambda pair: -pair[0])][:most]


def did_you_mean(near: str | None) -> str:
    """Return the end of a message that suggests *near*, empty for None."""
    return f"; did you mean {short(near)}?" if near else ""


def hint(word: str, words: Iterable[str], known: str = "known here") -> str:
    """Return what to write instead of *word*: the nearest of *words*, or the first of them."""
    words = list(words)
    if near := nearest(word, words):
        return f"did you mean {short(near)}?"
    return f"{known}: {listed(words)}" if words else "nothing may stand here"
