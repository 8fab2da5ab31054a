"""The compiled count of who saw what is that of sets."""

from __future__ import annotations

import numpy as np
import pytest

from sim import kernels, reference

LAST = np.iinfo(np.int32).max


@pytest.mark.parametrize("hours", [[0], [1], [2], [4, 4], [0, 0, 513, 513, 700], [64, 128, 4096]])
@pytest.mark.parametrize("people", [1, 3, 900, LAST], ids=str)
@pytest.mark.parametrize("items", [1, 7, 70_000])
def test_random_hours(hours: list[int], people: int, items: int) -> None:
    rng = np.random.default_rng([*hours, people, items])
    count = hours[-1]
    viewers = (LAST - rng.integers(0, people, count)).astype(np.int32)
    seen, billed = rng.integers(0, items, count).astype(np.int32), rng.random(count) < 0.8
    found = []
    for loops in (kernels, reference):
        found.append(np.full((len(hours), items), 7))
        loops.reached(seen, viewers, billed, np.array(hours), found[-1])
    assert (found[0] == found[1]).all()
