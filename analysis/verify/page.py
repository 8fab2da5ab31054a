"""The table of verified numbers as a page of Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby, repeat
from pathlib import Path

from analysis.verify.rows import Comparison, shown
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
