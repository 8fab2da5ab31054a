"""The pictures of reach: how often viewers were reached, and how soon."""

from __future__ import annotations

import altair as alt
import polars as pl

from analysis.charts import axes
from analysis.charts.colours import BLUE, GREY
from analysis.charts.figure import Figure, figure, nothing
from analysis.delivery.reach import TIMES, frequency_found, one_by_one_found, time_found

MOST_OTHERS = 11
"""Line items that are drawn beside the chosen one, those that reached most."""


def frequency_figure(frequencies: pl.DataFrame, line_item: str) -> Figure:
    """Return the viewers of *line_item* by how often it reached them, of `reach.frequencies`."""
    about = "Viewers by the impressions that each had in the whole run; shares are of all who were reached."
    own = frequencies.filter(pl.col("line_item") == line_item)
    found = frequency_found(frequencies, line_item)
    if not own["viewers"].sum():
        return nothing(found, about)
    x = alt.X("times:N", sort=[*TIMES.values()], title="impressions", axis=alt.Axis(labelAngle=0))
    drawn = alt.Chart(own).encode(x=x, y=axes.height("viewers", "viewers"))
    bars = drawn.mark_bar(color=BLUE).encode(
        tooltip=[
            alt.Tooltip("times:N", title="impressions"),
            alt.Tooltip("viewers:Q", format=axes.COUNT),
            alt.Tooltip("share:Q", format=axes.SHARE),
        ]
    )
    shares = drawn.mark_text(baseline="bottom", dy=-3, color=axes.INK).encode(
        text=alt.Text("share:Q", format=axes.SHARE)
    )
    return figure(found, about, alt.layer(bars, shares).properties(height=240))


def one_by_one_figure(one_by_one: pl.DataFrame, line_item: str) -> Figure:
    """Return the viewers and households of *line_item* by impressions, of `reach.one_by_one`."""
    last = max(one_by_one["times"].to_list(), default=0)
    about = f"Those who had exactly so many impressions, {last} or more together; caps may count either."
    found = one_by_one_found(one_by_one, line_item)
    if not one_by_one["reached"].sum():
        return nothing(found, about)
    shown = one_by_one.filter(pl.col("times") <= one_by_one.filter(pl.col("reached") > 0)["times"].max())
    x = alt.X("times:O", title="impressions", axis=alt.Axis(labelAngle=0, labelOverlap=True))
    panels = {
        whose.capitalize(): alt.Chart(shown.filter(pl.col("whose") == whose))
        .mark_bar(color=BLUE)
        .encode(
            x=x,
            y=axes.height("reached", whose),
            tooltip=[
                alt.Tooltip("times:O", title="impressions"),
                alt.Tooltip("reached:Q", title=whose, format=axes.COUNT),
            ],
        )
        .properties(height=200)
        for whose in ("viewers", "households")
    }
    return figure(found, about, panels)


def over_time_figure(over_time: pl.DataFrame, line_item: str) -> Figure:
    """Return the viewers that *line_item* had reached by each hour, of `reach.over_time`."""
    about = "Viewers reached so far. A curve that flattens buys viewers whom it has reached before."
    found = time_found(over_time, line_item)
    own = over_time.filter(pl.col("line_item") == line_item)
    if not own["reach"].sum():
        return nothing(found, about)
    ends = over_time.filter(pl.col("line_item") != line_item).group_by("line_item").agg(pl.col("reach").max())
    ranked = ends.sort("reach", "line_item", descending=[True, False])["line_item"]
    others = over_time.filter(pl.col("line_item").is_in(ranked.head(MOST_OTHERS).to_list()))
    span = axes.span(over_time, "hour_end")
    encoded = {
        "x": axes.moments("hour_end", span),
        "y": axes.height("reach", "viewers reached"),
        "detail": "line_item:N",
        "tooltip": [
            alt.Tooltip("line_item:N", title="line item"),
            axes.moment("hour_end"),
            alt.Tooltip("reach:Q", title="viewers", format=axes.COUNT),
            alt.Tooltip("impressions:Q", format=axes.COUNT),
        ],
    }
    grey = alt.Chart(others).mark_line(color=GREY, strokeWidth=1.2, opacity=0.7).encode(**encoded)
    blue = alt.Chart(own).mark_line(color=BLUE, strokeWidth=2.5, point=own.height == 1).encode(**encoded)
    key = {line_item: BLUE, "other line items": GREY} if others.height else {}
    return figure(found, about, alt.layer(grey, blue).properties(height=260), key=key)
