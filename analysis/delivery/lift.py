"""Lift: how many more viewers convert for the ads of a line item, beside those whom it holds out."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import NamedTuple

import polars as pl

from analysis.rows.results import Results

METHODS = {"ghost": "exposed_", "itt": ""}
"""Who is compared: viewers whom an ad reached or would have reached, or all whom the line item targets."""
SCHEMA: dict[str, pl.DataType] = {
    "line_item": pl.String(),
    "method": pl.String(),
    "treated": pl.Int64(),
    "held_out": pl.Int64(),
    "treated_rate": pl.Float64(),
    "baseline_rate": pl.Float64(),
    "lift": pl.Float64(),
    "relative_lift": pl.Float64(),
    "standard_error": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
}
"""The columns of `lift`, in order."""


class Difference(NamedTuple):
    """A difference of two shares, with its standard error and an interval."""

    value: float
    standard_error: float
    low: float
    high: float


def lift(run: Results, level: float = 0.95) -> pl.DataFrame:
    """Return the lift of each line item that holds viewers out, by method; no row without conversions.

    line_item; method: `ghost` compares viewers who were exposed with those of whom it has ghosts, the effect
    on the treated (Johnson, Lewis and Nubbemeyer, JMR 2017), and `itt`, intention to treat, all viewers whom
    it targets, exposed or not; treated and held_out, viewers of each arm (Int64); treated_rate and
    baseline_rate, the shares of them who converted; lift, their difference; relative_lift, by the baseline;
    standard_error of lift, and its interval at that *level*, low and high (Float64). NULL where an arm is
    empty, and of relative_lift where nobody held out converted.
    """
    last = run.table("lift").sort("hour_start").group_by("line_item_id").last()
    named = last.join(run.line_items, on="line_item_id")
    rows = [
        _row(counts, method, level)
        for counts in named.sort("advertiser", "campaign", "line_item").iter_rows(named=True)
        for method in METHODS
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def difference(some: int, of: int, others: int, among: int, level: float) -> Difference:
    """Return the share *some* / *of* less the share *others* / *among*, with an interval at that *level*.

    The standard error is Wald's. The interval joins the score intervals of both shares (Newcombe, Statistics
    in Medicine 17, 1998, method 10), which holds its level where conversions are few.
    """
    one, two = some / of, others / among
    low_1, high_1 = score_interval(some, of, level)
    low_2, high_2 = score_interval(others, among, level)
    return Difference(
        one - two,
        math.sqrt(one * (1 - one) / of + two * (1 - two) / among),
        one - two - math.hypot(one - low_1, high_2 - two),
        one - two + math.hypot(high_1 - one, two - low_2),
    )


def score_interval(some: int, of: int, level: float) -> tuple[float, float]:
    """Return the score interval of the share *some* / *of* (Wilson, JASA 22, 1927)."""
    z, share = NormalDist().inv_cdf((1 + level) / 2), some / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    width = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return middle - width, middle + width


def _row(counts: dict[str, int], method: str, level: float) -> tuple[object, ...]:
    of, some, among, others = (
        counts[f"{arm}_{METHODS[method]}{count}"]
        for arm in ("treated", "held_out")
        for count in ("viewers", "converters")
    )
    head = counts["line_item"], method, of, among
    if not of or not among:
        return *head, *[None] * (len(SCHEMA) - len(head))
    found, baseline = difference(some, of, others, among, level), others / among
    relative = found.value / baseline if baseline else None
    return *head, some / of, baseline, found.value, relative, *found[1:]
