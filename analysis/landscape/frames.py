"""The landscape in small frames: what wins at which bid, prices by hour and genre, and what is kept."""

from __future__ import annotations

import polars as pl

from analysis.rows.results import Results

CPM = 1_000
"""Micros of an impression in one unit of currency of CPM."""
MOST_STEPS = 60
"""Of a curve of one line item."""


def shading(run: Results) -> pl.DataFrame:
    """Return what each line item bid and paid of what its impressions were worth, by name.

    line_item, impressions (Int64); worth, bid, paid and kept, the surplus, as CPM; bid_share, paid_share and
    kept_share of the worth. NULL where it had no impressions, or they were worth nothing.
    """
    sums = ("worth_sum_micros", "impression_bid_sum_micros", "spend_micros")
    totals = (
        run.performance_extended.group_by("line_item_id")
        .agg(pl.col("impressions", *sums).sum())
        .join(run.line_items, on="line_item_id")
        .sort("line_item")
    )
    cpm = dict(zip(("worth", "bid", "paid"), map(_cpm, sums), strict=True))
    found = totals.select("line_item", "impressions", **cpm).with_columns(
        kept=pl.col("worth") - pl.col("paid")
    )
    shares = (_over(pl.col(name), pl.col("worth")).alias(f"{name}_share") for name in ("bid", "paid", "kept"))
    return found.with_columns(*shares)


def by_hour(run: Results, zone: str) -> pl.DataFrame:
    """Return how each line item fared by the hour of the day in a time *zone*.

    line_item, hour (0 to 23), bids, wins (Int64); win_rate; price, the mean clearing price as CPM. NULL where
    they divide by 0. Hours in which it was never in flight are left out.
    """
    return (
        run.performance_extended.join(run.line_items, on="line_item_id")
        .with_columns(hour=pl.col("hour_start").dt.convert_time_zone(zone).dt.hour().cast(pl.Int64))
        .group_by("line_item", "hour")
        .agg(pl.col("bids", "wins", "clearing_sum_micros").sum())
        .sort("line_item", "hour")
        .select(
            "line_item",
            "hour",
            "bids",
            "wins",
            _over(pl.col("wins"), pl.col("bids")).alias("win_rate"),
            (_over(pl.col("clearing_sum_micros"), pl.col("wins")) / CPM).alias("price"),
        )
    )


def win_curve(least_bids: pl.DataFrame, most: int = MOST_STEPS) -> pl.DataFrame:
    """Return the share of its auctions that each line item would win with each bid, from `Seen.least_bids`.

    line_item; bid as CPM; win_rate, of all auctions that it took part in; auctions (Int64) that need that bid
    and no less than the one before. At most about *most* bids for each line item, its highest among them.
    """
    step = pl.int_range(pl.len()).over("line_item")
    known = least_bids.sort("line_item", "least_micros", nulls_last=True).with_columns(
        pl.col("auctions").sum().over("line_item").alias("all"),
        pl.col("auctions").cum_sum().over("line_item").alias("won"),
    )
    known = known.filter(pl.col("least_micros").is_not_null())
    every = (pl.len().over("line_item") + most - 1) // most
    last = step == pl.len().over("line_item") - 1
    return known.filter(last | (step % every == 0)).select(
        "line_item",
        (pl.col("least_micros") / CPM).alias("bid"),
        (pl.col("won") / pl.col("all")).alias("win_rate"),
        pl.col("won").diff().over("line_item").fill_null(pl.col("won")).alias("auctions"),
    )


def made(run: Results) -> pl.DataFrame:
    """Return where each line item stands on its curve, by name: line_item, bid (mean CPM), win_rate, bids.

    NULL where it never bid.
    """
    return (
        run.performance_extended.group_by("line_item_id")
        .agg(pl.col("bids", "wins", "bid_sum_micros").sum())
        .join(run.line_items, on="line_item_id")
        .sort("line_item")
        .select(
            "line_item",
            (_over(pl.col("bid_sum_micros"), pl.col("bids")) / CPM).alias("bid"),
            _over(pl.col("wins"), pl.col("bids")).alias("win_rate"),
            "bids",
        )
    )


def by_genre(prices: pl.DataFrame, line_item: str | None = None) -> pl.DataFrame:
    """Return the prices of each genre, the dearest first, of one line item or of all: from `Seen.prices`.

    genre, wins (Int64); low, median and high, the prices that a tenth, half and nine tenths lie below, and
    mean, all as CPM; the former three to a step of the prices.
    """
    own = prices if line_item is None else prices.filter(pl.col("line_item") == line_item)
    ordered = (
        own.group_by("genre", "price_micros")
        .agg(pl.col("wins", "paid_micros").sum())
        .sort("genre", "price_micros")
    )
    below, count = pl.col("wins").cum_sum(), pl.col("wins").sum()

    def quantile(share: float) -> pl.Expr:
        return pl.col("price_micros").filter(below >= count * share).first() / CPM

    return (
        ordered.group_by("genre", maintain_order=True)
        .agg(
            count.alias("wins"),
            quantile(0.1).alias("low"),
            quantile(0.5).alias("median"),
            quantile(0.9).alias("high"),
            (pl.col("paid_micros").sum() / count / CPM).alias("mean"),
        )
        .with_columns(pl.col("wins").cast(pl.Int64))
        .sort("mean", "genre", descending=[True, False])
    )


def _cpm(column: str) -> pl.Expr:
    return _over(pl.col(column), pl.col("impressions")) / CPM


def _over(over: pl.Expr, under: pl.Expr) -> pl.Expr:
    return pl.when(under > 0).then(over / under)
