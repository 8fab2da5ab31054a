"""The table of a run's delivery for a page, a row for each line item, in words and figures for people."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import polars as pl

from entities.enums import Currency
from entities.enums.funnel import REASONS

DASH = "–"


def html(summary: pl.DataFrame, currency: Currency = Currency.usd) -> str:
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
        name, why = escape(row["line_item"]), escape(_why(row["reason"]))
        rows.append(f"<tr><td {_LEFT}>{name}</td>{cells}<td {_LEFT}>{why}</td></tr>")
    return (
        '<div style="overflow-x: auto"><table style="border-collapse: collapse; font-size: 0.875rem">'
        f"<thead><tr><th {_LEFT}>line item</th>{head}<th {_LEFT}>why not more</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


_CELL = "padding: 0.3em 0.8em; border-bottom: 1px solid #9a9a9a40; vertical-align: top;"
_LEFT = f'style="{_CELL} text-align: left; min-width: 9em"'
_RIGHT = f'style="{_CELL} text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap"'


def _why(reason: str | None) -> str:
    return REASONS.get(reason, reason) if reason else "on schedule"
