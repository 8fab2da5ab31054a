"""Running the checks that are asked for, and the table of their rows as a page of Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, groupby, repeat
from pathlib import Path
from typing import NamedTuple

from analysis.verify.rows import Comparison, shown
from analysis.verify.subjects import Check, subjects
from entities.errors import InputError
from entities.messages import did_you_mean, nearest
from scenarios.generated import completed

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


PAGE = Path(__file__).parent.parent / "VERIFY.md"
GENERATED = "<!-- What follows is what was measured, by paceline verify -->\n"


def page(found: Sequence[Verified]) -> str:
    """Return *found* as Markdown under the head that PAGE has, a table for each subject.

    The same numbers give the same text.
    """
    lines = [f"\n{count(found)}", ""]
    for subject, rows in groupby(found, key=lambda one: one.check.subject):
        lines += [f"## {subject.title}", "", *_TABLE]
        for check, of_check in groupby(rows, key=lambda one: one.check):
            settings = chain([check.setting], repeat(""))
            lines += [_line(setting, one.row) for setting, one in zip(settings, of_check, strict=False)]
        lines.append("")
    return completed(PAGE, GENERATED, "\n".join(lines))


_TABLE = (
    "| setting | measured | exact | simulated | tolerance | n | result |",
    "| --- | --- | ---: | ---: | ---: | ---: | --- |",
)


def _line(setting: str, row: Comparison) -> str:
    numbers = (shown(row.exact), shown(row.simulated), shown(row.tolerance), f"{row.n:,}")
    return f"| {' | '.join((setting, row.name, *numbers, 'pass' if row.passes else 'FAIL'))} |"


def count(found: Sequence[Verified]) -> str:
    """Return in words how many rows pass, and how many fail."""
    failed, markets = sum(not one.row.passes for one in found), len({one.check for one in found})
    ending = f"market{'s' if markets > 1 else ''}{f'; {failed} FAIL' if failed else ''}."
    return f"{len(found) - failed} of {len(found)} rows pass, from {markets} {ending}"
