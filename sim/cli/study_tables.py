"""How a study is printed: a block for each metric, an arm a line, at 80 columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from analysis.study.metrics import BETTER
from analysis.study.wording import shown
from entities import registry
from sim.cli import terminal

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.study.compared import Compared, Row
    from analysis.study.metrics import Metric
    from analysis.study.run import Progress, StudyRun
    from analysis.study.statistics.paired import Difference

SEEDS = 5
"""From so many on it is told what pairing saves."""
_HOW = {"t": "Student's t", "bca": "bootstrap over seeds", "sequential": "wide enough to stop at will"}


def study(out: Console, run: StudyRun, found: Sequence[Compared], db: str) -> None:
    """Print what came of a study."""
    asked = run.study
    if asked.description:
        terminal.fact(out, "Asked", asked.description, wrap=True)
    if asked.finding:
        terminal.fact(out, "Found", asked.finding, wrap=True)
    for one in found:
        _block(out, run, one)
    _notes(out, found)
    if run.told:
        terminal.fact(out, "Result", run.told, wrap=True)
    failures: dict[tuple[str, str], list[int]] = {}
    for failed in run.progress.failed:
        failures.setdefault((failed.task.arm, failed.error), []).append(failed.task.seed)
    for (arm, error), seeds in failures.items():
        terminal.fact(
            out, "Failed", f"{arm}, {len(seeds)} of its seeds, {seeds[0]} first: {error}", wrap=True
        )
    terminal.fact(out, "Kept", f"{run.progress.done:,} replications in study_results of {registry.shown(db)}")


def by_line_item(out: Console, run: StudyRun, found: Sequence[Compared]) -> None:
    """Print how far B, the second arm, is from A for each line item, a row for each metric."""
    if not found:
        return
    out.print(Text.assemble("\n", ("By line item", "bold"), f"  over {found[0].seeds} seeds"))
    table = terminal.new_table()
    table.add_column("line item", no_wrap=True, max_width=26)
    table.add_column("", no_wrap=True)
    for name in ("A", "B − A", "95 % interval"):
        table.add_column(name, justify="right", no_wrap=True)
    for one in found:
        base, other = one.rows
        apart = _cells(one.metric, other)[1:3] if other.difference else ["–", "–"]
        unit = run.currency.strip() if one.metric.unit == "money" else ""
        name = f"{one.metric.name}, {unit}" if unit else one.metric.name
        item = one.line_item.rpartition(" / ")[2] if one.metric is found[0].metric else ""
        table.add_row(Text(item, overflow="ellipsis"), name, _cells(one.metric, base)[0], *apart)
    terminal.print_plain(out, table)


def progress(now: Progress) -> str:
    """Return how a study begins, in one line."""
    known = f", {now.before:,} of them known" if now.before else ""
    return f"{now.total:,} replications{known}"


def _block(out: Console, run: StudyRun, one: Compared) -> None:
    better = BETTER[one.metric.better]
    unit = run.currency.strip() if one.metric.unit == "money" else ""
    what = f"{one.metric.text}, in {unit}" if unit else one.metric.text
    what = f"{what}; {better}" if better else what
    of = f" of {one.line_item.rpartition(' / ')[2]}" if one.line_item else ""
    out.print(Text.assemble("\n", (f"{one.metric.name}{of}", "bold"), f"  {what}"))
    table = terminal.new_table()
    table.add_column("arm", no_wrap=True, max_width=26)
    against = f"less {run.baseline}"
    names = ("mean", against if len(against) <= 19 else "difference", "95 % interval", "pairing")
    some = any(row.difference for row in one.rows)
    for name in names if some else names[:1]:
        table.add_column(name, justify="right", no_wrap=True)
    for row in one.rows:
        cells = _cells(one.metric, row)
        table.add_row(Text(row.arm, overflow="ellipsis"), *(cells if some else cells[:1]))
    terminal.print_plain(out, table)


def _cells(metric: Metric, row: Row) -> list[str]:
    apart = row.difference
    mean = "–" if row.mean is None else shown(metric, row.mean)
    if apart is None:
        return [mean, "", "", ""]
    low, high = (shown(metric, end, apart=True) for end in (apart.low, apart.high))
    return [mean, shown(metric, apart.mean, apart=True), f"{low} … {high}", _saved(apart)]


def _saved(apart: Difference) -> str:
    # To two significant digits, for variances of so few seeds are hardly known.
    if apart.seeds < SEEDS:
        return "–"
    if apart.saved is None:
        return "not defined"
    rounded = float(f"{apart.saved:.2g}")
    return f"{rounded:,.{max(0, 1 - math.floor(math.log10(rounded)))}f} ×"


def _notes(out: Console, found: Sequence[Compared]) -> None:
    several = [row.difference for one in found for row in one.rows if row.difference]
    out.print()
    if not several:
        out.print("No arm shares two seeds with the baseline, and an interval needs two or more.")
        return
    first = several[0]
    how = _HOW.get(first.method, first.method)
    times = f"{first.comparisons} comparison{'s' * (first.comparisons > 1)}"
    each = ", each interval by itself." if first.comparisons > 1 else "."
    out.print(
        f"Paired over {first.seeds} seeds ({how}), {times} a metric"
        f"{each} Shares are in percent, their differences in points."
    )
    out.print(
        "pairing: how many times the seeds that unpaired runs would need; not defined where"
        f" the difference never varies, as where a budget binds in both arms; – below {SEEDS} seeds."
    )
