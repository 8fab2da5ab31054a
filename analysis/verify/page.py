"""The table of verified numbers as a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from analysis.verify.rows import shown
from analysis.verify.run import Verified

PAGE = Path(__file__).parent.parent / "VERIFY.md"
_HEAD = """\
# What is verified

Every row is an exact market, run as any other scenario is: what theory says that it must bring, beside what
it brought. The theory is a formula in `analysis/verify/theory`, with its source. The tolerance follows from
the number of draws: four standard errors, which one right row in 16,000 is beyond, and what the steps of a
table are known to cost where that is more than nothing. What chance has no part in has a tolerance of zero,
or of what is said beside it in `analysis/verify/subjects`: a micro of rounding, a bid for each shard, what a
feedback rule swings by. Run it again with `make verify`, or a part of it with `paceline verify --only WORDS`;
this page is written by `paceline verify --page analysis/VERIFY.md`.

"""


def page(found: Sequence[Verified]) -> str:
    """Return *found* as Markdown, a table for each subject; the same numbers give the same text."""
    lines = [_HEAD + count(found), ""]
    for title, rows in groupby(found, key=lambda one: one.subject.title):
        lines += [f"## {title}", "", _row("setting", "measured", *HEADS), _row(*_RULE)]
        last = ""
        for one in rows:
            setting = "" if one.check.setting == last else one.check.setting
            lines.append(_row(setting, one.row.name, *cells(one)))
            last = one.check.setting
        lines.append("")
    return "\n".join(lines)


HEADS = ("exact", "simulated", "tolerance", "n", "result")
_RULE = ("---", "---", "---:", "---:", "---:", "---:", "---")


def cells(one: Verified) -> tuple[str, str, str, str, str]:
    """Return the texts of a row under the HEADS."""
    row = one.row
    numbers = (shown(row.exact), shown(row.simulated), shown(row.tolerance), f"{row.n:,}")
    return (*numbers, "pass" if row.passes else "FAIL")


def count(found: Sequence[Verified]) -> str:
    """Return in words how many rows pass, and how many fail."""
    failed = sum(not one.row.passes for one in found)
    markets = len({(one.subject.name, one.check.setting) for one in found})
    ending = f"market{'s' if markets > 1 else ''}{f'; {failed} FAIL' if failed else ''}."
    return f"{len(found) - failed} of {len(found)} rows pass, from {markets} {ending}"


def _row(*parts: str) -> str:
    return f"| {' | '.join(parts)} |"
