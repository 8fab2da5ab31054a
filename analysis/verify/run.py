"""Running the checks: those that are asked for, in order, and the rows of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from analysis.verify.rows import Comparison
from analysis.verify.subjects import Check, subjects
from entities.errors import InputError
from entities.messages import did_you_mean, nearest

AUCTIONS = 1_000_000
"""How many auctions a check has at least, by default."""


class Verified(NamedTuple):
    """A row, with its check."""

    check: Check
    row: Comparison


def chosen(words: Sequence[str] = ()) -> list[Check]:
    """Return the checks whose subject and setting have all of *words* in them; InputError if none has."""
    texts = {
        check: f"{subject.name} {subject.title} {check.setting}".lower()
        for subject in subjects()
        for check in subject.checks
    }
    found = [check for check, text in texts.items() if all(word.lower() in text for word in words)]
    if not found:
        known = ", ".join(subject.name for subject in subjects())
        suggestion = _suggestion(words, " ".join(texts.values()))
        raise InputError(
            f"--only {' '.join(words)}: no check has that in its words; subjects are {known}{suggestion}"
        )
    return found


def _suggestion(words: Sequence[str], text: str) -> str:
    known = sorted(set(text.replace(",", " ").split()))
    near = [nearest(word, known) for word in words if word.lower() not in text]
    return did_you_mean(" ".join(word for word in near if word))


def verify(checks: Sequence[Check], auctions: int | None = None) -> Iterator[Verified]:
    """Yield each row of *checks*, of AUCTIONS or more by default, as soon as its market has run."""
    for check in checks:
        for row in check.measure(auctions or AUCTIONS):
            yield Verified(check, row)
