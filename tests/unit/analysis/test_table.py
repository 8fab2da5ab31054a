"""The table of a page: figures for people, and names that are text and never markup."""

from __future__ import annotations

import re

import polars as pl

from analysis.delivery import table
from analysis.delivery.forecasts import ForecastError
from entities.enums import Currency

SUMMARY = pl.DataFrame(
    {
        "line_item": ["<b>TV</b>", "Mobile"],
        "budget_micros": [120_000_000, None],
        "spend_micros": [106_304_000, 0],
        "delivery": [0.885867, None],
        "impressions": [6644, 0],
        "ecpm": [16.0, None],
        "reach": [2652, 0],
        "frequency": [2.505, None],
        "reason": ["blocked_frequency_cap", None],
    }
)


def cells(html: str) -> list[list[str]]:
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    return [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]


def test_one_line_item_is_one() -> None:
    error = ForecastError(None, None)
    assert table.told("a", SUMMARY[:1], error) == (
        "a: 6,644 impressions for $106.30; of 1 line item 0 on schedule, 1 behind."
    )


def test_headings_are_plain_and_figures_are_for_people() -> None:
    heading, first, second = cells(table.table(SUMMARY))
    assert heading == [
        "line item",
        *("budget", "spend", "delivery", "impressions", "eCPM", "reach", "frequency"),
        "why not more",
    ]
    assert first[1:] == ["$120", "$106.30", "88.6%", "6,644", "$16.00", "2,652", "2.5", "frequency cap"]
    assert second == ["Mobile", "–", "$0.00", "–", "0", "–", "0", "–", "on schedule"]
    assert "¥106" in table.table(SUMMARY, Currency.jpy)


def test_a_name_is_text() -> None:
    html = table.table(SUMMARY)
    assert "<b>" not in html
    assert "&lt;b&gt;TV&lt;/b&gt;" in html
