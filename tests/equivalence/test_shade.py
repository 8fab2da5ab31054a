"""The compiled best bids against their readable twin: the same bits in random landscapes and in odd ones."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import kernels, reference
from sim.bidding.shaded import Shaded
from sim.layout import SHADE_STEPS

TERMS = (4, 8, 128, 100)


def landscapes() -> list[NDArray[np.int64]]:
    rng = np.random.default_rng(20261122)
    found = [np.zeros(SHADE_STEPS + 2, np.int64), Shaded().begin()]
    for place in (0, 1, 100, SHADE_STEPS, SHADE_STEPS + 1):
        one = np.zeros(SHADE_STEPS + 2, np.int64)
        one[place] = 1 << 40
        found.append(one)
    for _ in range(200):
        scale = 10 ** rng.uniform(0, 12)
        weights = rng.exponential(scale, SHADE_STEPS + 2) * (rng.random(SHADE_STEPS + 2) < rng.random())
        weights[: rng.integers(SHADE_STEPS)] *= rng.random() < 0.5
        found.append(weights.astype(np.int64))
    return found


@pytest.mark.parametrize("terms", [TERMS, (1, 0, 2, 1), (8, 20, 1000, 3)])
def test_both_find_the_same_bids(terms: tuple[int, int, int, int]) -> None:
    for landscape in landscapes():
        ref, comp = reference.shade(landscape, *terms), kernels.shade(landscape, *terms)
        assert ref.tobytes() == comp.tobytes()
