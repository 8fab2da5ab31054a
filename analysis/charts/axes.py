"""Axes and formats with units: money, shares, counts and moments read the same in every chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import altair as alt
import polars as pl

from entities.enums import Currency

INK = "#444444"
ROW, BAR = 42, 14
"""Pixels of a row of `rows`, which has its name above its mark, and of a bar in it."""
SHARE, COUNT, NUMBER, AMOUNT = ".1%", ",.0f", ",~f", "$,~f"
"""D3 formats of a share and of a count; and of numbers and amounts of money on an axis."""


def money(currency: Currency) -> str:
    """Return the D3 format of an amount; its `$` is whatever the figure's currency has for a sign."""
    return f"$,.{currency.decimals}f"


def quantity(field: str, title: str, form: str = NUMBER, **scale: Any) -> alt.X:
    """Return a horizontal axis of amounts, with few ticks, so that it fits on a phone."""
    axis = alt.Axis(format=form, tickCount=5, labelOverlap=True, labelFlush=True)
    return alt.X(f"{field}:Q", title=title, axis=axis, scale=alt.Scale(**scale))


def height(field: str, title: str, form: str = NUMBER, **scale: Any) -> alt.Y:
    """Return a vertical axis of amounts; its title lies above it, in reading direction."""
    axis = alt.Axis(format=form, tickCount=5, titleAngle=0, titleAnchor="start", titleAlign="left", titleY=-8)
    return alt.Y(f"{field}:Q", title=title, axis=axis, scale=alt.Scale(**scale))


def span(frame: pl.DataFrame, field: str) -> timedelta:
    """Return the time from the first to the last moment of a column, nothing where there is none."""
    first, last = frame[field].min(), frame[field].max()
    return last - first if isinstance(first, datetime) and isinstance(last, datetime) else timedelta()


def moments(field: str, over: timedelta, unit: str = "", **scale: Any) -> alt.X:
    """Return a horizontal axis of UTC time, which names hours where it goes *over* three days or less.

    With a *unit* of Vega-Lite, such as `utcyearmonthdate`, moments are those of cells as wide as it.
    """
    hourly = over <= timedelta(days=3)
    form = "%-d %b, %H:00" if hourly else "%-d %b"
    axis = alt.Axis(format=form, tickCount=4 if hourly else 5, labelOverlap=True, labelFlush=True, grid=False)
    title, timed = "hour, UTC" if hourly else "day, UTC", f"{unit}({field})" if unit else field
    return alt.X(f"{timed}:T", title=title, axis=axis, scale=alt.Scale(type="utc", **scale))


def moment(field: str, title: str = "hour, UTC") -> alt.Tooltip:
    """Return the tooltip of a moment."""
    return alt.Tooltip(f"utcyearmonthdatehours({field}):T", title=title, format="%a %-d %b, %H:00")


def day(field: str, title: str = "day, UTC") -> alt.Tooltip:
    """Return the tooltip of a day."""
    return alt.Tooltip(f"utcyearmonthdate({field}):T", title=title, format="%a %-d %b")


def rows(field: str, names: Sequence[str]) -> alt.Y:
    """Return a vertical axis of named rows without labels: `labels` puts those above each row's mark."""
    scale = alt.Scale(domain=list(names), paddingInner=0, paddingOuter=0)
    return alt.Y(f"{field}:N", sort=list(names), scale=scale, axis=None)


def labels(field: str, names: Sequence[str], notes: Mapping[str, str] | None = None) -> alt.Chart:
    """Return the names of `rows` as a layer, each with its note: above their marks, so that none is cut.

    Marks keep the whole width, on a phone too; a longer name ends in dots, for it would take width from them.
    *notes* are words after a colon, by name.
    """
    words = [f"{name}: {notes[name]}" if notes and name in notes else name for name in names]
    schema = {field: pl.String, "label": pl.String}
    text = alt.Chart(pl.DataFrame({field: list(names), "label": words}, schema=schema))
    drawn: alt.Chart = text.mark_text(
        align="left", baseline="bottom", dy=-BAR // 2 - 1, color=INK, fontSize=12, limit=alt.ExprRef("width")
    ).encode(x=alt.value(0), y=rows(field, names), text="label:N")
    return drawn


def zero(field: str, names: Sequence[str]) -> alt.Chart:
    """Return a mark at zero in each of `rows` as a layer, short enough to leave the names alone."""
    places = alt.Chart(pl.DataFrame({field: list(names), "zero": [0.0] * len(names)}))
    marked = places.mark_tick(color=INK, thickness=1, size=BAR)
    drawn: alt.Chart = marked.encode(x=alt.X("zero:Q"), y=rows(field, names))
    return drawn
