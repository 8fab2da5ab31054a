"""The summary of a run in words, and as an HTML table."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import polars as pl

from analysis.delivery.charts import why
from analysis.delivery.forecasts import ForecastError
from entities.enums import Currency

DASH = "–"


def told(
    scenario: str, summary: pl.DataFrame, error: ForecastError, currency: Currency = Currency.usd
) -> str:
    """Return in a sentence or two what came of a run of a *scenario* as a whole."""
    spend, impressions = currency.shown(int(summary["spend_micros"].sum())), summary["impressions"].sum()
    late = summary.height - summary["reason"].null_count()
    items = f"{summary.height} line item{'s' * (summary.height != 1)}"
    found = (
        f"{scenario}: {impressions:,} impressions for {spend}; of {items}"
        f" {summary.height - late} on schedule, {late} behind."
    )
    if error.by_hour is not None:
        found += f" What came was {error.by_hour:.1%} off its forecast by the hour,"
        found += f" and {error.by_day:.1%} by the day."
    return found


def table(summary: pl.DataFrame, currency: Currency = Currency.usd) -> str:
    """Return the summary of a run as an HTML table; on a phone each row is a few lines of figures."""
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "budget": ("budget_micros", lambda micros: currency.shown(micros, cents=False)),
        "spend": ("spend_micros", currency.shown),
        "delivery": ("delivery", "{:.1%}".format),
        "impressions": ("impressions", "{:,}".format),
        "eCPM": ("ecpm", f"{currency.symbol}{{:,.{currency.decimals}f}}".format),
        "reach": ("reach", "{:,}".format),
        "frequency": ("frequency", "{:.1f}".format),
    }
    head = "".join(f"<th>{heading}</th>" for heading in ("line item", *columns, "why not more"))
    rows = []
    for row in summary.iter_rows(named=True):
        figures = (DASH if row[name] is None else shown(row[name]) for name, shown in columns.values())
        cells = [f'<td data-of="{of}">{escape(each)}</td>' for of, each in zip(columns, figures, strict=True)]
        name, reason = escape(row["line_item"]), escape(why(row["reason"]))
        cells = [f"<td>{name}</td>", *cells, f'<td data-of="why not more">{reason}</td>']
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<style>{_STYLE}</style><table class="paceline">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"
    )


_STYLE = """
.paceline { border-collapse: collapse; font-size: 0.875rem }
.paceline :is(th, td) { padding: 0.3em 0.8em; border-bottom: 1px solid #9a9a9a40; text-align: right;
  vertical-align: top; font-variant-numeric: tabular-nums; white-space: nowrap }
.paceline :is(th, td):is(:first-child, :last-child) { text-align: left; white-space: normal; min-width: 9em;
  overflow-wrap: anywhere }
@media (max-width: 820px) {
  .paceline thead { display: none }
  .paceline tr { display: flex; flex-wrap: wrap; gap: 0 1em; padding: 0.4em 0 }
  .paceline tbody tr { border-bottom: 1px solid #9a9a9a40 }
  .paceline tbody td { border: 0; padding: 0; min-width: 0 }
  .paceline td:first-child { flex-basis: 100%; font-weight: 700 }
  .paceline td[data-of]::before { content: attr(data-of) " "; opacity: 0.7 }
}
"""
