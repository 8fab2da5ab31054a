"""The picture of what is verified: how far theory and simulation are apart, subject by subject."""

from __future__ import annotations

import altair as alt
import polars as pl

from analysis.charts import axes, colours
from analysis.charts.figure import Figure, figure, nothing
from analysis.verify.measured import CUT, short, verified

_ACROSS = "difference, in parts of the tolerance"


def verified_figure(found: pl.DataFrame) -> Figure:
    """Return the rows of `measured`, a mark each at the part of its tolerance that the difference takes."""
    about = (
        "A mark is a number that theory and simulation both have: simulated less exact, in parts of the"
        " tolerance, which is four standard errors and what a table's steps cost. Beyond 100 % it fails."
    )
    finding = verified(found)
    if found.is_empty():
        return nothing(finding, about)
    key = {"passes": colours.BLUE, "fails": colours.RED}
    rows = found.with_columns(result=pl.when("passes").then(pl.lit("passes")).otherwise(pl.lit("fails")))
    rows = rows.with_columns(head=pl.col("subject").replace(short(found["subject"].unique().to_list())))
    names = rows["head"].unique(maintain_order=True).to_list()
    counts = dict(rows.group_by("head").agg(pl.len()).iter_rows())
    details = {name: f"{counts[name]:,} row{'s' * (counts[name] != 1)}" for name in names}
    told = [
        alt.Tooltip("subject:N"),
        alt.Tooltip("setting:N"),
        alt.Tooltip("measured:N"),
        alt.Tooltip("exact:Q", format=",.6f"),
        alt.Tooltip("simulated:Q", format=",.6f"),
        alt.Tooltip("tolerance:Q", format=",.6f"),
        alt.Tooltip("n:Q", title="draws", format=axes.COUNT),
    ]
    edge = 1.1 if rows["passes"].all() else CUT + 0.1
    x = axes.quantity("part", _ACROSS, "+.0%", domain=[-edge, edge])
    y = axes.rows("head", names)
    ends = pl.DataFrame({"head": names, "low": -1.0, "high": 1.0})
    band = alt.Chart(ends).mark_bar(color=colours.SKY, size=axes.BAR, opacity=0.35)
    marks = alt.Chart(rows).mark_tick(thickness=2, size=axes.BAR, opacity=0.6)
    layers = (
        band.encode(x=alt.X("low:Q", title=_ACROSS), x2="high:Q", y=y),
        marks.encode(x=x, y=y, color=colours.colour("result", key), tooltip=told),
        axes.labels("head", names, details),
    )
    shown = {"tolerance": colours.SKY, "passes": colours.BLUE}
    shown |= {} if rows["passes"].all() else {"fails": colours.RED}
    chart = alt.layer(*layers).properties(height=alt.Step(axes.ROW))
    return figure(finding, about, chart, key=shown)
