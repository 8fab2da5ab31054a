"""A line item that is planned for in columns asks, bids and spends as it does when it plans alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.pacing import PacingPolicy
from sim.pacing.columns import part_of
from tests.bookings import Played, market, play
from tests.property.books import booked, campaigns

COLUMNS = sorted(name for name, policy in PacingPolicy.members().items() if policy().in_columns)
markets = st.fixed_dictionaries(
    {
        "population": st.just({"viewers": 300}),
        "tick_minutes": st.sampled_from([60, 15]),
        "sync_minutes": st.sampled_from([0, 60, 180]),
        "timezone": st.sampled_from(["America/New_York", "UTC"]),
        "ambient": st.sampled_from(["none", "log_normal"]),
    }
)


def test_some_policies_plan_in_columns() -> None:
    assert COLUMNS == ["asap", "even", "traffic_shaped"]


def _same(one: Played, other: Played) -> None:
    assert one.outcome == other.outcome
    for hour, again in zip(one.hours, other.hours, strict=True):
        for name, column in hour.pacing._asdict().items():
            assert column.tolist() == getattr(again.pacing, name).tolist(), (hour.hour, name)


@settings(max_examples=20)
@given(campaigns(COLUMNS), markets, st.booleans(), st.integers(0, 2**32))
def test_a_run_is_the_same_whoever_plans(
    drawn: list[Any], where: dict[str, Any], changed: bool, seed: int
) -> None:
    change = {"at": "2026-11-02 12:00", "line_item": "Advertiser 0 / Campaign / item 0", "lifetime_budget": 4}
    sold = market(**where, changes=[change] if changed else [])
    together = play(booked(drawn), sold, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PacingPolicy, "in_columns", False)
        alone = play(booked(drawn), sold, seed)
    _same(together, alone)


@given(st.integers(0, 2**62 - 1), st.integers(0, 2**50 - 1), st.integers(1, 2**50 - 1))
def test_a_part_is_that_of_numbers_without_a_bound(micros: int, one: int, other: int) -> None:
    part, whole = min(one, other), max(one, other)
    found = part_of(*(np.array([each], np.int64) for each in (micros, part, whole)))
    assert found.tolist() == [-(-micros * part // whole)]
