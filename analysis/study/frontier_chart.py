"""The picture of a frontier: two metrics of the arms against each other."""

from __future__ import annotations

import altair as alt
import polars as pl

from analysis.charts import axes
from analysis.charts.colours import BLUE, GREY
from analysis.charts.figure import Figure, figure, nothing
from analysis.study.frontier import FORMS, frontier_found, shortened
from analysis.study.metrics import METRICS

ENOUGH = 5
"""Seeds from which on intervals are drawn; those of fewer would hide the arms."""
_AXES = {"share": "~%", "count": axes.NUMBER, "money": axes.AMOUNT, "ratio": "~g"}
_ON, _BEATEN = "on the frontier", "beaten by another"


def frontier_figure(frontier: pl.DataFrame, x: str = "reach", y: str = "delivery") -> Figure:
    """Return the arms of `frontier` by *x* and *y*, with their intervals where there are ENOUGH seeds."""
    found, about = frontier_found(frontier, x, y), f"{METRICS[y].text.capitalize()} over {METRICS[x].text}"
    if frontier.is_empty():
        return nothing(found, f"{about}.")
    seeds = min(frontier["seeds"].to_list())
    about += f", the mean of {seeds} seeds" if seeds > 1 else ", of one seed"
    about += "; crosses are 95 % intervals." if seeds >= ENOUGH else "."
    names, rest = shortened(frontier["arm"].to_list())
    about += f" “{names[0]}” is {names[0]} {rest}." if rest else ""
    drawn = alt.Chart(frontier.with_columns(label=pl.Series(names, dtype=pl.String)).with_row_index("at", 1))
    colour = alt.when("datum.on_frontier").then(alt.value(BLUE)).otherwise(alt.value(GREY))

    def across(field: str = "x") -> alt.X:
        return axes.quantity(field, METRICS[x].text, _AXES[METRICS[x].unit], zero=False, padding=14)

    def up(field: str = "y") -> alt.Y:
        return axes.height(field, METRICS[y].text, _AXES[METRICS[y].unit], zero=False, padding=14)

    path = drawn.mark_line(color=GREY, strokeWidth=1, strokeDash=[3, 3])
    marks = [path.encode(x=across(), y=up(), order="at:Q")]
    if seeds >= ENOUGH:
        cross = drawn.mark_rule(strokeWidth=1.5)
        marks.append(cross.encode(x=across("x_low"), x2="x_high:Q", y=up(), color=colour))
        marks.append(cross.encode(x=across(), y=up("y_low"), y2="y_high:Q", color=colour))
    told = [
        alt.Tooltip("arm:N"),
        alt.Tooltip("x:Q", title=x, format=FORMS[METRICS[x].unit]),
        alt.Tooltip("y:Q", title=y, format=FORMS[METRICS[y].unit]),
        alt.Tooltip("seeds:Q"),
    ]
    marks.append(drawn.mark_circle(size=70, opacity=1).encode(x=across(), y=up(), color=colour, tooltip=told))
    # Neighbours have their numbers above and below, where they may be close; or beside, one above another.
    upright = frontier["x"].n_unique() == 1
    for above in (True, False):
        some = drawn.transform_filter(f"datum.at % 2 == {int(above)}")
        dx, dy = (9 if upright or seeds >= ENOUGH else 0), (0 if upright else -11 if above else 13)
        words = some.mark_text(dx=dx, dy=dy, color=axes.INK, fontSize=12)
        marks.append(words.encode(x=across(), y=up(), text="label:N"))
    key = {} if frontier["on_frontier"].all() else {_ON: BLUE, _BEATEN: GREY}
    return figure(found, about, alt.layer(*marks).properties(height=320), key=key)
