"""The picture of a scorecard: each figure within or beside its range."""

from __future__ import annotations

import altair as alt
import polars as pl

from analysis.charts import axes, colours
from analysis.charts.figure import Figure, figure, nothing
from analysis.realism.card import Verdict
from analysis.realism.drawn import EDGE, card_found


def card_figure(card: pl.DataFrame) -> Figure:
    """Return every figure of a run on the scale of its range, of `card_frame`."""
    about = (
        "Each range, published or assumed, from its lower to its upper end, and where the run's figure lies."
        " A diamond at the edge is farther off than the range is wide; without a mark nothing was measured."
    )
    found = card_found(card)
    if card.is_empty():
        return nothing(found, about)
    key = {
        "range": colours.SKY,
        Verdict.inside.value: colours.BLUE,
        Verdict.out.value: colours.RED,
        Verdict.not_comparable.value: colours.GREY,
    }
    drawn = card.with_columns(pl.col("name").str.replace_all("_", " "), low=pl.lit(0.0), high=pl.lit(1.0))
    names = drawn["name"].to_list()
    details = {
        name: f"{figure}, range {least.split(' ')[0]} to {most}"
        for name, figure, least, most in drawn.select("name", "figure", "least", "most").iter_rows()
    }
    x = alt.X("low:Q", title=None, axis=None, scale=alt.Scale(domain=[-EDGE, 1 + EDGE]))
    y = axes.rows("name", names)
    told = [
        alt.Tooltip("text:N", title="what it is"),
        alt.Tooltip("figure:N", title="this run"),
        alt.Tooltip("least:N", title="from"),
        alt.Tooltip("most:N", title="to"),
        alt.Tooltip("verdict:N"),
        alt.Tooltip("note:N"),
    ]
    band = (
        alt.Chart(drawn).mark_bar(color=colours.SKY, size=axes.BAR, opacity=0.5).encode(x=x, x2="high:Q", y=y)
    )
    measured = drawn.filter(pl.col("at").is_not_null())
    dots = alt.Chart(measured).mark_point(size=110, filled=True, opacity=1)
    verdicts = {name: colour for name, colour in key.items() if name != "range"}
    dots = dots.encode(
        x="at:Q",
        y=y,
        color=colours.colour("verdict", verdicts),
        shape=alt.when("datum.cut").then(alt.value("diamond")).otherwise(alt.value("circle")),
        tooltip=told,
    )
    chart = alt.layer(band.encode(tooltip=told), dots, axes.labels("name", names, details))
    kept = {name: colour for name, colour in key.items() if name in measured["verdict"] or name == "range"}
    return figure(found, about, chart.properties(height=alt.Step(axes.ROW)), key=kept)
