"""The pictures of an explanation: the funnel, who won what was lost, and what bound when."""

from __future__ import annotations

import altair as alt
import polars as pl

from analysis.charts import axes, colours
from analysis.charts.figure import AnyChart, Figure, figure, nothing
from analysis.explain import frames

_DAYS = 14
"""Days that are drawn one by one; of longer flights the days of the week are."""
_STEP, _LOSS = "came so far", "stopped or lost"
_KINDS = {
    "outside_demand": "demand from outside",
    "line_item": "a line item",
    "deal": "a deal ahead of the auction",
}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def funnel_figure(funnel: pl.DataFrame, line_item: str) -> Figure:
    """Return the funnel of *line_item* from top to bottom, of `frames.funnel_frame`.

    A panel each for the slots on offer, for those that matched, and for the impressions: each has its scale.
    """
    about = (
        "From slots on offer to ads seen to the end, in the order of the checks. Each slot is counted once,"
        " at the first check that stopped it; shares are of the step before. Each panel has its own scale."
    )
    found = frames.funnel_found(funnel, line_item)
    if not funnel["number"].sum():
        return nothing(found, about)
    key = {_STEP: colours.BLUE, _LOSS: colours.ORANGE}
    drawn = funnel.with_columns(kind=pl.when("loss").then(pl.lit(_LOSS)).otherwise(pl.lit(_STEP)))
    places = [*drawn.filter(pl.col("name").is_in(_BOUNDS))["place"], drawn.height]
    ends = dict(zip(_PANELS, zip([0, *places], [place + 1 for place in places], strict=False), strict=True))
    parts = {title: drawn[begin:end] for title, (begin, end) in ends.items()}
    panels = {title: _steps(part, key) for title, part in parts.items() if part.height > 1}
    return figure(found, about, panels, key=key)


_BOUNDS = "requests_matched", "impressions"
_PANELS = "Slots on offer", "Slots that matched", "Impressions"


def _steps(funnel: pl.DataFrame, key: dict[str, str]) -> AnyChart:
    names = funnel["step"].to_list()
    details = {
        step: f"{number:,}" if share is None else f"{number:,}, {share:.1%}"
        for step, number, share in funnel.select("step", "number", "of_step").iter_rows()
    }
    told = [
        alt.Tooltip("step:N"),
        alt.Tooltip("number:Q", title="slots", format=axes.COUNT),
        alt.Tooltip("of_step:Q", title="of the step before", format=axes.SHARE),
        alt.Tooltip("of_matched:Q", title="of those that matched", format=axes.SHARE),
    ]
    bars = alt.Chart(funnel).mark_bar(size=axes.BAR)
    encoded = bars.encode(
        x=axes.quantity("number", "slots"),
        y=axes.rows("step", names),
        color=colours.colour("kind", key),
        tooltip=told,
    )
    chart: AnyChart = alt.layer(encoded, axes.labels("step", names, details)).properties(
        height=alt.Step(axes.ROW)
    )
    return chart


def winners_figure(winners: pl.DataFrame, line_item: str) -> Figure:
    """Return who won what *line_item* lost, of `frames.winners_frame`."""
    about = "Bids that it lost to each winner in the whole run. Bids below their floor were lost to nobody."
    found = frames.winners_found(winners, line_item)
    if winners.is_empty():
        return nothing(found, about)
    key = dict(zip(_KINDS.values(), colours.SERIES, strict=False))
    drawn = winners.with_columns(pl.col("won_by").replace_strict(_KINDS, default=frames.REST).alias("kind"))
    key = {name: colour for name, colour in key.items() if name in drawn["kind"]}
    key |= {frames.REST: colours.GREY} if frames.REST in drawn["kind"] else {}
    names = drawn["winner"].to_list()
    details = {name: f"{bids:,} bids, {share:.1%}" for name, _, bids, share in winners.iter_rows()}
    bars = (
        alt.Chart(drawn)
        .mark_bar(size=axes.BAR)
        .encode(
            x=axes.quantity("bids", "bids lost to it"),
            y=axes.rows("winner", names),
            color=colours.colour("kind", key),
            tooltip=[
                alt.Tooltip("winner:N"),
                alt.Tooltip("kind:N", title="who it is"),
                alt.Tooltip("bids:Q", format=axes.COUNT),
                alt.Tooltip("share:Q", format=axes.SHARE),
            ],
        )
    )
    chart = alt.layer(bars, axes.labels("winner", names, details)).properties(height=alt.Step(axes.ROW))
    return figure(found, about, chart, key=key if len(key) > 1 else {})


