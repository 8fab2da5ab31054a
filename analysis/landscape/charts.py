"""The pictures of the auction landscape."""

from __future__ import annotations

from itertools import pairwise

import altair as alt
import polars as pl

from analysis.charts import axes
from analysis.charts.colours import BLUE, ORANGE, SKY
from analysis.charts.figure import Figure, figure, nothing
from analysis.landscape.found import curve_found, genre_found, hour_found, least_found, shading_found
from entities.enums import Currency

MOST_LINE_ITEMS = 12


def curve_figure(
    curve: pl.DataFrame, made: pl.DataFrame, line_item: str, currency: Currency = Currency.usd
) -> Figure:
    """Return the share of its auctions that each bid wins for *line_item*, of `frames.win_curve`."""
    about = (
        "Of all auctions that it took part in, the share that a bid wins: those whose least winning bid is no"
        " higher. The dot is what it bid in the mean, and what share it won."
    )
    found = curve_found(curve, line_item, currency)
    own = curve.filter(pl.col("line_item") == line_item)
    if own.is_empty():
        return nothing(found, _UNTOLD)
    x = axes.quantity("bid", f"bid, {currency.symbol} CPM", axes.money(currency), zero=False)
    y = axes.height("win_rate", "auctions won", ".0%", domain=[0, 1])
    told = [
        alt.Tooltip("bid:Q", title="bid, CPM", format=axes.money(currency)),
        alt.Tooltip("win_rate:Q", title="wins", format=axes.SHARE),
    ]
    line = alt.Chart(own).mark_line(
        color=BLUE, strokeWidth=2.5, interpolate="step-after", point=own.height == 1
    )
    here = made.filter(pl.col("line_item") == line_item, pl.col("bid").is_not_null())
    dot = alt.Chart(here).mark_circle(color=ORANGE, size=110, opacity=1).encode(x=x, y=y, tooltip=told)
    chart = alt.layer(line.encode(x=x, y=y, tooltip=told), dot).properties(height=260)
    key = {"what a bid wins": BLUE, "its bids in the mean": ORANGE}
    return figure(found, about, chart, key=key, currency=currency)


def least_figure(curve: pl.DataFrame, line_item: str, currency: Currency = Currency.usd) -> Figure:
    """Return how many auctions of *line_item* each least winning bid takes, of `frames.win_curve`."""
    about = (
        "Auctions by the least bid that would have won: the highest of the floor, the rivals' bids and those"
        " from outside. A high first bar is the floor, where nobody else bid more."
    )
    found = least_found(curve, line_item, currency)
    own = curve.filter(pl.col("line_item") == line_item).sort("bid")
    if not own["auctions"].sum():
        return nothing(found, _UNTOLD)
    bids = own["bid"].to_list()
    wide = min((high - low for low, high in pairwise(bids)), default=max(bids[0] / 50, 0.001))
    bins = own.with_columns(low=pl.max_horizontal(pl.col("bid").shift(1), pl.col("bid") - wide))
    bars = (
        alt.Chart(bins)
        .mark_bar(color=BLUE, binSpacing=0)
        .encode(
            x=axes.quantity(
                "low", f"least winning bid, {currency.symbol} CPM", axes.money(currency), zero=False
            ),
            x2="bid:Q",
            y=axes.height("auctions", "auctions"),
            y2=alt.Y2(datum=0),
            tooltip=[
                alt.Tooltip("bid:Q", title="least bid up to, CPM", format=axes.money(currency)),
                alt.Tooltip("auctions:Q", format=axes.COUNT),
            ],
        )
    )
    return figure(found, about, bars.properties(height=220), currency=currency)


def shading_figure(shading: pl.DataFrame, currency: Currency = Currency.usd) -> Figure:
    """Return what line items bid and paid of what impressions were worth to them, of `frames.shading`."""
    about = (
        "What was paid of what impressions were worth in the mean, and the mark of what was bid. What is left"
        " up to 100 % is the surplus. Under first price what is bid is paid."
    )
    found = shading_found(shading)
    known = shading.filter(pl.col("kept_share").is_not_null())
    if known.is_empty():
        return nothing(found, about)
    ranked = known.sort("impressions", "line_item", descending=[True, False]).head(MOST_LINE_ITEMS)
    names = ranked.sort("kept_share", "line_item", descending=[True, False])["line_item"].to_list()
    far = max(1.0, *ranked["paid_share"].to_list(), *ranked["bid_share"].to_list())
    y, scale = axes.rows("line_item", names), {"domain": [0, far]}
    money = axes.money(currency)
    told = [
        alt.Tooltip("line_item:N", title="line item"),
        *(
            alt.Tooltip(f"{name}:Q", title=f"{name}, CPM", format=money)
            for name in ("worth", "bid", "paid", "kept")
        ),
        alt.Tooltip("kept_share:Q", title="kept", format=axes.SHARE),
        alt.Tooltip("impressions:Q", format=axes.COUNT),
    ]
    drawn = alt.Chart(ranked)
    x = axes.quantity("paid_share", "share of worth", ".0%", **scale)
    whole = drawn.mark_bar(color=SKY, size=12, opacity=0.35).encode(x=alt.X("far:Q"), y=y, tooltip=told)
    whole = whole.transform_calculate(far="1")
    paid = drawn.mark_bar(color=BLUE, size=12).encode(x=x, y=y, tooltip=told)
    bid = drawn.mark_tick(color=ORANGE, thickness=4, size=20).encode(x="bid_share:Q", y=y, tooltip=told)
    chart = alt.layer(whole, paid, bid, axes.labels("line_item", names)).properties(height=alt.Step(axes.ROW))
    key = {"paid": BLUE, "kept": SKY, "bid": ORANGE}
    return figure(found, about, chart, key=key, currency=currency)


