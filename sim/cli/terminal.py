"""What a person sees: how far a run is, what it delivered, what a database holds, what an audit found."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from rich.box import SIMPLE
from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from entities.enums import Currency
from entities.enums.funnel import REASONS

if TYPE_CHECKING:
    import polars as pl

    from analysis.audit.findings import Audit
    from analysis.runs import playing
    from entities import registry

MICROS = 1_000_000
CENTS_BELOW = 10_000 * MICROS
"""The largest budget of a table that shows cents."""
WIDE = 110
"""Columns from which a table has room for the reasons beside the names instead of below them."""

NAME = 10
"""The least width of a column of names."""
FINDINGS = 5
"""How many findings on a law are shown."""


def console(file: TextIO | None) -> Console:
    """Return a console, mute for None: plain text in a pipe, no colour where NO_COLOR is set."""
    return Console(file=file, quiet=file is None, highlight=False, markup=False, emoji=False)


class Watcher:
    """Shows how far a run is: a bar on a terminal, elsewhere a line every tenth of the way."""

    def __init__(self, out: Console, first: str, clock: Callable[[], float] = time.perf_counter) -> None:
        self._out, self._clock = out, clock
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[pace]}"),
            console=out,
            transient=True,
            expand=True,
            disable=not out.is_terminal,
        )
        self._task = self._bar.add_task(first, total=None, pace="")
        self._began: tuple[float, int, int] | None = None  # when, hours and auctions of the first call
        self._told, self._tenths = clock(), 0
        if not out.is_terminal:
            self._line(first)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, now: playing.Progress) -> None:
        """Show that the run has come as far as *now*."""
        moment = self._clock()
        self._began = self._began or (moment, now.hour, now.auctions)
        if now.hour == now.hours:
            self._bar.update(
                self._task, description="storing the rows", completed=now.hour, total=now.hours, pace=""
            )
        else:
            pace = self._pace(moment, now)
            self._bar.update(
                self._task, description=f"{now.day:%Y-%m-%d}", completed=now.hour, total=now.hours, pace=pace
            )
            tenths = 10 * now.hour // now.hours
            if not self._out.is_terminal and tenths > self._tenths and moment - self._told >= 1:
                self._told, self._tenths = moment, tenths
                self._line(f"{100 * now.hour // now.hours:3} %  {now.day:%Y-%m-%d}  {pace}")

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._line(text)

    def _pace(self, moment: float, now: playing.Progress) -> str:
        began, hours, auctions = self._began or (moment, now.hour, now.auctions)
        if moment <= began or now.hour <= hours:
            return ""
        rate = (now.auctions - auctions) / (moment - began)
        left = (moment - began) / (now.hour - hours) * (now.hours - now.hour)
        return f"{short(rate)} auctions/s, {timedelta(seconds=round(left))} left"

    def _line(self, text: str) -> None:
        self._out.print(text, soft_wrap=True)


def short(number: float) -> str:
    """Return a number for reading: 950, 12.3 k, 22.1 M."""
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if number >= size:
            return f"{number / size:.1f} {unit}"
    return f"{number:.0f}"


def size(number: int) -> str:
    """Return a number of bytes for reading: 1.2 MB."""
    return f"{short(number)}B" if number >= 1000 else f"{number} B"


def money(micros: int, *, cents: bool, currency: str = "USD") -> str:
    """Return an amount in whole units of the currency, or with its cents."""
    return Currency(currency).shown(micros, cents=cents)


def delivery(out: Console, rows: pl.DataFrame, currency: str = "USD") -> None:
    """Print what each line item delivered, as `analysis.delivery.report.summary` tells it."""
    lines = rows.to_dicts()
    wide = out.width >= WIDE
    late = any(row["reason"] for row in lines)
    most = max((row["budget_micros"] or row["spend_micros"] for row in lines), default=0)
    cents = most < CENTS_BELOW
    table = new_table(gap=1 if wide else 0, footer=len(lines) > 1)
    table.add_column(
        "Line item\n› why it is behind" if late and not wide else "Line item",
        min_width=NAME,
        overflow="fold",
    )
    for name in ("Budget", "Spend", "Impressions", "Delivery", "eCPM", "Reach", "Freq."):
        table.add_column(name, justify="right", no_wrap=True)
    if wide:
        table.add_column("Why it is behind")
    for row in lines:
        reason = REASONS.get(row["reason"] or "", row["reason"] or "")
        label = Text(row["line_item"])
        if reason and not wide:
            label.append(f"\n› {reason}", style="dim")
        cells: list[str | Text] = [
            label,
            *_sold(row, cents, currency),
            f"{row['reach']:,}",
            _number(row["frequency"], ".2f"),
        ]
        table.add_row(*cells, *([reason] if wide else []))
    if len(lines) > 1:
        for column, text in zip(
            table.columns, ("Total", *_sold(_total(lines), cents, currency)), strict=False
        ):
            column.footer = text
    out.print()
    print_whole(out, table)
    out.print()


def _sold(row: Mapping[str, Any], cents: bool, currency: str) -> tuple[str, ...]:
    budget = row["budget_micros"]
    return (
        "–" if budget is None else money(budget, cents=cents, currency=currency),
        money(row["spend_micros"], cents=cents, currency=currency),
        f"{row['impressions']:,}",
        _number(row["delivery"], ".1%"),
        "–" if row["ecpm"] is None else money(round(row["ecpm"] * MICROS), cents=True, currency=currency),
    )


def _total(lines: list[dict[str, Any]]) -> dict[str, Any]:
    budgets = [row["budget_micros"] for row in lines]
    budget = None if None in budgets else sum(budgets)
    spend, impressions = (sum(row[name] for row in lines) for name in ("spend_micros", "impressions"))
    return {
        "budget_micros": budget,
        "spend_micros": spend,
        "impressions": impressions,
        "delivery": spend / budget if budget else None,
        "ecpm": spend / impressions / 1000 if impressions else None,
    }


def fact(out: Console, label: str, text: str, *, wrap: bool = False) -> None:
    """Print one line of `label  text`; what is to be copied is never broken."""
    if wrap:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(width=10)
        grid.add_column()
        grid.add_row(Text(label, style="bold"), text)
        print_bare(out, grid)
    else:
        out.print(Text.assemble((f"{label:11}", "bold"), text), soft_wrap=True)


def database(out: Console, name: str, file: Path | None, rows: Mapping[str, int]) -> None:
    """Print where a database is, its size, and how many rows each table has."""
    fact(out, "Database", f"{name}, {size(file.stat().st_size)}" if file else name)
    pairs = 3 if out.width >= WIDE else 2
    grid = Table.grid(padding=(0, 3, 0, 0))
    grid.add_column(min_width=8, no_wrap=True)
    for _ in range(pairs):
        grid.add_column(no_wrap=True)
        grid.add_column(justify="right", no_wrap=True)
    height = -(-len(rows) // pairs)
    listed = list(rows.items())
    columns = [listed[first : first + height] for first in range(0, len(listed), height or 1)]
    for place in range(height):
        here = [column[place] for column in columns if place < len(column)]
        cells = [cell for table, count in here for cell in (table, f"{count:,}")]
        grid.add_row(Text("Rows" if place == 0 else "", style="bold"), *cells)
    print_whole(out, grid)


def finished(out: Console, finished_runs: Iterable[registry.SimulationRun], currency: str = "USD") -> None:
    """Print the headline figures of each run, a line each."""
    wide = out.width >= WIDE
    table = new_table(gap=1 if wide else 0)
    table.add_column("Run", overflow="fold", min_width=NAME)
    for name in (*(["Seed"] if wide else []), "Auctions", "Impressions", "Spend", "Seconds", "Digest"):
        table.add_column(name, justify="right", no_wrap=True)
    for run in finished_runs:
        seed = [str(run.seed)] if wide else []
        table.add_row(
            _labelled(run),
            *seed,
            f"{run.auctions:,}",
            f"{run.impressions:,}",
            money(run.spend_micros, cents=False, currency=currency),
            f"{run.seconds:.1f}",
            run.digest[: 16 if wide else 8],
        )
    print_whole(out, table)


def _labelled(run: registry.SimulationRun) -> Text:
    label = Text(run.run_id)
    said = " ".join([*(f"#{tag}" for tag in run.tags.split()), run.notes]).strip()
    return label.append(f"\n› {said}", style="dim") if said else label


def audit(out: Console, found: Audit) -> None:
    """Print one line for each law, then the first findings on those that are broken, and what it comes to."""
    table = new_table()
    table.add_column("Law", justify="right", no_wrap=True)
    table.add_column("Name", no_wrap=True)
    table.add_column("Status", no_wrap=True)
    table.add_column("Checked", justify="right", no_wrap=True)
    table.add_column("Note")
    for law in found.laws:
        status = f"{law.status} {law.broken:,}×" if law.broken else law.status.value
        style = "bold red" if law.broken else "dim" if law.status == "not checked" else ""
        table.add_row(
            str(law.number), law.name, Text(status, style), f"{law.checked:,}", Text(law.note, "dim")
        )
    print_whole(out, table)
    for law in found.broken:
        out.print(Text(f"Law {law.number}, {law.name}: {law.text}", "bold"), soft_wrap=True)
        shown = law.findings[:FINDINGS]
        for finding in shown:
            out.print(f"  {finding.where}: {finding.value}; allowed: {finding.allowed}", soft_wrap=True)
        if law.broken > len(shown):
            out.print(f"  and {law.broken - len(shown):,} more", soft_wrap=True)
    checked = sum(law.status != "not checked" for law in found.laws)
    said = (
        f"{len(found.broken)} of {checked} laws broken"
        if found.broken
        else f"all {checked} laws checked hold"
    )
    fact(out, "Run", found.run_id)
    fact(out, "Result", said)


def new_table(*, gap: int = 1, footer: bool = False) -> Table:
    """Return an empty table as all of ours look."""
    return Table(
        box=SIMPLE,
        show_edge=False,
        show_footer=footer,
        padding=(0, gap, 0, 0),
        pad_edge=False,
        header_style="bold",
    )


def print_whole(out: Console, table: Table) -> None:
    """Print a table with all of its numbers whole."""
    # Names wrap or are cut, numbers never: where they do not fit, the table is wider than the terminal.
    names = [column for column in table.columns if not column.no_wrap]
    for column in names:
        column.width = NAME
    least = Measurement.get(out, out.options.update(width=1000), table).minimum
    for column in names:
        column.width = None
    if least > out.width and not out.quiet:
        out = Console(file=out.file, width=least, highlight=False, markup=False, emoji=False)
    print_bare(out, table)


def print_bare(out: Console, table: Table) -> None:
    """Print a table, in a pipe or a file without the blanks that fill its last column."""
    if out.is_terminal or out.quiet:
        out.print(table)
        return
    with out.capture() as caught:
        out.print(table)
    for line in caught.get().splitlines():
        out.file.write(f"{line.rstrip()}\n")


def _number(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)
