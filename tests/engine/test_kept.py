"""A run that goes on from what was kept of it is the run that was never broken off."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pytest

from sim.engine.executors.here import here
from sim.engine.kept import Kept, Told, joined, parted
from sim.engine.run import RunResult, Simulation
from sim.engine.setup import Setup
from sim.events import Hour
from sim.market.market import Market
from sim.pacing import PacingPolicy
from tests.bookings import book, campaign, line_item, market

CAPS = [{"max_impressions": 2, "unit": "day"}, {"max_impressions": 1, "unit": "pod"}]
MARKETS = {
    "hours": {},
    "days that begin at another hour": {"timezone": "America/Los_Angeles"},
    "short ticks, late spend": {"tick_minutes": 15, "sync_minutes": 120},
    "dynamic pods": {"pods": {"kind": "dynamic"}},
    "identity": {"identity": {"match_rate": 0.7}},
    "conversions": {
        "conversions": {"view_rate": 0.02, "click_rate": 0.1, "organic_rate": 0.001, "lookback_hours": 30}
    },
}


class Shelf:
    """Keeps a run after some of its hours, in memory, and lets it go on from one of them."""

    def __init__(self, after: Collection[int], kept: Kept | None = None) -> None:
        self.after, self.kept, self.found = after, kept, dict[int, Kept]()
        self._ticks = [kept.ticks] if kept else []

    def due(self, hour: int) -> bool:
        return hour + 1 in self.after

    def keep(self, kept: Kept) -> None:
        self._ticks.append(kept.ticks)
        state = {name: array.copy() for name, array in kept.state.items()}
        self.found[kept.hours] = Kept(kept.hours, Told.of(self._ticks), state)


def campaigns(pacing: str = "traffic_shaped", **more: Any) -> list[Any]:
    """Return two campaigns that want the same slots."""
    mine = line_item("a", lifetime_budget=60, frequency_caps=CAPS, pacing=pacing, **more)
    rival = {"max_cpm": 22, "pacing": "pid", "bidding": "shaded", "valuation": "log_normal"}
    return [
        campaign([mine, line_item("b", daily_budget=20, **more)], advertiser="One"),
        campaign([line_item("c", lifetime_budget=90, **rival)], advertiser="Two"),
    ]


def played(
    where: Market, sold: list[Any], shelf: Shelf | None, workers: int = 1
) -> tuple[RunResult, list[Hour]]:
    """Return what came of a run, and the hours that it handed out."""
    hours: list[Hour] = []
    with here(workers) as threads:
        setup = Setup(where, book(sold, where), 7)
        return Simulation(setup, hours.append, threads, keeper=shelf).run(), hours


def assert_same_hours(ref: list[Hour], comp: list[Hour]) -> None:
    """Assert that hours are equal to the last byte, however their events were cut into parts."""
    assert [hour.hour for hour in comp] == [hour.hour for hour in ref]
    for mine, theirs in zip(ref, comp, strict=True):
        for name in Hour._fields:
            one, other = (getattr(hour.joined(), name) for hour in (mine, theirs))
            np.testing.assert_equal(one, other, err_msg=f"hour {mine.hour}: {name}")


@pytest.mark.parametrize("rules", MARKETS.values(), ids=list(MARKETS))
def test_a_run_goes_on_from_any_hour(rules: dict[str, Any]) -> None:
    where = market(days=2, **rules)
    held_out = {"holdout": 0.2} if "conversions" in rules else {}
    sold = campaigns(**held_out)
    ref, hours = played(where, sold, None)
    shelf = Shelf({1, 7, 24, 41, 47})
    comp, same = played(where, sold, shelf, workers=2)
    assert comp == ref
    assert_same_hours(hours, same)
    assert shelf.found.keys() == shelf.after
    for after, kept in shelf.found.items():
        again = Shelf({after + 3}, kept)
        comp, rest = played(where, sold, again, workers=1 + after % 2)
        assert comp == ref, f"after {after} hours"
        assert_same_hours(hours[after:], rest)
        # What is kept of a run that went on is what would have been kept anyway.
        for later in again.found.values():
            comp, rest = played(where, sold, Shelf(set(), later))
            assert comp == ref, f"after {after} and {later.hours} hours"
            assert_same_hours(hours[later.hours :], rest)


@pytest.mark.parametrize("kind", PacingPolicy.members())
def test_every_policy_remembers_what_it_knew(kind: str) -> None:
    where, sold = market(days=2), campaigns(kind)
    ref, hours = played(where, sold, shelf := Shelf({19}))
    comp, rest = played(where, sold, Shelf(set(), shelf.found[19]))
    assert comp == ref
    assert_same_hours(hours[19:], rest)


def test_a_run_is_not_kept_when_it_is_over() -> None:
    where = market(days=1)
    played(where, campaigns(), shelf := Shelf({24}))
    assert not shelf.found


def test_arrays_are_joined_and_parted() -> None:
    for arrays in ([], [[]], [[1, 2], [], [3]]):
        known = [np.array(each, np.int64) for each in arrays]
        found = parted("name", joined("name", known, np.int64))
        assert [each.tolist() for each in found] == arrays