def losses_figure(losses: pl.DataFrame) -> Figure:
    """Return who won what each line item lost, as shares, of `frames.losses`."""
    about = "Of the bids that each line item lost to somebody, whose ad was shown instead."
    found = frames.losses_found(losses)
    if losses.is_empty():
        return nothing(found, about)
    totals = losses.group_by("line_item").agg(pl.col("bids").sum())
    names = totals.sort("bids", "line_item", descending=[True, False])["line_item"].to_list()
    ranked = losses.group_by("winner").agg(pl.col("bids").sum())
    ranked = ranked.sort("bids", "winner", descending=[True, False]).filter(pl.col("winner") != frames.REST)
    key = colours.named(ranked["winner"].to_list())
    key |= {frames.REST: colours.GREY} if frames.REST in losses["winner"] else {}
    drawn = losses.with_columns(pl.col("winner").replace_strict([*key], range(len(key))).alias("order"))
    bars = (
        alt.Chart(drawn)
        .mark_bar(size=axes.BAR)
        .encode(
            x=axes.quantity("share", "share of what it lost", ".0%", domain=[0, 1]),
            y=axes.rows("line_item", names),
            color=colours.colour("winner", key),
            order="order:Q",
            tooltip=[
                alt.Tooltip("line_item:N", title="who lost"),
                alt.Tooltip("winner:N", title="who won"),
                alt.Tooltip("bids:Q", format=axes.COUNT),
                alt.Tooltip("share:Q", format=axes.SHARE),
            ],
        )
    )
    details = {name: f"{bids:,} bids lost" for name, bids in totals.iter_rows()}
    chart = alt.layer(bars, axes.labels("line_item", names, details)).properties(height=alt.Step(axes.ROW))
    return figure(found, about, chart, key=key)


def bound_figure(hours: pl.DataFrame, week: pl.DataFrame, line_item: str, zone: str) -> Figure:
    """Return what stopped most of what matched *line_item* in each hour, of `frames.bound_frame`.

    Of each day in flight where these are few, else of the days of the week.
    """
    daily = hours["date"].n_unique() <= _DAYS
    drawn = hours if daily else week
    of = "day of the flight" if daily else "day of the week, all weeks together"
    about = (
        f"For each hour ({zone}) of each {of}: the check or loss that stopped most of the slots that matched."
    )
    found = frames.bound_found(hours, line_item)
    if drawn.is_empty():
        return nothing(found, about)
    drawn = drawn.sort("date", "weekday", "hour")
    day = pl.col("weekday").replace_strict(range(7), _WEEKDAYS, return_dtype=pl.String)
    drawn = drawn.with_columns(
        day=pl.format("{} {}", day, pl.col("date").dt.strftime("%-d %b")) if daily else day
    )
    days = drawn["day"].unique(maintain_order=True).to_list()
    most = drawn.group_by("reason").agg(pl.len()).sort("len", "reason", descending=[True, False])["reason"]
    key = colours.named([reason for reason in most if reason != "nothing"])
    key |= {"nothing": colours.GREY} if "nothing" in most else {}
    ticks = alt.Axis(values=[0, 6, 12, 18, 23], labelAngle=0, format="02d")
    cells = (
        alt.Chart(drawn)
        .mark_rect(stroke="white", strokeWidth=0.5)
        .encode(
            x=alt.X("hour:O", title="hour of the day", axis=ticks, scale=alt.Scale(domain=list(range(24)))),
            y=alt.Y("day:N", sort=days, title=None),
            color=colours.colour("reason", key),
            tooltip=[
                alt.Tooltip("day:N"),
                alt.Tooltip("hour:O"),
                alt.Tooltip("reason:N", title="stopped most"),
                alt.Tooltip("stopped:Q", title="slots stopped", format=axes.COUNT),
                alt.Tooltip("share:Q", title="of those that matched", format=axes.SHARE),
            ],
        )
    )
    return figure(found, about, cells.properties(height=alt.Step(26)), key=key)
