"""The pictures of a study: paired differences with their intervals, and what arms came to seed by seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import altair as alt
import polars as pl

from analysis.charts import axes, colours
from analysis.charts.figure import MOST_ROWS, AnyChart, Figure, figure, nothing
from analysis.study.compared import Compared
from analysis.study.metrics import BETTER, METRICS, Metric
from analysis.study.statistics.paired import Difference
from analysis.study.wording import spoken, worded

MOST_ARMS = 40
"""A chart shows this many arms at most, in the order of the study."""
KEY = {"differs": colours.BLUE, "may be chance": colours.GREY}


class Interval(NamedTuple):
    """A row of a forest plot."""

    name: str
    mean: float
    low: float
    high: float
    note: str
    """What the row says beside its name."""

    @property
    def differs(self) -> bool:
        """Return whether zero lies outside."""
        return not self.low <= 0 <= self.high


def forest(rows: Sequence[Interval], axis: str, form: str) -> AnyChart:
    """Return a forest plot: a dot for each mean, a line for its interval, and a mark at zero."""
    names = [row.name for row in rows]
    drawn = pl.DataFrame(
        [(*row, "differs" if row.differs else "may be chance") for row in rows],
        schema=["name", "mean", "low", "high", "note", "verdict"],
        orient="row",
    )
    tips = [alt.Tooltip("name:N", title=" "), alt.Tooltip("note:N", title="from and to")]
    tips += [
        alt.Tooltip(f"{each}:Q", title=title, format=form)
        for each, title in (("mean", "difference"), ("low", "from"), ("high", "to"))
    ]
    base = alt.Chart(drawn).encode(
        y=axes.rows("name", names), color=colours.colour("verdict", KEY), tooltip=tips
    )
    lines = base.mark_rule(strokeWidth=3).encode(
        x=axes.quantity("low", axis, form.removeprefix("+")), x2=alt.X2("high:Q")
    )
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(x=alt.X("mean:Q"))
    words = axes.labels("name", names, {row.name: row.note for row in rows if row.note})
    return alt.layer(axes.zero("name", names), lines, dots, words).properties(height=alt.Step(axes.ROW))


def differences(found: Compared, baseline: str, currency: str = "") -> Figure:
    """Return how far each arm is from the *baseline* by one metric."""
    metric, apart = found.metric, [row for row in found.rows if row.difference]
    if not apart:
        return nothing(
            f"No arm shares two seeds with {baseline}, and an interval needs two: play more replications."
        )
    rows, unit, form = [], "", ""
    for row in apart[:MOST_ARMS]:
        if row.difference:
            one, unit, form = interval(metric, row.arm, row.difference, currency)
            rows.append(one)
    level, seeds = apart[0].difference, found.seeds
    assert level
    about = (
        f"{_capital(metric.text)}, each arm less {baseline}: mean and {level.level:.0%} interval over {seeds}"
        f" common seeds, each interval by itself; in {unit}. {_better(metric)}"
        f"{_left_out(len(apart))}"
    )
    axis = f"{spoken(metric)} less that of {baseline}, {unit}"
    return figure(_told(metric, rows, baseline), about, forest(rows, axis, form), key=KEY)


def interval(metric: Metric, name: str, apart: Difference, currency: str) -> tuple[Interval, str, str]:
    """Return a row of a forest plot, the unit it is drawn in, and its D3 format; shares are in points."""
    times = 100 if metric.unit == "share" else 1
    note = worded(metric, apart.mean, currency, apart=True) if name else ""
    row = Interval(name, times * apart.mean, times * apart.low, times * apart.high, note)
    form = "+,.3~f" if metric.unit == "ratio" else "+,.2~f"
    return row, _unit(metric, currency), form


def values(frame: pl.DataFrame, name: str, arms: Sequence[str], currency: str = "") -> Figure:
    """Return each seed's value of the metric of that *name* by arm; *frame* has arm, seed and value."""
    metric = METRICS[name]
    frame = frame.filter(pl.col("value").is_not_null())
    if frame.is_empty():
        return nothing(f"No arm has a value of {spoken(metric)}: it divides by nothing in each of them.")
    means = frame.group_by("arm").agg(pl.col("value").mean(), pl.len().alias("seeds")).sort("arm")
    mean = dict(means.select("arm", "value").iter_rows())
    there = [arm for arm in arms if arm in mean]
    names = there[:MOST_ARMS]
    few = (
        pl.int_range(pl.len()).over("arm") < MOST_ROWS // len(names) - 2
    )  # the mean and the name are rows, too
    frame, means = (each.filter(pl.col("arm").is_in(names)) for each in (frame.filter(few), means))
    words = {name: worded(metric, mean[name], currency) for name in names}
    form = ".0%" if metric.unit == "share" else axes.NUMBER
    unit = "" if metric.unit in {"share", "count", "ratio"} else f", {_unit(metric, currency)}"
    tips = [
        alt.Tooltip("arm:N", title="arm"),
        alt.Tooltip(
            "value:Q", title=spoken(metric), format=axes.SHARE if metric.unit == "share" else ",.2~f"
        ),
    ]
    x = axes.quantity("value", f"{spoken(metric)}{unit}", form, zero=False, nice=True)
    rows = axes.rows("arm", names)
    dots = alt.Chart(frame.select("arm", "seed", "value")).mark_point(size=30, opacity=0.55)
    seeds = dots.encode(
        x=x, y=rows, color=alt.value(colours.SKY), tooltip=[*tips, alt.Tooltip("seed:Q", format="d")]
    )
    middles = alt.Chart(means).mark_tick(thickness=3, size=18)
    ticks = middles.encode(x=alt.X("value:Q"), y=rows, color=alt.value(colours.BLUE), tooltip=tips)
    chart = alt.layer(seeds, ticks, axes.labels("arm", names, words)).properties(height=alt.Step(axes.ROW))
    low, high = (min(names, key=mean.__getitem__), max(names, key=mean.__getitem__))
    finding = f"{_capital(spoken(metric))} goes from {words[low]} with {low} to {words[high]} with {high}"
    if mean[low] == mean[high]:
        finding = f"All arms have the same {spoken(metric)}: {words[low]}"
    about = f"{_capital(metric.text)}: each seed, and the mean of each arm. {_better(metric)}"
    about += _left_out(len(there))
    return figure(finding, about, chart, key={"a seed": colours.SKY, "mean": colours.BLUE})