def hour_figure(
    by_hour: pl.DataFrame, line_item: str, zone: str, currency: Currency = Currency.usd
) -> Figure:
    """Return the price and the win rate of *line_item* by the hour of the day, of `frames.by_hour`."""
    about = (
        f"By the hour of the day ({zone}), all days together: the mean clearing price, and wins over bids."
    )
    found = hour_found(by_hour, line_item, currency)
    own = by_hour.filter(pl.col("line_item") == line_item)
    if own["price"].drop_nulls().is_empty():
        return nothing(found, about)
    hours = alt.Axis(values=[0, 6, 12, 18, 23], format="02d", grid=False)
    x = alt.X("hour:Q", title="hour of the day", axis=hours, scale=alt.Scale(domain=[0, 23], padding=6))
    told = [
        alt.Tooltip("hour:Q", title="hour"),
        alt.Tooltip("price:Q", title="price, CPM", format=axes.money(currency)),
        alt.Tooltip("win_rate:Q", title="win rate", format=axes.SHARE),
        alt.Tooltip("bids:Q", format=axes.COUNT),
        alt.Tooltip("wins:Q", format=axes.COUNT),
    ]
    line = alt.Chart(own).mark_line(color=BLUE, strokeWidth=2, point={"color": BLUE, "size": 25})
    price = axes.height("price", f"{currency.symbol} CPM", axes.money(currency), zero=False)
    rate = axes.height("win_rate", "share of bids", ".0%", zero=True)
    panels = {
        "Clearing price": line.encode(x=x, y=price, tooltip=told).properties(height=200),
        "Win rate": line.encode(x=x, y=rate, tooltip=told).properties(height=200),
    }
    return figure(found, about, panels, currency=currency)


def genre_figure(by_genre: pl.DataFrame, currency: Currency = Currency.usd) -> Figure:
    """Return the clearing prices of each genre, of `frames.by_genre`."""
    about = (
        "Clearing prices of the slots that all line items won, by the title's genre: all but the lowest and"
        " the highest tenth, the mark of the median, and the dot of the mean."
    )
    found = genre_found(by_genre, currency)
    if by_genre.is_empty():
        return nothing(found, about)
    shown = by_genre.with_columns(pl.col("genre").str.replace_all("_", " "))
    names, money = shown["genre"].to_list(), axes.money(currency)
    y = axes.rows("genre", names)
    told = [
        alt.Tooltip("genre:N"),
        *(
            alt.Tooltip(f"{name}:Q", title=f"{name}, CPM", format=money)
            for name in ("mean", "low", "median", "high")
        ),
        alt.Tooltip("wins:Q", title="slots won", format=axes.COUNT),
    ]
    drawn = alt.Chart(shown)
    x = axes.quantity("low", f"price, {currency.symbol} CPM", money, zero=False)
    spread = drawn.mark_bar(color=SKY, size=10, opacity=0.6).encode(x=x, x2="high:Q", y=y, tooltip=told)
    median = drawn.mark_tick(color=ORANGE, thickness=4, size=16).encode(x="median:Q", y=y, tooltip=told)
    mean = drawn.mark_circle(color=BLUE, size=70, opacity=1).encode(x="mean:Q", y=y, tooltip=told)
    chart = alt.layer(spread, median, mean, axes.labels("genre", names)).properties(height=alt.Step(axes.ROW))
    key = {"middle eight tenths": SKY, "median": ORANGE, "mean": BLUE}
    return figure(found, about, chart, key=key, currency=currency)


_UNTOLD = (
    "The least bid that would have won is counted for line items that shade their bids, which exchanges"
    " tell it to, and for those with a plain bid; not for worth in parts that is bid as it is."
)
