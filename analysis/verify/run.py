"""Running the checks: those that are asked for, in order, and the rows of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.verify.rows import Row
from analysis.verify.subjects import Check, Subject, subjects
from entities.errors import InputError
from entities.messages import did_you_mean, nearest

AUCTIONS = 1_000_000
"""How many auctions a check has at least, by default."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A row, with its subject and check."""

    subject: Subject
    check: Check
    row: Row


def chosen(words: Sequence[str] = ()) -> list[tuple[Subject, Check]]:
    """Return the checks whose subject and setting have all of *words* in them; InputError if none has."""
    every = [(subject, check) for subject in subjects() for check in subject.checks]
    found = [
        (subject, check)
        for subject, check in every
        if all(word.lower() in f"{subject.name} {subject.title} {check.setting}".lower() for word in words)
    ]
    if not found:
        known = ", ".join(subject.name for subject in subjects())
        raise InputError(
            f"--only {' '.join(words)}: no check has that in its words; subjects are {known}"
            f"{_suggestion(words, every)}"
        )
    return found


def _suggestion(words: Sequence[str], every: Sequence[tuple[Subject, Check]]) -> str:
    text = " ".join(f"{subject.name} {subject.title} {check.setting}" for subject, check in every).lower()
    known = sorted(set(text.replace(",", " ").split()))
    near = [nearest(word, known) for word in words if word.lower() not in text]
    return did_you_mean(" ".join(word for word in near if word))


def verify(checks: Sequence[tuple[Subject, Check]], auctions: int | None = None) -> Iterator[Verified]:
    """Yield each row of *checks*, of AUCTIONS or more by default, as soon as its market has run."""
    for subject, check in checks:
        for row in check.measure(auctions or AUCTIONS):
            yield Verified(subject, check, row)
