"""Floors: what is said of durations, seconds and places comes in the order of the standard."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sim.market.floors import Floors

TV, PRE_ROLL = 0, 0


def floor(seconds: int, *, dynamic: bool = False, bought: bool = False, **said: Any) -> int:
    table = Floors.model_validate(said).table(seconds, dynamic=dynamic, bought_position=bought)
    assert table.shape == (4, 2)
    return int(table[TV, PRE_ROLL])


RANGES = [{"longest": 15, "cpm": 5}, {"shortest": 16, "longest": 30, "cpm": 10}, {"shortest": 45, "cpm": 20}]


@pytest.mark.parametrize(
    ("seconds", "micros"), [(6, 5_000), (15, 5_000), (16, 10_000), (30, 10_000), (31, 7_000), (60, 20_000)]
)
def test_a_range_of_seconds_takes_the_place_of_the_floor(seconds: int, micros: int) -> None:
    assert floor(seconds, cpm=7, by_duration=RANGES) == micros
    assert floor(seconds, cpm=7, by_duration=RANGES, dynamic=True) == micros


def test_a_price_by_the_second_is_for_dynamic_pods_and_leaves_fixed_slots_their_floor() -> None:
    said: dict[str, Any] = {"cpm": 7, "per_second_cpm": 0.4, "by_duration": RANGES}
    assert [floor(s, dynamic=True, **said) for s in (6, 15, 30, 75)] == [2_400, 6_000, 12_000, 30_000]
    assert [floor(s, **said) for s in (6, 15, 30, 75)] == [5_000, 5_000, 10_000, 20_000]
    assert floor(30, cpm=7, per_second_cpm=0, dynamic=True) == 0


def test_multipliers_come_last_and_are_rounded_once() -> None:
    said: dict[str, Any] = {
        "cpm": 7,
        "by_duration": RANGES,
        "by_device": {"tv": 1.5},
        "by_placement": {"pre_roll": 1.1},
        "position_premium": 1.25,
    }
    assert floor(30, **said) == 16_500
    assert floor(30, bought=True, **said) == 20_625
    assert floor(30, cpm=10, bought=True) == 10_000


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([{"cpm": 5}], "says no range; give shortest or longest"),
        ([{"shortest": 31, "longest": 30, "cpm": 5}], "longest 30: must be at least shortest, 31"),
        (
            [{"longest": 15, "cpm": 5}, {"shortest": 15, "cpm": 9}],
            "must not overlap, and two hold 15 seconds",
        ),
        ([{"shortest": 6, "cpm": 5}, {"shortest": 30, "longest": 40, "cpm": 9}], "two hold 30 seconds"),
    ],
)
def test_ranges_that_make_no_sense_are_refused(said: list[dict[str, Any]], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Floors.model_validate({"by_duration": said})


@pytest.mark.parametrize("premium", [0.9, 10.1])
def test_a_premium_is_no_discount(premium: float) -> None:
    with pytest.raises(ValidationError, match="position_premium"):
        Floors(position_premium=premium)
