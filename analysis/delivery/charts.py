"""The pictures of a run's delivery: small frames in, figures with their findings out."""

from __future__ import annotations

from datetime import timedelta

import altair as alt
import polars as pl

from analysis.charts import axes, colours
from analysis.charts.figure import MOST_ROWS, Figure, figure, nothing
from analysis.delivery.report import ENDINGS
from entities.enums import Currency
from entities.enums.funnel import REASONS
from sim.events import FREQUENCY_BUCKETS
from sim.units import MICROS

MOST_LINE_ITEMS = 12
_CENTS_BELOW = 10
"""A chart shows this many line items at most, those with the largest budgets."""
_STAGE_COLOURS = (
    colours.ORANGE,
    colours.SKY,
    colours.RED,
    colours.PURPLE,
    colours.GREEN,
    colours.YELLOW,
)
_REST = "all other reasons"
_FREQUENCIES = dict(zip(FREQUENCY_BUCKETS, ("1", "2", "3–5", "6–9", "10+"), strict=True))
_TIMES = dict(
    zip(_FREQUENCIES.values(), ("#BBDF27", "#44BF70", "#21918C", "#355F8D", "#482878"), strict=True)
)
"""Of viridis, whose lightness falls evenly."""
_STEPS = (1, 2, 3, 6, 12, 24, 48, 168)
_FLAT = "No line item was in flight, so there is nothing to draw."


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


