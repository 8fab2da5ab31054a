"""The pictures and the table of a run's delivery: small frames in, Altair charts and HTML out."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from html import escape
from typing import Any, cast

import altair as alt
import polars as pl

from analysis.delivery.report import ENDINGS
from entities.enums import Currency
from entities.enums.funnel import REASONS, TOO_FEW
from sim.events import FREQUENCY_BUCKETS
from sim.units import MICROS

MOST_ROWS = 4_000
"""A chart is drawn from fewer rows than this; Altair refuses 5,000."""
MOST_LINE_ITEMS = 12
"""A chart shows this many line items at most, those with the largest budgets."""

# Okabe and Ito's colours, which the colour-blind can tell apart; grey is for comparisons.
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#9A9A9A"
_STAGE_COLOURS = (ORANGE, SKY, RED, PURPLE, GREEN, YELLOW)
_REST = "all other reasons"
_FREQUENCIES = dict(zip(FREQUENCY_BUCKETS, ("1", "2", "3–5", "6–9", "10+"), strict=True))
AnyChart = alt.Chart | alt.LayerChart | alt.FacetChart
_STEPS = (1, 2, 3, 6, 12, 24, 48, 168)


def shown(summary: pl.DataFrame) -> list[str]:
    """Return the names of the line items that charts show, the largest budgets first."""
    ranked = summary.sort(pl.col("budget_micros").fill_null(0), "line_item", descending=[True, False])
    return ranked["line_item"].head(MOST_LINE_ITEMS).to_list()


def thinned(curves: pl.DataFrame, most: int = MOST_ROWS) -> pl.DataFrame:
    """Return the last of every few hours, of as few as leave *most* rows; sums to date stay true."""
    for step in _STEPS:
        every = pl.col("hour_start").dt.truncate(f"{step}h")
        thin = curves.group_by("line_item", every.alias("step"), maintain_order=True).last()
        if thin.height <= most:
            break
    return thin.sort("line_item", "hour_start")


def delivery_chart(
    curves: pl.DataFrame, summary: pl.DataFrame, currency: Currency = Currency.usd
) -> AnyChart:
    """Return spend to date against the goal to date, a panel for each line item."""
    names, pair = shown(summary), ["delivered", "goal"]
    done = summary.filter(pl.col("delivery") >= 0.95).height
    thin = thinned(curves.filter(pl.col("line_item").is_in(names)), MOST_ROWS // 2)
    lines = thin.unpivot(
        ["delivered_cum_micros", "expected_cum_micros"],
        index=["line_item", "hour_start"],
        variable_name="what",
    ).with_columns(
        (pl.col("value") / MICROS).alias("amount"),
        pl.col("what").replace({"delivered_cum_micros": "delivered", "expected_cum_micros": "goal"}),
    )
    line = (
        alt.Chart(lines.select("line_item", "hour_start", "what", "amount"))
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("hour_start:T", title=None, scale=alt.Scale(type="utc"), axis=_days(5)),
            y=alt.Y("amount:Q", title=None, axis=alt.Axis(format="$~s", tickCount=4)),
            color=alt.Color(
                "what:N",
                title=None,
                scale=alt.Scale(domain=pair, range=[BLUE, ORANGE]),
                legend=alt.Legend(orient="top"),
            ),
            strokeDash=alt.StrokeDash(
                "what:N", title=None, scale=alt.Scale(domain=pair, range=[[1, 0], [5, 3]])
            ),
            tooltip=[
                _LINE_ITEM,
                alt.Tooltip("hour_start:T", title="hour (UTC)", format="%a %-d %b %H:%M"),
                alt.Tooltip("what:N", title=" "),
                alt.Tooltip("amount:Q", title="to date", format=f"$,.{currency.decimals}f"),
            ],
        )
        .properties(width=190, height=120)
    )
    title = f"{done} of {summary.height} line items delivered at least 95 % of their budget"
    return _finish(
        line.facet(
            alt.Facet("line_item:N", title=None, sort=names, header=alt.Header(labelFontWeight="bold")),
            columns=3,
        ).resolve_scale(y="independent"),
        title,
        "Spend to date and what the pacing policy wanted by then; the scale of each panel is its own",
        currency,
    )


def spend_chart(curves: pl.DataFrame, summary: pl.DataFrame, currency: Currency = Currency.usd) -> AnyChart:
    """Return spend by UTC day (by hour in a run of three days or less), a row for each line item."""
    names = shown(summary)
    hours = curves.select(pl.col("hour_start").max() - pl.col("hour_start").min()).item()
    step, unit = ("1h", "yearmonthdatehours") if hours is None or hours.days < 3 else ("1d", "yearmonthdate")
    spend = (
        curves.filter(pl.col("line_item").is_in(names))
        .group_by("line_item", pl.col("hour_start").dt.truncate(step).alias("when"), maintain_order=True)
        .agg((pl.col("spend_micros").sum() / MICROS).alias("amount"))
    )
    word, when, day = "day", "%a %-d %b", "%-d %B"
    if step == "1h":
        word, when, day = "hour", "%a %-d %b %H:00", "%-d %B at %H:00 UTC"
    totals = spend.group_by("when").agg(pl.col("amount").sum()).sort("amount", "when")
    title = f"No spend in any {word}"
    for at, amount in totals.tail(1).filter(pl.col("amount") > 0).iter_rows():
        title = f"Spend was highest on {at:{day}}: {currency.symbol}{amount:,.0f}"
    chart = _by_line_item(
        alt.Chart(spend).mark_rect(),
        names,
        alt.Tooltip(f"utc{unit}(when):T", title=f"{word} (UTC)", format=when),
        alt.Tooltip("amount:Q", title="spend", format=f"$,.{currency.decimals}f"),
        x=alt.X(f"utc{unit}(when):T", title=None, axis=_days(6)),
        color=alt.Color(
            "amount:Q",
            title=f"spend a {word}",
            scale=alt.Scale(scheme="blues", domainMin=0),
            legend=alt.Legend(format="$~s", orient="top", gradientLength=240),
        ),
    )
    return _finish(chart, title, f"Spend a UTC {word}; an empty cell is a {word} out of flight", currency)


def reach_chart(frequency: pl.DataFrame, summary: pl.DataFrame) -> AnyChart:
    """Return the viewers that each line item reached, by how often it reached them."""
    names = shown(summary)
    viewers = frequency.filter(pl.col("line_item").is_in(names)).with_columns(
        pl.col("bucket").replace_strict(list(_FREQUENCIES), range(len(_FREQUENCIES))).alias("order"),
        pl.col("bucket").replace(_FREQUENCIES),
    )
    bars = _by_line_item(
        alt.Chart(viewers).mark_bar(),
        names,
        alt.Tooltip("bucket:O", title="impressions a viewer"),
        alt.Tooltip("viewers:Q", format=",.0f"),
        x=alt.X("viewers:Q", title="viewers reached", axis=alt.Axis(format="~s")),
        color=alt.Color(
            "bucket:O",
            title="impressions a viewer",
            sort=list(_FREQUENCIES.values()),
            scale=alt.Scale(scheme="viridis", reverse=True),
            legend=alt.Legend(orient="top"),
        ),
        order=alt.Order("order:Q"),
    )
    averages = summary.filter(pl.col("line_item").is_in(names), pl.col("frequency").is_not_null())
    text = (
        alt.Chart(averages.select("line_item", "reach", "frequency"))
        .mark_text(align="left", dx=5, color="#444444")
        .encode(x="reach:Q", y=_rows(names), text=alt.Text("frequency:Q", format=".1f"))
    )
    title = "Nobody was reached"
    for most in averages.sort("frequency", "line_item").tail(1).iter_rows(named=True):
        title = f"{most['line_item']} came back most often: {most['frequency']:.1f} times to a viewer"
    return _finish(
        alt.layer(bars, text), title, "Viewers by impressions each; the number is the average frequency"
    )


def outcome_chart(outcomes: pl.DataFrame, summary: pl.DataFrame) -> AnyChart:
    """Return where the opportunities of each line item ended, as shares of those that matched."""
    names = shown(summary)
    stages = outcomes.filter(pl.col("line_item").is_in(names))
    shares = stages.with_columns(
        (pl.col("opportunities") / pl.col("opportunities").sum().over("line_item")).fill_nan(0).alias("share")
    )
    lost = shares.filter(pl.col("stage") != "impressions")
    largest = lost.group_by("stage").agg(pl.col("share").sum()).filter(pl.col("share") > 0)
    ranked = largest.sort("share", "stage", descending=[True, False])["stage"].to_list()
    named = summary["reason"].to_list()  # the table and the title have them, so the picture must
    ranked.sort(key=lambda stage: stage not in named)
    kept = sorted(ranked[: len(_STAGE_COLOURS)], key=ENDINGS.index)
    words = {stage: _spoken(stage) for stage in ("impressions", *kept)}
    drawn = (
        shares.with_columns(pl.col("stage").replace_strict(words, default=_REST))
        .group_by("line_item", "stage", maintain_order=True)
        .agg(pl.col("opportunities", "share").sum())
    )
    domain = [*words.values(), _REST]
    drawn = drawn.with_columns(pl.col("stage").replace_strict(domain, range(len(domain))).alias("order"))
    share, percent = "share of matched opportunities", alt.Axis(format=".0%")
    chart = _by_line_item(
        alt.Chart(drawn).mark_bar(),
        names,
        alt.Tooltip("stage:N", title="ended as"),
        alt.Tooltip("opportunities:Q", format=",.0f"),
        alt.Tooltip("share:Q", format=".1%"),
        x=alt.X("share:Q", title=share, axis=percent, scale=alt.Scale(domain=[0, 1])),
        color=alt.Color(
            "stage:N",
            title=None,
            scale=alt.Scale(domain=domain, range=[BLUE, *_STAGE_COLOURS[: len(kept)], GREY]),
            legend=alt.Legend(orient="top", columns=2, labelLimit=240),
        ),
        order=alt.Order("order:Q"),
    )
    title = "Every line item is on schedule; this is where the rest of its opportunities went"
    late = summary.filter(pl.col("reason").is_not_null()).sort(pl.col("delivery").fill_null(0), "line_item")
    for worst in late.head(1).iter_rows(named=True):
        title = f"{worst['line_item']} is furthest behind; its main reason is {_spoken(worst['reason'])}"
    return _finish(
        chart, title, "Each opportunity that matched is counted once, at the first check that stopped it"
    )


_LINE_ITEM = alt.Tooltip("line_item:N", title="line item")


def _by_line_item(chart: alt.Chart, names: list[str], *figures: alt.Tooltip, **channels: Any) -> alt.Chart:
    # A row for each line item, as wide as the page.
    drawn = chart.encode(y=_rows(names), tooltip=[_LINE_ITEM, *figures], **channels)
    return drawn.properties(width="container", height=alt.Step(26))


def _rows(names: list[str]) -> alt.Y:
    return alt.Y("line_item:N", title=None, sort=names, axis=alt.Axis(labelLimit=220))


def _spoken(stage: str) -> str:
    if stage == TOO_FEW:
        return REASONS[TOO_FEW]
    return stage.replace("blocked_", "blocked: ").replace("lost_", "lost: ").replace("_", " ")


def _days(ticks: int) -> alt.Axis:
    return alt.Axis(format="%-d %b", tickCount=ticks, labelOverlap=True, grid=False)


def _finish(chart: Any, title: str, subtitle: str, currency: Currency = Currency.usd) -> AnyChart:
    # Vega does not wrap lines, and this is what fits on a phone.
    text = alt.TitleParams(
        textwrap.wrap(title, 38),
        subtitle=textwrap.wrap(subtitle, 52),
        anchor="start",
        fontSize=15,
        subtitleColor="#666666",
        subtitleFontSize=12,
        offset=12,
    )
    titled = chart.properties(title=text).configure_view(stroke=None).configure_axis(gridColor="#EEEEEE")
    # What the `$` of a number format stands for.
    number = alt.NumberLocale(decimal=".", thousands=",", grouping=[3], currency=[currency.symbol, ""])
    return cast("AnyChart", titled.configure(locale=alt.Locale(number=number)))


DASH = "–"


def table(summary: pl.DataFrame, currency: Currency = Currency.usd) -> str:
    """Return the summary of a run as an HTML table, which scrolls by itself where the page is narrow."""
    columns: dict[str, tuple[str, Callable[[Any], str]]] = {
        "budget": ("budget_micros", lambda micros: currency.shown(micros, cents=False)),
        "spend": ("spend_micros", currency.shown),
        "delivery": ("delivery", "{:.1%}".format),
        "impressions": ("impressions", "{:,}".format),
        "eCPM": ("ecpm", f"{currency.symbol}{{:,.{currency.decimals}f}}".format),
        "reach": ("reach", "{:,}".format),
        "frequency": ("frequency", "{:.1f}".format),
    }
    head = "".join(f"<th {_RIGHT}>{heading}</th>" for heading in columns)
    rows = []
    for row in summary.iter_rows(named=True):
        figures = [DASH if row[name] is None else shown(row[name]) for name, shown in columns.values()]
        cells = "".join(f"<td {_RIGHT}>{escape(figure)}</td>" for figure in figures)
        name, why = escape(row["line_item"]), escape(_why(row["reason"]))
        rows.append(f"<tr><td {_LEFT}>{name}</td>{cells}<td {_LEFT}>{why}</td></tr>")
    return (
        '<div style="overflow-x: auto"><table style="border-collapse: collapse; font-size: 0.875rem">'
        f"<thead><tr><th {_LEFT}>line item</th>{head}<th {_LEFT}>why not more</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


_CELL = "padding: 0.3em 0.8em; border-bottom: 1px solid #9a9a9a40; vertical-align: top;"
_LEFT = f'style="{_CELL} text-align: left; min-width: 9em"'
_RIGHT = f'style="{_CELL} text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap"'


def _why(reason: str | None) -> str:
    return REASONS.get(reason, reason) if reason else "on schedule"
