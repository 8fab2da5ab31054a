"""What the frames of the landscape say, each in a sentence."""

from __future__ import annotations

import polars as pl

from entities.enums import Currency


def curve_found(curve: pl.DataFrame, line_item: str, currency: Currency = Currency.usd) -> str:
    """Return at which bid *line_item* wins half of its auctions."""
    own = curve.filter(pl.col("line_item") == line_item)
    if own.is_empty():
        return f"Nothing is known of the bids that win for {line_item}"
    half = own.filter(pl.col("win_rate") >= 0.5)
    if half.is_empty():
        bid, rate = own.select("bid", "win_rate").row(-1)
        return f"No bid wins {line_item} half of its auctions: {_cpm(bid, currency)} wins {rate:.0%}"
    return f"{line_item} wins half of its auctions with a bid of {_cpm(half['bid'][0], currency)}"


def least_found(curve: pl.DataFrame, line_item: str, currency: Currency = Currency.usd) -> str:
    """Return between which bids the middle half of the least bids lies that win *line_item* an auction."""
    own = curve.filter(pl.col("line_item") == line_item)
    count = int(own["auctions"].sum())
    if not count:
        return f"No bid of {line_item} would have won an auction"
    below = own.with_columns(pl.col("auctions").cum_sum().alias("below"))
    low, high = (below.filter(pl.col("below") >= count * part)["bid"][0] for part in (0.25, 0.75))
    if low == high:
        return f"Half of the auctions of {line_item} take the same least bid, {_cpm(low, currency)}"
    between = f"{_amount(low, currency)} and {_cpm(high, currency)}"
    return f"Half of the auctions that {line_item} can win take between {between}"


def shading_found(shading: pl.DataFrame) -> str:
    """Return which line item keeps most of what its impressions are worth."""
    known = shading.filter(pl.col("kept_share").is_not_null()).sort(
        "kept_share", "line_item", descending=[True, False]
    )
    if known.is_empty():
        return "No line item had an impression that was worth anything"
    name, share = known.select("line_item", "kept_share").row(0)
    if share <= 0:
        return "No line item keeps anything of what its impressions are worth"
    if known.height == 1:
        return f"{name} keeps {share:.0%} of what its impressions are worth"
    last, least = known.select("line_item", "kept_share").row(-1)
    if f"{share:.0%}" == f"{least:.0%}":
        return f"Every line item keeps about {share:.0%} of what its impressions are worth"
    return f"{name} keeps {share:.0%} of what its impressions are worth; {last} keeps {least:.0%}"


def hour_found(by_hour: pl.DataFrame, line_item: str, currency: Currency = Currency.usd) -> str:
    """Return the hours at which slots were dearest and cheapest for *line_item*."""
    own = by_hour.filter(pl.col("line_item") == line_item, pl.col("price").is_not_null()).sort(
        "price", "hour"
    )
    if own.is_empty():
        return f"{line_item} won nothing, so that there is no price"
    (low, cheap), (high, dear) = (own.select("hour", "price").row(at) for at in (0, -1))
    if cheap == dear:
        return f"{line_item} pays {_cpm(dear, currency)} at any hour"
    cheapest = f"cheapest at {low}:00, {_amount(cheap, currency)}"
    return f"Slots are dearest for {line_item} at {high}:00, {_cpm(dear, currency)}, and {cheapest}"


def genre_found(by_genre: pl.DataFrame, currency: Currency = Currency.usd) -> str:
    """Return which genre is dearest, and which cheapest."""
    if by_genre.is_empty():
        return "Nothing was won, so that no genre has a price"
    (dear, most), (cheap, least) = (by_genre.select("genre", "mean").row(at) for at in (0, -1))
    if by_genre.height == 1 or most == least:
        both = "All genres clear" if by_genre.height > 1 else f"{_spoken(dear)} clears"
        return f"{both} at {_cpm(most, currency)} in the mean"
    told = f"{_spoken(dear)} is dearest, {_cpm(most, currency)} in the mean"
    return f"{told}, and {cheap.replace('_', ' ')} cheapest, {_amount(least, currency)}"


def _spoken(genre: str) -> str:
    return genre.replace("_", " ").capitalize()


def _amount(cpm: float, currency: Currency) -> str:
    return f"{currency.symbol}{cpm:,.{currency.decimals}f}"


def _cpm(cpm: float, currency: Currency) -> str:
    return f"{_amount(cpm, currency)} CPM"
