"""How many viewers saw a line item in an hour: each counts once, whatever their numbers are."""

from __future__ import annotations

import numpy as np
import pytest

from analysis.rows.counting import Counting
from sim.engine.site import SiteHour
from sim.events import EVENT

ITEMS = 3
LAST = np.iinfo(np.int32).max


@pytest.mark.parametrize("last", [40, 1 << 20, LAST], ids=["short numbers", "wide", "as wide as can be"])
@pytest.mark.parametrize("hours", [1, 24])
def test_viewers_are_counted_once(last: int, hours: int) -> None:
    rng = np.random.default_rng(last + hours)
    known, found = [], []
    for hour in range(hours):
        events = np.zeros(200, EVENT)
        events["viewer_id"] = last - rng.integers(0, 40, 200)
        events["line_item"] = rng.integers(0, ITEMS, 200)
        events["rendered"], events["invalid"] = rng.integers(0, 2, (2, 200))
        events["ghost"] = rng.integers(0, 10, 200) == 0
        halves = events[:90].copy(), events[90:].copy()
        known.append(SiteHour(hour, halves, (), (), ghosts=True))
        billed = events[(events["rendered"] == 1) & (events["invalid"] == 0) & (events["ghost"] == 0)]
        met = {(int(event["line_item"]), int(event["viewer_id"])) for event in billed}
        found.append([sum(item == place for item, _ in met) for place in range(ITEMS)])
    counted = Counting(ITEMS, 1, ("charged_micros",)).count(known)
    assert [each.viewers.tolist() for each in counted] == found


def test_nobody_is_counted_where_nothing_was_won() -> None:
    nothing = SiteHour(0, (np.zeros(0, EVENT),), (), (), ghosts=False)
    (counted,) = Counting(ITEMS, 1, ("charged_micros",)).count([nothing])
    assert counted.viewers.tolist() == [0] * ITEMS
