"""Pods are verified, and a market that got them wrong would not pass."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.verify import run
from analysis.verify.theory import auctions
from sim.auction.first_price import FirstPrice
from sim.auction.second_price import SecondPrice

SMALL = 20_000


def test_every_row_passes() -> None:
    found = [one.row for one in run.verify(run.chosen(["pods sold as a whole"]), SMALL)]
    assert len(found) >= 40
    assert [row for row in found if not row.passes] == []


def test_a_price_that_is_not_what_is_displaced_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SecondPrice, "price", FirstPrice.price)
    found = {
        one.row.name: one.row.passes for one in run.verify(run.chosen(["one uniform ad of 30 s"]), SMALL)
    }
    assert found == {"worth of a pod": True, "revenue of a pod": False, "pods with the long ad": True}


def test_a_price_that_looks_for_no_rival_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SecondPrice, "needs_rival", False)
    found = {
        one.row.name: one.row.passes for one in run.verify(run.chosen(["one uniform ad of 30 s"]), SMALL)
    }
    assert not found["revenue of a pod"]


def test_long_against_short_is_its_integral() -> None:
    middles = (np.arange(160) + 0.5) / 160
    one, other, long = np.meshgrid(middles / 2, middles / 2, middles, indexing="ij")
    both = one + other
    short = np.maximum(long - other, 0) + np.maximum(long - one, 0)
    paid = np.where(long > both, both, short)
    assert np.maximum(long, both).mean() == pytest.approx(auctions.LONG_OR_SHORT_WORTH, abs=1e-3)
    assert paid.mean() == pytest.approx(auctions.LONG_OR_SHORT_REVENUE, abs=1e-3)


def test_the_highest_of_some_values() -> None:
    assert auctions.uniform_sum(1, 1) == pytest.approx(1 / 2)
    assert auctions.uniform_sum(5, 5) == pytest.approx(5 / 2)
    assert auctions.uniform_sum(5, 2) == pytest.approx(5 / 6 + 4 / 6)
    assert auctions.uniform_mean(2, 3) == 0
    # As the sum is that of the values above the (k+1)-th: they are uniform between it and one.
    assert auctions.uniform_sum(10, 4) == pytest.approx(4 * (1 + auctions.uniform_mean(10, 5)) / 2)
