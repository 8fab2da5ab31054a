"""The landscape's frames on rows written by hand, and what they say."""

from __future__ import annotations

import polars as pl
import pytest

from analysis.landscape import found, frames
from entities.enums import Currency
from tests.unit.analysis.counted import counted

LEAST = pl.DataFrame(
    [("A", 1_000, 2), ("A", 2_000, 3), ("A", 3_000, 3), ("A", None, 2), ("B", None, 4)],
    schema={"line_item": pl.String, "least_micros": pl.Int64, "auctions": pl.Int64},
    orient="row",
)
PRICES = pl.DataFrame(
    [
        ("A", "drama", 9_000, 1, 9_010),
        ("A", "drama", 10_000, 8, 79_990),
        ("A", "drama", 20_000, 1, 20_000),
        ("B", "comedy", 5_000, 2, 10_000),
    ],
    schema={"line_item": pl.String, "genre": pl.String}
    | dict.fromkeys(("price_micros", "wins", "paid_micros"), pl.Int64),
    orient="row",
)


def test_a_bid_wins_what_needs_no_more() -> None:
    curve = frames.win_curve(LEAST)
    assert curve.rows() == [("A", 1.0, 0.2, 2), ("A", 2.0, 0.5, 3), ("A", 3.0, 0.8, 3)]
    thin = frames.win_curve(LEAST, most=2)
    assert thin.rows() == [("A", 1.0, 0.2, 2), ("A", 3.0, 0.8, 6)]  # no auction is lost


def test_hours_are_those_of_a_clock() -> None:
    run = counted(
        {"hour": 0, "bids": 4, "wins": 1, "clearing_sum_micros": 12_000},
        {"hour": 24, "bids": 4, "wins": 3, "clearing_sum_micros": 48_000},
        {"hour": 1, "bids": 2},
    )
    assert frames.by_hour(run, "America/New_York").rows() == [
        ("A", 0, 8, 4, 0.5, 15.0),
        ("A", 1, 2, 0, 0.0, None),
    ]


def test_what_is_kept_is_worth_less_what_is_paid() -> None:
    sums = {"worth_sum_micros": 40_000, "impression_bid_sum_micros": 30_000, "spend_micros": 20_000}
    run = counted({"impressions": 2, **sums}, {"item": 2, "impressions": 1}, names=("A", "B", "C"))
    first, second = frames.shading(run).rows()
    assert first == ("A", 2, 20.0, 15.0, 10.0, 10.0, 0.75, 0.5, 0.5)
    assert second == ("B", 1, 0.0, 0.0, 0.0, 0.0, None, None, None)


def test_prices_of_a_genre_are_its_deciles_the_dearest_first() -> None:
    assert frames.by_genre(PRICES).rows() == [
        ("drama", 10, 9.0, 10.0, 10.0, 10.9),
        ("comedy", 2, 5.0, 5.0, 5.0, 5.0),
    ]
    assert frames.by_genre(PRICES, "B")["genre"].to_list() == ["comedy"]
    assert frames.by_genre(PRICES.clear()).is_empty()


def test_where_a_line_item_stands_is_its_mean_bid() -> None:
    run = counted({"bids": 4, "wins": 1, "bid_sum_micros": 40_000}, {"item": 2})
    assert frames.made(run).rows() == [("A", 10.0, 0.25, 4), ("B", None, None, 0)]


def test_what_is_said_of_bids_is_true_of_any_curve() -> None:
    curve = frames.win_curve(LEAST)
    assert found.curve_found(curve, "A") == "A wins half of its auctions with a bid of $2.00 CPM"
    assert found.curve_found(curve, "A", Currency.jpy).endswith("¥2 CPM")
    low = curve.filter(pl.col("bid") < 2)
    assert found.curve_found(low, "A") == "No bid wins A half of its auctions: $1.00 CPM wins 20%"
    assert found.curve_found(curve, "B") == "Nothing is known of the bids that win for B"
    assert (
        found.least_found(curve, "A")
        == "Half of the auctions that A can win take between $1.00 and $3.00 CPM"
    )
    assert found.least_found(low, "A") == "Half of the auctions of A take the same least bid, $1.00 CPM"
    assert found.least_found(curve, "B") == "No bid of B would have won an auction"


@pytest.mark.parametrize(
    ("shares", "told"),
    [
        ({}, "No line item had an impression that was worth anything"),
        ({"A": None}, "No line item had an impression that was worth anything"),
        ({"A": 0.5}, "A keeps 50% of what its impressions are worth"),
        ({"A": 0.5, "B": None}, "A keeps 50% of what its impressions are worth"),
        ({"A": 0.2, "B": 0.5}, "B keeps 50% of what its impressions are worth; A keeps 20%"),
        ({"A": 0.5, "B": 0.501}, "Every line item keeps about 50% of what its impressions are worth"),
        ({"A": 0.0, "B": -0.5}, "No line item keeps anything of what its impressions are worth"),
    ],
)
def test_what_is_said_of_shading(shares: dict[str, float | None], told: str) -> None:
    schema = {"line_item": pl.String, "kept_share": pl.Float64}
    assert found.shading_found(pl.DataFrame([*shares.items()], schema=schema, orient="row")) == told


def test_what_is_said_of_prices() -> None:
    run = counted(
        {"hour": 0, "wins": 1, "clearing_sum_micros": 12_000},
        {"hour": 9, "wins": 1, "clearing_sum_micros": 15_000},
    )
    hours = frames.by_hour(run, "America/New_York")
    dearest = "Slots are dearest for A at 9:00, $15.00 CPM, and cheapest at 0:00, $12.00"
    assert found.hour_found(hours, "A") == dearest
    assert found.hour_found(hours.head(1), "A") == "A pays $12.00 CPM at any hour"
    assert found.hour_found(hours, "B") == "B won nothing, so that there is no price"
    genres = frames.by_genre(PRICES)
    assert found.genre_found(genres) == "Drama is dearest, $10.90 CPM in the mean, and comedy cheapest, $5.00"
    assert found.genre_found(genres.head(1)) == "Drama clears at $10.90 CPM in the mean"
    alike = genres.with_columns(mean=1.0)
    assert found.genre_found(alike) == "All genres clear at $1.00 CPM in the mean"
    assert found.genre_found(genres.clear()) == "Nothing was won, so that no genre has a price"