def best(leader: str, found: Compared, currency: str = "") -> str:
    """Return in a sentence which arm is best, held against *leader*, that with the best mean so far.

    With intervals that all hold at once it is best where none of them reaches zero: then its lead over every
    other arm is more than chance (multiple comparisons with the best; Hsu, Annals of Statistics 12(3), 1984).
    """
    metric, others = found.metric, [row for row in found.rows if row.arm != leader]
    near = [
        row.arm for row in others if row.difference is None or row.difference.low <= 0 <= row.difference.high
    ]
    mean = next(row.mean for row in found.rows if row.arm == leader)
    if mean is None:
        return f"No arm has a value of {spoken(metric)}."
    most = f"{leader} has the {'highest' if metric.better > 0 else 'lowest'} {spoken(metric)}"
    most += f", {worded(metric, mean, currency)}"
    if not near:
        return f"{most}, and is the best arm: its lead over every other one is more than chance."
    names = ", ".join(near[:3]) + (f" and {len(near) - 3} more" if len(near) > 3 else "")
    return f"{most}; but {names} may be as good, so the best arm is not known yet."


def _told(metric: Metric, rows: Sequence[Interval], baseline: str) -> str:
    surely = [row for row in rows if row.differs]
    if not surely:
        return f"By {spoken(metric)} no arm differs from {baseline} by more than chance"
    far = max(surely, key=lambda row: abs(row.mean))
    others = f"; {len(surely)} of {len(rows)} differ" if len(rows) > 1 else ""
    return (
        f"{far.name} is furthest from {baseline} by {spoken(metric)}: {far.note}{others} by more than chance"
    )


def _unit(metric: Metric, currency: str) -> str:
    if metric.unit == "share":
        return "percentage points"
    if metric.unit == "money":
        return currency.strip() or "the market's money"
    return metric.text.partition(",")[0]


def _better(metric: Metric) -> str:
    return f"{_capital(BETTER[metric.better])}." if metric.better else ""


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _left_out(arms: int) -> str:
    return f" The first {MOST_ARMS} arms are shown, {arms - MOST_ARMS} left out." if arms > MOST_ARMS else ""
