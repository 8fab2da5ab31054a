"""Outside rivals: how many there are, what they bid in equilibrium, and what a run refuses of a crowd."""

from __future__ import annotations

import math
import re
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from entities.enums import DeviceType, Genre
from entities.errors import PacelineError
from sim.ambient import Answer, cells_of, crowd_of, numbers_of
from sim.ambient.rivals import Rivals
from sim.auction.first_price import FirstPrice
from sim.auction.second_price import SecondPrice
from sim.auction.soft_floor import SoftFloor
from sim.layout import RIVAL_STEPS

FLOORS = np.array([[0, 8_000]])
NUMBER, MEDIAN, SIGMA = 3.0, 9.0, 0.5


def above(value: float) -> float:
    """Return how many rivals in the mean have a value above this one, in micros."""
    return NUMBER * NormalDist().cdf(-math.log(value / (MEDIAN * 1000)) / SIGMA)


def published(value: float, floor: float) -> float:
    """Return b(v) = v - ∫_r^v exp(-λ (1 - F(x))) dx / exp(-λ (1 - F(v))), by the midpoint rule."""
    middles = floor + (np.arange(4000) + 0.5) * (value - floor) / 4000
    inside = sum(math.exp(-above(x)) for x in middles.tolist()) * (value - floor) / 4000
    return value - inside / math.exp(-above(value))


@pytest.mark.parametrize("floor", [1, 8_000])
@pytest.mark.parametrize("step", [RIVAL_STEPS // 300, 100, 400])
def test_a_first_price_bid_is_the_published_one(floor: int, step: int) -> None:
    bids = Rivals().bids(NUMBER, floor, FirstPrice().answer)[0]
    value = MEDIAN * 1000 * math.exp(-SIGMA * NormalDist().inv_cdf(step / RIVAL_STEPS))
    assert bids[step] == pytest.approx(published(value, floor), abs=2)


def test_each_format_has_its_answer() -> None:
    first, second, soft = (
        Rivals().bids(NUMBER, 8_000, auction.answer)[0]
        for auction in (FirstPrice(), SecondPrice(), SoftFloor(soft_floor_cpm=10))
    )
    heard = slice(1, round(above(8_000) / NUMBER * RIVAL_STEPS))
    assert (first[heard] < second[heard]).all()
    np.testing.assert_array_equal(soft[heard], np.where(first >= 10_000, second, first)[heard])
    assert second[RIVAL_STEPS // 2] == 9_000


def test_bids_go_on_within_the_first_step() -> None:
    wide, narrow = Rivals().bids(NUMBER, 0, SecondPrice().answer)
    assert narrow[-1] == wide[1]
    assert narrow[0] > 2 * narrow[-1]


@pytest.mark.parametrize("sigma", [0.0, 0.5])
def test_who_is_below_the_floor_is_not_heard(sigma: float) -> None:
    demand = Rivals(sigma=sigma)
    assert [demand.heard(floor) for floor in (0, 9_000)] == [1, 1 if sigma == 0 else 0.5]
    assert demand.heard(9_001) < 0.5


def test_the_number_follows_the_clock_the_device_and_the_genre_in_eighths_of_an_octave() -> None:
    demand = Rivals(by_hour={20: 2}, by_weekday={"sat": 0}, by_device={"tv": 1.09}, by_genre={"drama": 0.5})  # type: ignore[dict-item]
    tv, phone, drama, comedy = DeviceType.tv, DeviceType.phone, Genre.drama, Genre.comedy
    assert demand.number(0, phone, comedy, 1.0) == 3
    assert demand.number(20, phone, comedy, 1.0) == 6
    assert demand.number(20, phone, drama, 1.0) == 3
    assert demand.number(0, tv, comedy, 1.0) == pytest.approx(3 * 2**0.125)
    assert demand.number(5 * 24, tv, comedy, 1.0) == 0
    cells = cells_of(demand, numbers_of(demand))
    assert (cells[5 * 24 : 6 * 24] == -1).all()
    rates = crowd_of(demand, FLOORS, FirstPrice().answer, numbers_of(demand))["rival_rates"]
    assert len(rates) == cells.max() + 1 == len(np.unique(cells)) - 1
    place = cells[20, list(DeviceType).index(phone), list(Genre).index(comedy)]
    assert rates[place] == round(RIVAL_STEPS**3 / 6)


class Faulty(Rivals):
    """A crowd that keeps to no bound."""

    def number(self, hour_of_week: int, device: DeviceType, genre: Genre, weather: float) -> Any:
        return -1.0 if self.mean == 1 else 1.0

    def bids(self, number: float, floor: int, answer: Answer) -> NDArray[np.int64]:
        if self.mean == 2:
            return np.full((2, RIVAL_STEPS + 1), -5)
        return np.zeros(3, np.int64) if self.mean == 3 else super().bids(number, floor, answer)

    def heard(self, floor: int) -> float:
        return 2.0


@pytest.mark.parametrize(
    ("mean", "told"),
    [
        (1, "number(0, tv, drama, 1) is -1.0; it must be from 0 to 1,000"),
        (2, "bids(1, 0) must lie from 0 to 134217728 micros"),
        (3, "bids(1, 0) raised ValueError: could not broadcast"),
        (4, "heard(0) is 2.0; it must be from 0 to 1"),
    ],
)
def test_a_run_refuses_a_crowd_beyond_its_bounds(mean: float, told: str) -> None:
    with pytest.raises(PacelineError, match=re.escape(f"test_rivals.py (rivals): {told}")):
        crowd_of(Faulty(mean=mean), FLOORS, FirstPrice().answer, numbers_of(Faulty(mean=mean)))
