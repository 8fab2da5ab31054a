"""What is counted of won slots, compiled, is what is counted of them one by one."""

from __future__ import annotations

import numpy as np
import pytest

from entities.enums.outcomes import FLAGS
from sim import kernels, reference
from sim.events import EVENT, WON
from tests.same import assert_same_table

CREATIVES = 5


@pytest.mark.parametrize("records", [0, 1, 300])
def test_random_records(records: int) -> None:
    rng = np.random.default_rng(records)
    events = rng.integers(256, size=(records, EVENT.itemsize), dtype=np.uint8).reshape(-1).view(EVENT)
    events["creative"] = rng.integers(CREATIVES, size=records)
    for name in ("line_item", "viewer_id", "charged_micros"):
        events[name] = rng.integers(2**31, size=records)
    for name in (*FLAGS, "ghost"):
        events[name] %= 2
    found = []
    for count in (kernels.count, reference.count):
        sums, seen = np.full((CREATIVES, len(WON)), 7, np.int64), np.full(records + 1, -1, np.int64)
        impressions = count(events, sums, seen)
        assert (seen >= 0).sum() == impressions
        found.append((sums, seen))
    for compiled, readable in zip(*found, strict=True):
        assert_same_table(readable, compiled)
