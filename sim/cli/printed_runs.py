"""How runs are printed: their delivery, their headlines, their database, their audit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from entities.enums.funnel import REASONS
from sim.cli.terminal import (
    CENTS_BELOW,
    FINDINGS,
    NAME,
    WIDE,
    fact,
    money,
    new_table,
    number,
    print_table,
    size,
)
from sim.units import MICROS

if TYPE_CHECKING:
    import polars as pl

    from analysis.audit.findings import Audit
    from analysis.runs.stored import StoredRun


def delivery(out: Console, rows: pl.DataFrame, currency: str = "USD") -> None:
    """Print what each line item delivered, from `analysis.delivery.report.summary`."""
    lines = rows.to_dicts()
    wide = out.width >= WIDE
    late = any(row["reason"] for row in lines)
    most = max((row["budget_micros"] or row["spend_micros"] for row in lines), default=0)
    cents = most < CENTS_BELOW
    table = new_table(gap=1 if wide else 0, footer=len(lines) > 1)
    below = "\n› why it is behind" if late and not wide else ""
    table.add_column(f"Line item{below}", min_width=NAME, overflow="fold")
    for name in ("Budget", "Spend", "Impressions", "Delivery", "eCPM", "Reach", "Freq."):
        table.add_column(name, justify="right", no_wrap=True)
    if wide:
        table.add_column("Why it is behind")
    for row in lines:
        reason = REASONS.get(row["reason"] or "", row["reason"] or "")
        label = _labelled(row["line_item"], "" if wide else reason)
        figures = (*_sold(row, cents, currency), f"{row['reach']:,}", number(row["frequency"], ".2f"))
        table.add_row(label, *figures, *([reason] if wide else []))
    if len(lines) > 1:
        totals = ("Total", *_sold(_total(lines), cents, currency))
        for column, text in zip(table.columns, totals, strict=False):
            column.footer = text
    out.print()
    print_table(out, table)
    out.print()


def _sold(row: Mapping[str, Any], cents: bool, currency: str) -> tuple[str, ...]:
    budget = row["budget_micros"]
    return (
        "–" if budget is None else money(budget, cents=cents, currency=currency),
        money(row["spend_micros"], cents=cents, currency=currency),
        f"{row['impressions']:,}",
        number(row["delivery"], ".1%"),
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
    for place in range(height):
        here = list(rows.items())[place::height]
        cells = [cell for table, count in here for cell in (table, f"{count:,}")]
        grid.add_row(Text("Rows" if place == 0 else "", style="bold"), *cells)
    print_table(out, grid)


def finished(out: Console, runs: Iterable[StoredRun]) -> None:
    """Print the headline figures of each run, a line each."""
    wide = out.width >= WIDE
    table = new_table(gap=1 if wide else 0)
    table.add_column("Run", overflow="fold", min_width=NAME)
    for name in (*(["Seed"] if wide else []), "Auctions", "Impressions", "Spend", "Seconds", "Digest"):
        table.add_column(name, justify="right", no_wrap=True)
    for run in runs:
        tags = (f"#{tag}" for tag in run.row.tags.split())
        table.add_row(
            _labelled(run.run_id, " ".join([*tags, run.row.notes]).strip()),
            *([str(run.row.seed)] if wide else []),
            f"{run.auctions:,}",
            f"{run.impressions:,}",
            money(run.spend_micros, cents=False, currency=run.currency),
            f"{run.seconds:.1f}",
            run.digest[: 16 if wide else 8],
        )
    print_table(out, table)


def _labelled(name: str, below: str) -> Text:
    return Text(name).append(f"\n› {below}", style="dim") if below else Text(name)


def audit(out: Console, found: Audit) -> None:
    """Print one line for each law, then the first findings on broken ones, and the result."""
    table = new_table()
    for head in ("Law", "Name", "Status", "Checked"):
        table.add_column(head, justify="right" if head in {"Law", "Checked"} else "left", no_wrap=True)
    table.add_column("Note")
    for law in found.laws:
        status = f"{law.status} {law.broken:,}×" if law.broken else law.status.value
        style = "bold red" if law.broken else "dim" if law.status == "not checked" else ""
        table.add_row(
            str(law.number), law.name, Text(status, style), f"{law.checked:,}", Text(law.note, "dim")
        )
    print_table(out, table)
    for law in found.broken:
        out.print(Text(f"Law {law.number}, {law.name}: {law.text}", "bold"), soft_wrap=True)
        shown = law.findings[:FINDINGS]
        for finding in shown:
            out.print(f"  {finding.where}: {finding.value}; allowed: {finding.allowed}", soft_wrap=True)
        if law.broken > len(shown):
            out.print(f"  and {law.broken - len(shown):,} more", soft_wrap=True)
    fact(out, "Run", found.run_id)
    fact(out, "Result", found.result)
