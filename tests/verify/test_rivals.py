"""Demand from outside that responds is verified, and one that does not respond would not pass."""

from __future__ import annotations

import pytest

from analysis.verify import run
from sim.auction.second_price import SecondPrice

SMALL = 50_000


def test_every_row_passes() -> None:
    found = [one.row for one in run.verify(run.chosen(["outside", "responds"]), SMALL)]
    assert len(found) >= 20
    assert [row for row in found if not row.passes] == []


def test_rivals_who_shade_where_the_truth_is_best_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SecondPrice, "truthful", False)
    only = run.chosen(["rivals in the mean", "second_price", "3", "0.25"])
    found = {one.row.name: one.row.passes for one in run.verify(only, SMALL)}
    assert found == {"share sold": True, "revenue per slot": False}
