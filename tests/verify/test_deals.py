"""Deals and soft floors are verified, and a market that got them wrong would not pass."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.verify import run
from analysis.verify.theory import floors
from sim.auction.first_price import FirstPrice
from sim.auction.soft_floor import SoftFloor

SMALL = 20_000


def test_every_row_passes() -> None:
    found = [one.row for one in run.verify(run.chosen(["deals"]), SMALL)]
    assert len(found) >= 20
    assert [row for row in found if not row.passes] == []


def test_a_soft_floor_that_is_none_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SoftFloor, "price", FirstPrice.price)
    found = [one.row.passes for one in run.verify(run.chosen(["2 bidders", "soft floor"]), SMALL)]
    assert not all(found)


@pytest.mark.parametrize(("own", "market"), [(0.0, 0.0), (0.25, 0.5), (0.5, 0.25), (0.0, 0.75), (0.6, 0.6)])
def test_the_revenue_of_two_floors_is_its_integral(own: float, market: float) -> None:
    # Midpoints of a grid; without a floor it is a third, with one for both that of the reserve.
    middles = (np.arange(2000) + 0.5) / 2000
    first, second = np.meshgrid(middles, middles, indexing="ij")
    one, other = np.where(first >= own, first, -1), np.where(second >= market, second, -1)
    paid = np.where(one > other, np.maximum(other, own), np.maximum(one, market)) * (
        np.maximum(one, other) >= 0
    )
    assert floors.private_revenue(own, market) == pytest.approx(paid.mean(), abs=1e-3)
    assert floors.private_share(own, market) == pytest.approx((one > other).mean(), abs=1e-3)


def test_a_soft_floor_at_the_reserve_is_second_price_and_at_the_top_first_price() -> None:
    assert floors.soft_floor_revenue(2, 0.5, 0.5) == pytest.approx(5 / 12)
    assert floors.soft_floor_revenue(2, 1.0, 0.0) == pytest.approx(2 / 3)
