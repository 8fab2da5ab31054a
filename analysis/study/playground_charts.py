"""The pictures of two arms that were played live: how they differ, and how each of them spends."""

from __future__ import annotations

import altair as alt
import polars as pl

from analysis.charts import axes, colours
from analysis.charts.figure import Figure, figure, nothing
from analysis.study.charts import KEY, forest, interval
from analysis.study.playground import Duel, Terms
from analysis.study.wording import spoken, worded
from entities.enums import Currency

_ARMS = {"A": colours.BLUE, "B": colours.ORANGE}
_SIGN = Currency.usd.symbol


def told(duel: Duel) -> str:
    """Return in a sentence what B brings instead of A, as far as it is more than chance."""
    if duel.a == duel.b:
        return "A and B are asked the same, and come to the same."
    if not duel.differences:
        return "Two seeds or more give an interval; move the slider of seeds."
    surely = [each for each in duel.differences if not each.apart.low <= 0 <= each.apart.high]
    if not surely:
        return f"Over {duel.seeds} seeds nothing that B does differs from A by more than chance."
    found = [
        f"{spoken(each.metric)} by {worded(each.metric, each.apart.mean, _SIGN, apart=True)}"
        for each in surely
    ]
    chance = [spoken(each.metric) for each in duel.differences if each not in surely]
    rest = f"; {', '.join(chance)} may differ by chance" if chance else ""
    return f"Against A, B changes {', '.join(found)}{rest}."


def differences(duel: Duel) -> Figure:
    """Return B less A by each metric with its interval, a panel for each, since units differ."""
    if not duel.differences:
        return nothing(told(duel))
    about = (
        f"B less A: mean and 95 % interval over {duel.seeds} seeds in which both meet the same viewers,"
        " rivals and luck. Each interval stands by itself. The heading has A's mean and B's."
    )
    panels = {}
    for each in duel.differences:
        row, unit, form = interval(each.metric, "", each.apart, _SIGN)
        means = (worded(each.metric, mean, _SIGN) for mean in (each.a, each.b))
        panels[f"{spoken(each.metric)}: {' → '.join(means)}"] = forest([row], f"B less A, {unit}", form)
    return figure(told(duel).removesuffix("."), about, panels, key=KEY)


def courses(duel: Duel) -> Figure:
    """Return spend to date hour by hour: each seed, and the mean of each arm."""
    means = duel.courses.group_by("arm", "hour").agg(pl.col("spent").mean()).sort("arm", "hour")
    ends = dict(means.filter(pl.col("hour") == pl.col("hour").max()).select("arm", "spent").iter_rows())
    colour, x = colours.colour("arm", _ARMS), axes.quantity("hour", "hour of the run", nice=False)
    y = axes.height("spent", "spend to date", axes.AMOUNT)
    tips = [
        alt.Tooltip("arm:N"),
        alt.Tooltip("hour:Q"),
        alt.Tooltip("spent:Q", title="to date", format="$,.2f"),
    ]
    each = alt.Chart(duel.courses).mark_line(strokeWidth=1, opacity=0.25)
    mean = alt.Chart(means).mark_line(strokeWidth=3)
    dashes = alt.StrokeDash("arm:N", legend=None, scale=alt.Scale(domain=[*_ARMS], range=[[1, 0], [6, 3]]))
    chart = alt.layer(
        each.encode(x=x, y=y, color=colour, detail=alt.Detail("seed:N")),
        mean.encode(x=x, y=y, color=colour, strokeDash=dashes, tooltip=tips),
    ).properties(height=220)
    a, b = (f"{_SIGN}{ends[arm]:,.2f} of {_SIGN}{_terms(duel, arm).budget:,}" for arm in _ARMS)
    about = (
        f"Spend to date at the end of each hour: a thin line for each of {duel.seeds} seeds, the mean thick."
    )
    return figure(f"By the last hour A has spent {a} in the mean, and B {b}", about, chart, key=_ARMS)


def _terms(duel: Duel, arm: str) -> Terms:
    return duel.a if arm == "A" else duel.b
