"""Whom a line item reached, how often, and how soon: small frames, and what they say in a sentence."""

from __future__ import annotations

import numpy as np
import polars as pl

from analysis.delivery import report
from analysis.rows.results import Results
from sim.events import FREQUENCY_BUCKETS

TIMES = dict(zip(FREQUENCY_BUCKETS, ("1", "2", "3–5", "6–9", "10+"), strict=True))
"""How often a viewer was reached, as rows count it."""
MOST_TIMES = 20
"""Impressions that are told apart one by one, with the events of a run."""
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


def one_by_one(run: Results, events: pl.LazyFrame, line_item: str, most: int = MOST_TIMES) -> pl.DataFrame:
    """Return how many viewers, and households, had exactly so many impressions of *line_item*.

    whose (viewers or households), times, reached (Int64), for 1 to *most* times, which stands for more, too.
    *events* are the run's; who lives with whom is drawn again, as the run drew it.
    """
    named = run.line_items.filter(pl.col("line_item") == line_item)["line_item_id"]
    billed = ~pl.col("ghost") & pl.col("rendered") & ~pl.col("invalid")
    own = events.filter(pl.col("line_item_id").is_in(named.to_list()), billed).select("viewer_id").collect()
    homes = pl.Series(np.ascontiguousarray(run.market.people(run.scenario.seed)["household"])).gather(
        own["viewer_id"]
    )
    times = pl.int_range(1, most + 1, dtype=pl.Int64, eager=True)
    counted = []
    for whose, owners in (("viewers", own["viewer_id"]), ("households", homes)):
        each = owners.value_counts(name="times")["times"].cast(pl.Int64).clip(upper_bound=most)
        reached = (
            pl.DataFrame({"times": each}).group_by("times").agg(pl.len().cast(pl.Int64).alias("reached"))
        )
        frame = pl.DataFrame({"times": times}).join(reached, on="times", how="left", maintain_order="left")
        counted.append(frame.select(pl.lit(whose).alias("whose"), "times", pl.col("reached").fill_null(0)))
    return pl.concat(counted)


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


def one_by_one_found(one_by_one: pl.DataFrame, line_item: str) -> str:
    """Return in a sentence how often at least half of the viewers and households saw *line_item*."""
    half = {}
    for whose in ("viewers", "households"):
        own = one_by_one.filter(pl.col("whose") == whose).sort("times", descending=True)
        enough = own.filter(2 * pl.col("reached").cum_sum() >= pl.col("reached").sum(), pl.col("reached") > 0)
        half[whose] = enough["times"].to_list()[:1]
    if not half["viewers"]:
        return f"{line_item} reached nobody"
    viewers, homes = (f"{times} time{'s' * (times != 1)}" for (times,) in half.values())
    if viewers == homes:
        return f"Half of the viewers and households that {line_item} reached saw it {viewers} or more"
    told = f"Half of the viewers that {line_item} reached saw it {viewers} or more"
    return f"{told}, half of the households {homes}"


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
