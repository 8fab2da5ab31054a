"""Policies that steer the bid, through the whole engine: the money lasts, at hours that close and late news too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.bookings import Played, campaign, line_item, market, play

DAYS, BUDGET = 8, 240
STEERING: list[dict[str, Any]] = [
    {"kind": "pid"},
    {"kind": "water_level"},
    {"kind": "adaptive"},
    {"kind": "dual_mirror_descent"},
    {"kind": "dual_mirror_descent", "step": "entropy"},
    {"kind": "pace"},
    {"kind": "budget_ros"},
]
each = pytest.mark.parametrize("pacing", STEERING, ids=lambda one: one.get("step", one["kind"]))


def played(pacing: dict[str, Any], settings: dict[str, Any] | None = None, **terms: Any) -> Played:
    where = market(days=DAYS, shards=2, auction="first_price", **(settings or {}))
    item = line_item(pacing=pacing, valuation="log_normal", bidding="truthful", **terms)
    return play([campaign([item], end="2026-11-09")], where)


def spends(found: Played) -> list[float]:
    """Return the spend of each day."""
    by_hour = np.array(found.by_hour(0, "spend_micros")) / 1_000_000
    return list(by_hour.reshape(-1, 24).sum(axis=1))


@each
def test_the_budget_lasts_and_is_spent(pacing: dict[str, Any]) -> None:
    # As soon as possible it would be gone in two days. What is learned in the first costs the last.
    days = spends(played(pacing, lifetime_budget=BUDGET))
    even = BUDGET / DAYS
    assert 0.99 * BUDGET < sum(days) <= BUDGET
    assert max(days) < 1.75 * even
    assert all(abs(day - even) < 0.25 * even for day in days[1:-1])


@each
def test_a_daily_budget_lasts_for_the_day_with_hours_closed_and_spend_known_late(
    pacing: dict[str, Any],
) -> None:
    # Seven or eight times a day something becomes known: by the fourth day all have learned, and the mean of
    # PACE has not forgotten the first two hours, in which it won whatever there was.
    settings = {"sync_minutes": 120, "tick_minutes": 15}
    found = played(pacing, settings, daily_budget=20, dayparts=[{"hours": "8-23"}])
    assert sum(spends(found)[4:]) > 0.8 * 20 * (DAYS - 4)
    # And no evening is without ads.
    by_hour = np.array(found.by_hour(0, "spend_micros")).reshape(-1, 24)
    assert (by_hour[4:, 20:].sum(axis=1) > 0).all()


def test_a_multiplier_above_one_is_not_bid() -> None:
    # At a hundredth of the supply's price a controller asks for more and more; the maximum CPM is law.
    found = played({"kind": "pid"}, lifetime_budget=100_000)
    assert max(int(hour.pacing.multiplier_ppm[0]) for hour in found.hours) == 1_000_000
