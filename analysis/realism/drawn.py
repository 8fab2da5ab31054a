"""A scorecard as a small frame: every figure on one scale, that of its range."""

from __future__ import annotations

import polars as pl

from analysis.realism.card import Scorecard, Verdict
from analysis.realism.ranges import Range

EDGE = 1.0
"""How many widths of its range beyond it a figure is drawn; what lies farther is drawn there."""


def card_frame(card: Scorecard) -> pl.DataFrame:
    """Return the rows of a scorecard as they are drawn, in their order.

    name, text (what it measures), verdict, note, source; least, most and figure in words, with their unit;
    at, where the figure lies if its range is from 0 to 1, cut at EDGE beyond it, NULL without a figure; cut,
    whether it was.
    """
    rows = []
    for row in card.rows:
        bounds, at = row.range, None
        if row.figure is not None:
            at = (row.figure - bounds.least) / (bounds.most - bounds.least)
        least, most = (shown(bounds, value) for value in (bounds.least, bounds.most))
        figure = "none" if row.figure is None else shown(bounds, row.figure)
        cut = at is not None and not -EDGE <= at <= 1 + EDGE
        place = None if at is None else min(max(at, -EDGE), 1 + EDGE)
        told = (bounds.name, bounds.text, row.verdict.value, row.note, bounds.source)
        rows.append((*told, least, most, figure, place, cut))
    words = ("name", "text", "verdict", "note", "source", "least", "most", "figure")
    schema = dict.fromkeys(words, pl.String()) | {"at": pl.Float64(), "cut": pl.Boolean()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def shown(bounds: Range, value: float) -> str:
    """Return a value of a range with its unit."""
    if bounds.unit == "%":
        return f"{100 * value:.3g} %"
    return f"{value:.3g} ×" if bounds.unit == "×" else f"{value:.3g} {bounds.unit}"


def sources(frame: pl.DataFrame) -> list[str]:
    """Return of each figure what it measures, where its range comes from, and what is to be said of it."""
    told = []
    for row in frame.iter_rows(named=True):
        name = row["name"].replace("_", " ").capitalize()
        note = f" Here {row['figure']}: {row['note']}." if row["note"] else ""
        told.append(f"{name}: {row['text']}. Range {row['least']} to {row['most']}: {row['source']}.{note}")
    return told


def card_found(frame: pl.DataFrame) -> str:
    """Return in a sentence how many figures lie in their range, and which do not."""
    held = frame.filter(pl.col("verdict").is_in([Verdict.inside, Verdict.out]))
    out = held.filter(pl.col("verdict") == Verdict.out)["name"].str.replace_all("_", " ").to_list()
    if held.is_empty():
        return "No figure of this run can be held against a range"
    count = f"{held.height - len(out)} of {held.height}" if out else f"All {held.height}"
    inside = "The one figure lies in its range" if count == "All 1" else f"{count} figures lie in their range"
    return f"{inside}; out {'is' if len(out) == 1 else 'are'} {', '.join(out)}" if out else inside
