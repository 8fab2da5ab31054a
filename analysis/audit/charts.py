"""The picture of an audit: how many things each law was checked on, and whether it holds."""

from __future__ import annotations

import altair as alt
import polars as pl

from analysis.audit.drawn import audit_found
from analysis.audit.report import Status
from analysis.charts import axes, colours
from analysis.charts.figure import Figure, figure, nothing

_COLOURS = {
    Status.holds.value: colours.BLUE,
    Status.broken.value: colours.RED,
    Status.not_checked.value: colours.GREY,
}


def audit_figure(audit: pl.DataFrame) -> Figure:
    """Return an audit law by law, of `audit_frame`."""
    about = "Laws of the market, and in how many places each was checked, on a logarithmic scale."
    found = audit_found(audit)
    if audit.is_empty():
        return nothing(found, about)
    names = audit["law"].to_list()
    key = {name: colour for name, colour in _COLOURS.items() if name in audit["status"]}
    details = {
        law: status
        if status == Status.not_checked
        else f"{status}, {_counted(broken or checked, bool(broken))}"
        for law, status, checked, broken in audit.select("law", "status", "checked", "broken").iter_rows()
    }
    bars = (
        alt.Chart(audit)
        .mark_bar(size=axes.BAR)
        .encode(
            x=alt.X(
                "checked:Q",
                title="places checked",
                scale=alt.Scale(type="symlog", domainMin=0),
                axis=alt.Axis(values=[0, *(10**power for power in range(1, 10))], format=axes.NUMBER),
            ),
            y=axes.rows("law", names),
            color=colours.colour("status", key),
            tooltip=[
                alt.Tooltip("number:O", title="law"),
                alt.Tooltip("text:N", title="it says"),
                alt.Tooltip("status:N"),
                alt.Tooltip("checked:Q", format=axes.COUNT),
                alt.Tooltip("broken:Q", format=axes.COUNT),
                alt.Tooltip("note:N"),
            ],
        )
    )
    chart = alt.layer(bars, axes.labels("law", names, details)).properties(height=alt.Step(axes.ROW))
    return figure(found, about, chart, key=key)


def _counted(places: int, broken: bool) -> str:
    return f"in {places:,} place{'s' * (places != 1)}" if broken else f"{places:,} checked"
