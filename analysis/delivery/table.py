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
    found = (
        f"{scenario}: {impressions:,} impressions for {spend}; of {summary.height} line items"
        f" {summary.height - late} on schedule, {late} behind."
    )
    if error.by_hour is not None:
        found += f" What came was {error.by_hour:.1%} off its forecast by the hour,"
        found += f" and {error.by_day:.1%} by the day."
    return found


def table(summary: pl.DataFrame, currency: Currency = Currency.usd) -> str:
    """Return the summary of a run as an HTML table, which scrolls by itself where the page is narrow."""
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "budget": ("budget_micros", lambda micros: currency.shown(micros, cents=False)),
        "spend": ("spend_micros", currency.shown),
        "delivery": ("delivery", "{:.1%}".format),
        "impressions": ("impressions", "{:,}".format),
        "eCPM": ("ecpm", f"{currency.symbol}{{:,.{currency.decimals}f}}".format),
        "reach": ("reach", "{:,}".format),
        "frequency": ("frequency", "{:.1f}".format),
    }
    head = "".join(f"<th {_RIGHT}>{heading}</th>" for heading in columns)
    rows = []
    for row in summary.iter_rows(named=True):
        figures = [DASH if row[name] is None else shown(row[name]) for name, shown in columns.values()]
        cells = "".join(f"<td {_RIGHT}>{escape(figure)}</td>" for figure in figures)
        name, reason = escape(row["line_item"]), escape(why(row["reason"]))
        rows.append(f"<tr><td {_LEFT}>{name}</td>{cells}<td {_LEFT}>{reason}</td></tr>")
    return (
        '<div style="overflow-x: auto"><table style="border-collapse: collapse; font-size: 0.875rem">'
        f"<thead><tr><th {_LEFT}>line item</th>{head}<th {_LEFT}>why not more</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


_CELL = "padding: 0.3em 0.8em; border-bottom: 1px solid #9a9a9a40; vertical-align: top;"
_LEFT = f'style="{_CELL} text-align: left; min-width: 9em"'
_RIGHT = f'style="{_CELL} text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap"'
