"""What is verified, as a small frame: how far theory and simulation are apart, in parts of the tolerance."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from analysis.verify.run import GENERATED, PAGE, Verified

CUT = 1.5
"""Parts of the tolerance beyond which a difference is drawn at it."""
_SCHEMA = {
    "subject": pl.String(),
    "setting": pl.String(),
    "measured": pl.String(),
    **dict.fromkeys(("exact", "simulated", "tolerance", "difference", "part"), pl.Float64()),
    "n": pl.Int64(),
    "passes": pl.Boolean(),
}
_Told = tuple[str, str, str, float, float, float, int, bool]


def of_rows(found: Iterable[Verified]) -> pl.DataFrame:
    """Return rows as they were measured just now.

    subject, setting, measured, exact, simulated, tolerance; difference (simulated - exact); part, how much of
    the tolerance it is, 0 where there is no difference, ±CUT at most; n; passes.
    """
    return _frame(
        (
            one.check.subject.title,
            one.check.setting,
            one.row.name,
            one.row.exact,
            one.row.simulated,
            one.row.tolerance,
            one.row.n,
            one.row.passes,
        )
        for one in found
    )


def of_page(page: Path = PAGE) -> pl.DataFrame:
    """Return the same from the page of verified numbers, as `paceline verify --page` wrote it last.

    Numbers are those of the page, with six decimals or fewer.
    """
    _, _, text = page.read_text(encoding="utf-8").partition(GENERATED)
    return _frame(_rows(text.splitlines()))


def _rows(lines: Iterable[str]) -> Iterable[_Told]:
    subject = setting = ""
    for line in lines:
        if line.startswith("## "):
            subject = line.removeprefix("## ")
        cells = [cell.strip() for cell in line.removeprefix("|").removesuffix("|").split(" | ")]
        if not line.startswith("|") or len(cells) != 7 or cells[-1] not in ("pass", "FAIL"):
            continue
        setting, measured = cells[0] or setting, cells[1]
        exact, simulated, tolerance = map(float, cells[2:5])
        passes = cells[-1] == "pass"
        yield subject, setting, measured, exact, simulated, tolerance, int(cells[5].replace(",", "")), passes


def _frame(rows: Iterable[_Told]) -> pl.DataFrame:
    found = []
    for subject, setting, measured, exact, simulated, tolerance, n, passes in rows:
        off = simulated - exact
        # Numbers of the page are rounded, and may seem to differ by more than they do.
        most = 1.0 if passes else CUT
        part = 0.0 if off == 0 else math.copysign(most, off)
        if tolerance > 0:
            part = min(max(off / tolerance, -most), most)
        found.append((subject, setting, measured, exact, simulated, tolerance, off, part, n, passes))
    return pl.DataFrame(found, schema=_SCHEMA, orient="row")


def short(titles: Sequence[str]) -> dict[str, str]:
    """Return for each title of a subject what stands before its colon, where no other has the same."""
    heads = [title.partition(":")[0] for title in titles]
    return {
        title: head if heads.count(head) == 1 else title for title, head in zip(titles, heads, strict=True)
    }


def verified(frame: pl.DataFrame) -> str:
    """Return in a sentence how many rows pass, and how near the farthest of them comes to its tolerance."""
    if frame.is_empty():
        return "Nothing is verified here"
    failed = frame.filter(~pl.col("passes")).height
    if failed:
        return f"{failed} of {frame.height} rows differ from theory by more than their tolerance"
    far = max(map(abs, frame["part"].to_list()))
    if not far:
        return f"All {frame.height} rows are what theory says, to the last digit"
    return f"All {frame.height} rows agree with theory; the farthest uses {far:.0%} of its tolerance"
