"""What the pictures of a study say: which arm differs, and that chance is called chance."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pytest

from analysis.charts.figure import MOST_ROWS, Figure
from analysis.study import charts, kept
from analysis.study.compared import compared

VALUES = {"a": [0.5, 0.6, 0.7], "b": [0.6, 0.71, 0.79], "c": [0.5, 0.65, 0.68]}


def results(values: dict[str, list[float]], metric: str = "delivery") -> pl.DataFrame:
    rows = [
        ("s", arm, seed, "", metric, value, "", "", "")
        for arm, found in values.items()
        for seed, value in enumerate(found)
    ]
    return pl.DataFrame(rows, schema=kept.SCHEMA, orient="row")


def differences(values: dict[str, list[float]], metric: str = "delivery", currency: str = "") -> Figure:
    (found,) = compared(results(values, metric), list(values), next(iter(values)), [metric])
    return charts.differences(found, next(iter(values)), currency)


def drawn(figure: Figure) -> list[dict]:
    return figure.drawn(checked=True)


def test_the_arm_that_is_furthest_beyond_chance_is_named() -> None:
    figure = differences(VALUES)
    assert (
        figure.finding == "b is furthest from a by delivery: +10.00 points; 1 of 2 differ by more than chance"
    )
    (chart,) = drawn(figure)
    rows = next(rows for rows in chart["datasets"].values() if "mean" in rows[0])
    assert [row["verdict"] for row in rows] == ["differs", "may be chance"]
    assert rows[0]["mean"] == pytest.approx(10)  # points
    assert "percentage points" in figure.about


def test_nothing_beyond_chance_is_said_to_be_nothing() -> None:
    figure = differences({name: VALUES[name] for name in ("a", "c")})
    assert figure.finding == "By delivery no arm differs from a by more than chance"


def test_two_arms_are_not_counted() -> None:
    figure = differences({name: VALUES[name] for name in ("a", "b")})
    assert figure.finding == "b is furthest from a by delivery: +10.00 points by more than chance"


def test_money_has_the_sign_of_its_currency_after_its_own() -> None:
    figure = differences({"a": [3.0, 4.0, 5.0], "b": [2.0, 3.1, 3.9]}, "ecpm", "$")
    assert figure.finding == "b is furthest from a by eCPM: −$1.00 by more than chance"


@pytest.mark.parametrize("values", [{"a": [0.5]}, {"a": [0.5], "b": [0.6]}])
def test_one_seed_has_no_interval(values: dict[str, list[float]]) -> None:
    figure = differences(values)
    assert "needs two" in figure.finding
    assert not figure.panels


def values_of(arms: Sequence[str], seeds: int) -> pl.DataFrame:
    rows = [(arm, seed, at + seed / 100) for at, arm in enumerate(arms) for seed in range(seeds)]
    return pl.DataFrame(rows, schema=["arm", "seed", "value"], orient="row")


def test_values_go_from_the_lowest_arm_to_the_highest() -> None:
    figure = charts.values(values_of(["a", "b"], 3), "reach", ["a", "b"])
    assert figure.finding == "Reach goes from 0.0 with a to 1.0 with b"
    assert charts.values(values_of(["a"], 1), "reach", ["a"]).finding == "All arms have the same reach: 0.0"


def test_many_arms_and_seeds_stay_small() -> None:
    arms = [f"arm {at}" for at in range(60)]
    figure = charts.values(values_of(arms, 200), "reach", arms)
    assert "20 left out" in figure.about
    assert sum(map(len, drawn(figure)[0]["datasets"].values())) <= MOST_ROWS
