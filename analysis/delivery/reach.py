"""Whom a line item reached, how often, and how soon: small frames, and what they say in a sentence."""

from __future__ import annotations

import polars as pl

from analysis.delivery import report
from analysis.rows.results import Results
from sim.events import FREQUENCY_BUCKETS

TIMES = dict(zip(FREQUENCY_BUCKETS, ("1", "2", "3–5", "6–9", "10+"), strict=True))
"""How often a viewer was reached, as rows count it."""
MOST_POINTS = 150
"""Of a curve."""


def frequencies(run: Results) -> pl.DataFrame:
    """Return the viewers of each line item by how often it reached them, at the end of the run.

    line_item; times (of TIMES), viewers (Int64); share of those it reached, NULL where it reached nobody.
    """
    names = list(TIMES)
    return (
        report.frequency(run)
        .with_columns(pl.col("bucket").replace_strict(names, range(len(names))).alias("place"))
        .sort("line_item", "place")
        .select(
            "line_item",
            pl.col("bucket").replace_strict(TIMES).alias("times"),
            "viewers",
            _over("viewers", pl.col("viewers").sum().over("line_item")).alias("share"),
        )
    )


def over_time(run: Results, most: int = MOST_POINTS) -> pl.DataFrame:
    """Return what each line item had reached by the end of some hours, the last one always among them.

    line_item, hour_end (UTC); reach (viewers), impressions (Int64); share, of its reach at the end, NULL
    where that is nobody. The hours are evenly apart, and about *most* for each line item.
    """
    curves = report.curves(run).with_columns((pl.col("hour_start") + pl.duration(hours=1)).alias("hour_end"))
    apart = -(-curves["hour_end"].n_unique() // most)
    place = pl.int_range(pl.len()).over("line_item")
    kept = (place % max(apart, 1) == 0) | (place == pl.len().over("line_item") - 1)
    return curves.filter(kept).select(
        "line_item",
        "hour_end",
        pl.col("reach_to_date").alias("reach"),
        pl.col("impressions_to_date").alias("impressions"),
        _over("reach_to_date", pl.col("reach_to_date").max().over("line_item")).alias("share"),
    )


def frequency_found(frequencies: pl.DataFrame, line_item: str) -> str:
    """Return in a sentence how often *line_item* reached whom it reached."""
    own = frequencies.filter(pl.col("line_item") == line_item)
    reached = int(own["viewers"].sum())
    if not reached:
        return f"{line_item} reached nobody"
    counts = dict(own.select("times", "viewers").iter_rows())
    once, often = counts["1"] / reached, counts["10+"] / reached
    people = "one viewer" if reached == 1 else f"{reached:,} viewers"
    return f"{line_item} reached {people}: {once:.0%} of them once, and {often:.0%} ten times or more"


def time_found(over_time: pl.DataFrame, line_item: str) -> str:
    """Return in a sentence how soon *line_item* had half of its reach."""
    own = over_time.filter(pl.col("line_item") == line_item).sort("hour_end")
    half = own.filter(2 * pl.col("reach") >= pl.col("reach").max(), pl.col("reach") > 0)
    if half.is_empty():
        return f"{line_item} reached nobody"
    impressions, reach = (int(own[name][-1]) for name in ("impressions", "reach"))
    spent = half["impressions"][0] / impressions
    return f"{line_item} had half of its {reach:,} viewers after {spent:.0%} of its impressions"


def _over(over: str, under: pl.Expr) -> pl.Expr:
    return pl.when(under > 0).then(pl.col(over) / under)
