"""A whole run on the readable reference is, byte for byte, the run on the compiled kernels."""

from __future__ import annotations

import pytest

from sim import kernels, reference
from sim.engine.executors.here import here
from sim.engine.run import simulate
from sim.events import Hour
from tests.bookings import book, campaign, line_item, market


@pytest.mark.parametrize("pods", ["structured", "dynamic"])
@pytest.mark.parametrize("exposure", ["sessions", "poisson"])
def test_the_reference_runs_the_market_to_the_same_bytes(exposure: str, pods: str) -> None:
    people = {"viewers": 20, "hours_a_month": 100}
    languages = {"languages": {"english": 1, "spanish": 1}}
    where = market(population=people, shards=2, viewing={"exposure": exposure}, pods=pods, content=languages)
    caps = [{"max_impressions": 2, "unit": "day"}, {"max_impressions": 1, "unit": "pod"}]
    items = [
        line_item("capped", lifetime_budget=3, frequency_caps=caps),
        line_item("spoken", lifetime_budget=1, targeting={"include": {"language": ["spanish"]}}),
        line_item("valued", lifetime_budget=1, valuation="log_normal", bidding="truthful", pacing="asap"),
    ]
    sold = book([campaign(items)], where)
    runs = []
    for loops in (kernels, reference):
        hours: list[Hour] = []
        outcome = simulate(where, sold, 5, hours.append, here(), loops)
        runs.append((outcome, hours))
    (fast, fast_hours), (readable, readable_hours) = runs
    assert fast == readable
    assert sum(len(hour.events) for hour in fast_hours) > 10
    for one, other in zip(fast_hours, readable_hours, strict=True):
        for name in ("events", "funnel", "inventory", "frequency"):
            assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
