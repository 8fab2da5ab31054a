"""The table of verified numbers as a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby, repeat
from pathlib import Path

from analysis.verify.rows import Comparison, shown
from analysis.verify.run import Verified

PAGE = Path(__file__).parent.parent / "VERIFY.md"
GENERATED = "<!-- What follows is what was measured, by paceline verify -->\n"


def page(found: Sequence[Verified]) -> str:
    """Return *found* as Markdown under the head that PAGE has, a table for each subject.

    The same numbers give the same text.
    """
    head, _, _ = PAGE.read_text(encoding="utf-8").partition(GENERATED)
    lines = [f"{head}{GENERATED}\n{count(found)}", ""]
    for subject, rows in groupby(found, key=lambda one: one.check.subject):
        lines += [f"## {subject.title}", "", *_TABLE]
        for check, of_check in groupby(rows, key=lambda one: one.check):
            settings = chain([check.setting], repeat(""))
            lines += [_line(setting, one.row) for setting, one in zip(settings, of_check, strict=False)]
        lines.append("")
    return "\n".join(lines)


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