def delivery_chart(curves: pl.DataFrame, summary: pl.DataFrame, currency: Currency = Currency.usd) -> Figure:
    """Return spend to date against the goal to date, a panel for each line item."""
    names = shown(summary)
    if not names:
        return nothing(_FLAT)
    key = {"delivered": colours.BLUE, "goal": colours.ORANGE}
    thin = thinned(curves.filter(pl.col("line_item").is_in(names)), MOST_ROWS // 2)
    lines = (
        thin.unpivot(
            ["delivered_cum_micros", "expected_cum_micros"],
            index=["line_item", "hour_start"],
            variable_name="what",
        )
        .with_columns(
            (pl.col("value") / MICROS).alias("amount"),
            pl.col("what").replace({"delivered_cum_micros": "delivered", "expected_cum_micros": "goal"}),
        )
        .select("line_item", "hour_start", "what", "amount")
    )
    span = axes.span(curves, "hour_start")
    panels = {name: _course(lines.filter(line_item=name), key, span, currency) for name in names}
    budgeted = summary.filter(pl.col("delivery").is_not_null())
    done = budgeted.filter(pl.col("delivery") >= 0.95).height
    finding = f"{done} of {_counted(budgeted.height)} delivered at least 95 % of the budget"
    if budgeted.is_empty():
        finding = "No line item has a budget, so there is no goal to deliver"
    about = (
        "Spend to date in each hour, and what the pacing policy wanted by then. Where the lines run in"
        " parallel, something was lost once; where the gap keeps growing, something limits every hour. Each"
        " panel has a scale of its own."
    )
    return figure(finding, f"{about}{_left_out(summary)}", panels, key=key, currency=currency)


def _course(lines: pl.DataFrame, key: dict[str, str], span: timedelta, currency: Currency) -> alt.Chart:
    dashes = alt.Scale(domain=[*key], range=[[1, 0], [5, 3]])
    drawn: alt.Chart = (
        alt.Chart(lines)
        .mark_line(strokeWidth=2)
        .encode(
            x=axes.moments("hour_start", span),
            y=axes.height("amount", "spend to date", axes.AMOUNT),
            color=colours.colour("what", key),
            strokeDash=alt.StrokeDash("what:N", legend=None, scale=dashes),
            tooltip=[
                axes.moment("hour_start"),
                alt.Tooltip("what:N", title="line"),
                alt.Tooltip("amount:Q", title="to date", format=axes.money(currency)),
            ],
        )
        .properties(height=130)
    )
    return drawn


def spend_chart(curves: pl.DataFrame, summary: pl.DataFrame, currency: Currency = Currency.usd) -> Figure:
    """Return spend by UTC day (by hour in a run of three days or less), a row for each line item."""
    names = shown(summary)
    if not names:
        return nothing(_FLAT)
    span = axes.span(curves, "hour_start")
    hourly = span.days < 3
    word, article, step, unit = (
        ("hour", "an hour", "1h", "yearmonthdatehours") if hourly else ("day", "a day", "1d", "yearmonthdate")
    )
    spend = (
        curves.filter(pl.col("line_item").is_in(names))
        .group_by("line_item", pl.col("hour_start").dt.truncate(step).alias("when"), maintain_order=True)
        .agg((pl.col("spend_micros").sum() / MICROS).alias("amount"))
    )
    totals = spend.group_by("when").agg(pl.col("amount").sum()).sort("amount", "when")
    about = (
        f"Spend {article}, darker is more; an empty cell is {article} out of flight. A row that pales towards"
        " its end ran out of viewers or budget; one that darkens is catching up."
    )
    if not totals["amount"].sum():
        return nothing(f"Nothing was spent in any {word}.")
    at, amount = totals.row(-1)
    when = f"on {at:%-d %B} at {at:%H:00} UTC" if hourly else f"on {at:%-d %B}"
    most = currency.shown(round(amount * MICROS), cents=amount < _CENTS_BELOW)
    finding = f"Spend was highest {when}: {most} in that {word}"
    cells = (
        alt.Chart(spend)
        .mark_rect(height=axes.BAR)
        .encode(
            x=axes.moments("when", span, f"utc{unit}"),
            y=axes.rows("line_item", names),
            color=colours.amount("amount", f"spend {article}", axes.AMOUNT),
            tooltip=[
                alt.Tooltip("line_item:N", title="line item"),
                axes.moment("when") if hourly else axes.day("when"),
                alt.Tooltip("amount:Q", title="spend", format=axes.money(currency)),
            ],
        )
        .properties(height=alt.Step(axes.ROW))
    )
    return figure(
        finding,
        f"{about}{_left_out(summary)}",
        alt.layer(cells, axes.labels("line_item", names)),
        currency=currency,
    )


def reach_chart(frequency: pl.DataFrame, summary: pl.DataFrame) -> Figure:
    """Return the viewers that each line item reached, by how often it reached them."""
    averages = summary.filter(pl.col("frequency").is_not_null())
    names = [name for name in shown(summary) if name in averages["line_item"]]
    if not names:
        return nothing("Nobody was reached, so there is nothing to draw.")
    buckets = list(_FREQUENCIES)
    viewers = frequency.filter(pl.col("line_item").is_in(names)).with_columns(
        pl.col("bucket").replace_strict(buckets, range(len(buckets))).alias("order"),
        pl.col("bucket").replace(_FREQUENCIES),
    )
    bars = _bars(
        viewers,
        names,
        axes.quantity("viewers", "viewers reached"),
        ("bucket", _TIMES),
        alt.Tooltip("bucket:O", title="impressions to a viewer"),
        alt.Tooltip("viewers:Q", title="viewers", format=axes.COUNT),
    )
    most = averages.sort("frequency", "line_item").row(-1, named=True)
    finding = f"{most['line_item']} came back most often: {most['frequency']:.1f} times to a viewer"
    if averages.height == 1:
        finding = f"{most['line_item']} reached {most['reach']:,} viewers, {most['frequency']:.1f} times each"
    texts = dict(averages.select("line_item", "frequency").iter_rows())
    labelled = axes.labels(
        "line_item", names, {name: f"{texts[name]:.1f} times on average" for name in names}
    )
    about = (
        "Viewers by how many impressions they had. Viewing is heavy-tailed: without a tight cap a few heavy"
        " viewers take much of a budget."
    )
    return figure(finding, f"{about}{_left_out(summary)}", alt.layer(bars, labelled), key=_TIMES)


def outcome_chart(outcomes: pl.DataFrame, summary: pl.DataFrame) -> Figure:
    """Return where the opportunities of each line item ended, as shares of those that matched."""
    names = shown(summary)
    stages = outcomes.filter(pl.col("line_item").is_in(names))
    if not stages["opportunities"].sum():
        return nothing("No slot matched any line item, so none was bought or lost.")
    shares = stages.with_columns(
        (pl.col("opportunities") / pl.col("opportunities").sum().over("line_item")).fill_nan(0).alias("share")
    )
    lost = shares.filter(pl.col("stage") != "impressions")
    largest = lost.group_by("stage").agg(pl.col("share").sum()).filter(pl.col("share") > 0)
    ranked = largest.sort("share", "stage", descending=[True, False])["stage"].to_list()
    named = summary["reason"].to_list()  # the table and the title have them, so the picture must
    ranked.sort(key=lambda stage: stage not in named)
    kept = sorted(ranked[: len(_STAGE_COLOURS)], key=ENDINGS.index)
    words = {"impressions": "impressions"} | {stage: why(stage) for stage in kept}
    drawn = (
        shares.with_columns(pl.col("stage").replace_strict(words, default=_REST))
        .group_by("line_item", "stage", maintain_order=True)
        .agg(pl.col("opportunities", "share").sum())
    )
    key = dict(zip(words.values(), (colours.BLUE, *_STAGE_COLOURS), strict=False))
    drawn = drawn.filter((pl.col("stage") != _REST) | (pl.col("opportunities") > 0))
    if _REST in drawn["stage"]:
        key[_REST] = colours.GREY
    drawn = drawn.with_columns(pl.col("stage").replace_strict([*key], range(len(key))).alias("order"))
    bars = _bars(
        drawn,
        names,
        axes.quantity("share", "share of matched opportunities", ".0%", domain=[0, 1]),
        ("stage", key),
        alt.Tooltip("stage:N", title="ended as"),
        alt.Tooltip("opportunities:Q", title="opportunities", format=axes.COUNT),
        alt.Tooltip("share:Q", title="share", format=axes.SHARE),
    )
    finding = "Every line item is on schedule; this is where the rest of its opportunities went"
    late = summary.filter(pl.col("reason").is_not_null()).sort(pl.col("delivery").fill_null(0), "line_item")
    for worst in late.head(1).iter_rows(named=True):
        finding = f"{worst['line_item']} is furthest behind; its main reason is {why(worst['reason'])}"
    about = (
        "Every opportunity that matched, counted once: at the first check that stopped it. Allowance and"
        " throttle are the pacing policy's own doing; caps and budgets are the booking's; floor, ambient"
        " demand and rivals are the price's."
    )
    chart = alt.layer(bars, axes.labels("line_item", names))
    return figure(finding, f"{about}{_left_out(summary)}", chart, key=key)


def why(reason: str | None) -> str:
    """Return a reason of `report.summary` in words."""
    return REASONS.get(reason, reason) if reason else "on schedule"


def _bars(
    frame: pl.DataFrame, names: list[str], x: alt.X, parts: tuple[str, dict[str, str]], *figures: alt.Tooltip
) -> alt.Chart:
    # A row for each line item, its bar in parts of some colours.
    bars: alt.Chart = (
        alt.Chart(frame)
        .mark_bar(size=axes.BAR)
        .encode(
            x=x,
            y=axes.rows("line_item", names),
            color=colours.colour(*parts),
            order="order:Q",
            tooltip=[alt.Tooltip("line_item:N", title="line item"), *figures],
        )
        .properties(height=alt.Step(axes.ROW))
    )
    return bars


def _counted(items: int) -> str:
    return f"{items} line item{'s' * (items != 1)}"


def _left_out(summary: pl.DataFrame) -> str:
    rest = summary.height - MOST_LINE_ITEMS
    return f" The {MOST_LINE_ITEMS} largest budgets are shown, {rest} left out." if rest > 0 else ""
