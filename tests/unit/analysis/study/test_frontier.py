"""The arms that no other beats in two metrics, and the caps that make arms of any run."""

from __future__ import annotations

import polars as pl
import pytest

from analysis.study import caps
from analysis.study.frontier import frontier, frontier_found
from analysis.study.kept import SCHEMA
from analysis.study.metrics import EVERYONE
from entities.enums import CapUnit
from tests import bookings

PATH = "Ad / C / A"


def table(*arms: tuple[str, list[float | None], list[float | None]]) -> pl.DataFrame:
    rows = [
        ("s", arm, seed, PATH, metric, value, "", "", "")
        for arm, reach, delivery in arms
        for metric, values in (("reach", reach), ("delivery", delivery))
        for seed, value in enumerate(values)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def test_an_arm_beaten_in_both_is_off_the_frontier() -> None:
    found = frontier(table(("1", [9], [0.1]), ("2", [8], [0.9]), ("3", [7], [0.8]), ("4", [8], [0.9])), PATH)
    assert found["arm"].to_list() == ["1", "2", "3", "4"]
    assert found["on_frontier"].to_list() == [True, True, False, True]  # arms alike do not beat each other
    assert found.select("x", "y", "x_low", "seeds").row(1) == (8, 0.9, None, 1)
    told = "Choose reach or delivery between 1, 2 and 4; 3 is beaten by others"
    assert frontier_found(found) == f"{told}, with this one seed"
    assert frontier_found(found.with_columns(seeds=pl.lit(2))) == told


def test_means_are_over_the_seeds_that_have_both() -> None:
    (row,) = frontier(table(("1", [2, 4, 90], [0.5, 0.5, None])), PATH).iter_rows(named=True)
    assert (row["seeds"], row["x"], row["y"]) == (2, 3, 0.5)
    assert row["x_low"] < 3 < row["x_high"]
    assert row["y_low"] == row["y_high"] == 0.5


@pytest.mark.parametrize(
    ("arms", "told"),
    [
        ((), "No arm has both reach and delivery"),
        ((("1", [2], [None]),), "No arm has both reach and delivery"),
        ((("1", [2], [0.5]),), "1 is the only arm"),
        ((("1", [2], [0.5]), ("2", [1], [0.5])), "1 is best in both reach and delivery"),
        (
            (("1", [2], [0.5]), ("2", [1], [0.6])),
            "More reach costs delivery throughout: from 1, reach 2 and delivery 50.0%, to 2, reach 1 and delivery 60.0%",
        ),
    ],
)
def test_what_is_said_is_true_of_any_arms(arms: tuple, told: str) -> None:
    assert frontier_found(frontier(table(*arms), PATH)) == told
    assert frontier(table(*arms), EVERYONE).is_empty()


def test_a_daily_cap_takes_the_place_of_the_line_items_own() -> None:
    day, week = {"max_impressions": 9, "unit": "day"}, {"max_impressions": 5, "unit": "week"}
    items = [
        bookings.line_item(
            "A", lifetime_budget=9, frequency_caps=[{"max_impressions": 3, "unit": "day"}, week]
        ),
        bookings.line_item("B", lifetime_budget=9),
    ]
    book = bookings.book([bookings.campaign(items, advertiser_caps=[day])], bookings.market())
    place = [item.name for item in book.line_items].index("A")
    made = caps.capped(book, place, 2)
    own = [(made.caps[cap].unit, made.caps[cap].limit) for cap in made.line_items[place].caps]
    assert own == [(CapUnit.day, 2), (CapUnit.week, 5), (CapUnit.day, 9)]  # the advertiser's binds B as well
    assert made.line_items[1 - place] == book.line_items[1 - place]
