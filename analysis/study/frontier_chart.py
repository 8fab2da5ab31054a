"""The picture of a frontier: two metrics of the arms against each other."""

from __future__ import annotations

import altair as alt
import polars as pl

from analysis.charts import axes
from analysis.charts.colours import BLUE, GREY
from analysis.charts.figure import Figure, figure, nothing
from analysis.study.frontier import FORMS, frontier_found
from analysis.study.metrics import METRICS

ENOUGH = 5
"""Seeds from which on intervals are drawn; those of fewer would hide the arms."""
_ON, _BEATEN = "on the frontier", "beaten in both"


def frontier_figure(frontier: pl.DataFrame, x: str = "reach", y: str = "delivery") -> Figure:
    """Return the arms of `frontier` by *x* and *y*, with their intervals where there are ENOUGH seeds."""
    found, about = frontier_found(frontier, x, y), f"{METRICS[y].text.capitalize()} over {METRICS[x].text}"
    if frontier.is_empty():
        return nothing(found, f"{about}.")
    seeds = min(frontier["seeds"].to_list())
    about += f", the mean of {seeds} seeds" if seeds > 1 else ", of one seed"
    about += "; crosses are 95 % intervals." if seeds >= ENOUGH else "."
    names, rest = shortened(frontier["arm"].to_list())
    about += f" Each dot is an arm, by its number: “{names[0]}” is {names[0]} {rest}." if rest else ""
    drawn = alt.Chart(frontier.with_columns(label=pl.Series(names, dtype=pl.String)))
    colour = alt.when("datum.on_frontier").then(alt.value(BLUE)).otherwise(alt.value(GREY))

    def across(field: str = "x") -> alt.X:
        return axes.quantity(field, METRICS[x].text, FORMS[METRICS[x].unit], zero=False, padding=12)

    def up(field: str = "y") -> alt.Y:
        return axes.height(field, METRICS[y].text, FORMS[METRICS[y].unit], zero=False, padding=12)

    path = drawn.mark_line(color=GREY, strokeWidth=1, strokeDash=[3, 3]).transform_window(at="row_number()")
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
    words = drawn.mark_text(dy=-11, color=axes.INK, fontSize=12)
    marks.append(words.encode(x=across(), y=up(), text="label:N"))
    key = {} if frontier["on_frontier"].all() else {_ON: BLUE, _BEATEN: GREY}
    return figure(found, about, alt.layer(*marks).properties(height=320), key=key)


def shortened(arms: list[str]) -> tuple[list[str], str]:
    """Return *arms* without the words that all of them end with, and these words."""
    words, most = [arm.split() for arm in arms], min((len(arm.split()) for arm in arms), default=0)
    same = 0
    while len(arms) > 1 and same + 1 < most and len({each[-1 - same] for each in words}) == 1:
        same += 1
    if not same:
        return arms, ""
    return [" ".join(each[:-same]) for each in words], " ".join(words[0][-same:])
