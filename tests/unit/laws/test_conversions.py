"""The law of conversions on small tables: right ones hold it, and each corruption breaks it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import laws
from sim.events import CONVERSIONS
from tests.unit.laws.market import nowhere

PPM = 1_000_000
CAMPAIGN = np.array([0, 0, 1])
LOOKBACK = 2

Rows = dict[str, NDArray[np.int64]]


def rows() -> Rows:
    """Return four hours of three line items: two of a campaign share a conversion an hour after touches."""
    found = {name: np.zeros((3, 4), np.int64) for name in CONVERSIONS}
    found["touches"][:, 0] = [2, 1, 3]
    found["view_through"][1, 1] = 1
    found["multi_touch_view_ppm"][:2, 1] = [666_667, 333_333]
    found["click_through"][2, 0] = 2
    found["multi_touch_click_ppm"][2, 0] = 2 * PPM
    return found


def broken(found: Rows) -> int:
    return sum(verdict.broken for verdict in laws.conversions(found, CAMPAIGN, LOOKBACK, nowhere))


def test_right_rows_hold_it() -> None:
    assert broken(rows()) == 0
    assert sum(verdict.checked for verdict in laws.conversions(rows(), CAMPAIGN, LOOKBACK, nowhere)) > 0


def moved(name: str, place: tuple[int, int], by: int) -> Callable[[Rows], None]:
    def change(found: Rows) -> None:
        found[name][place] += by

    return change


def too_late(found: Rows) -> None:
    for name in CONVERSIONS[1:]:
        found[name][:, 2:] = found[name][:, :2]
        found[name][:, :2] = 0


WRONG = {
    "a part too much": moved("multi_touch_view_ppm", (0, 1), 1),
    "a conversion without parts": moved("view_through", (0, 1), 1),
    "parts of the other kind": moved("multi_touch_click_ppm", (1, 1), 333_333),
    "parts of another campaign": moved("multi_touch_click_ppm", (0, 0), 1),
    "no touch": moved("touches", (1, 0), -1),
    "after the lookback": too_late,
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_rows_break_it(name: str) -> None:
    found = rows()
    WRONG[name](found)
    assert broken(found) > 0


def test_a_touch_has_two_conversions_at_most() -> None:
    found = rows()
    for place, most in ((6, 0), (7, 1)):  # of three touches
        found["click_through"][2, 0] = place
        found["multi_touch_click_ppm"][2, 0] = place * PPM
        assert broken(found) == most * 4  # in this hour and all later ones
