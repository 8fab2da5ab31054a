"""Study `throttle-or-shade`: bidding low beats bidding seldom, whatever rivals do."""

from __future__ import annotations

import pytest

from tests.studies.played import played


@pytest.mark.parametrize("rivals", ["rivals who stay", "rivals who learn"])
def test_shading_wins_more_for_the_money_than_throttling(rivals: str) -> None:
    # Where slots and rivals are random, pacing wins at least as much for a budget as throttling does (Chen et
    # al., Dynamic Budget Throttling in Repeated Second-Price Auctions, AAAI 2024): lowering all bids keeps the
    # slots with most worth for their price, and throttling keeps any.
    arms = (f"throttle, {rivals}", f"shade, {rivals}")
    throttle, shade = played("throttle-or-shade", 2, arms=arms, line_item="Launch").values()
    assert (throttle["delivery"] > 0.98).all()
    assert (shade["delivery"] > 0.98).all()
    assert (shade["value_for_money"] > throttle["value_for_money"]).all()
    assert (shade["ecpm"] < throttle["ecpm"]).all()
