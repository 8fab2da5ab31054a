"""The compiled leases and the readable ones are the same numbers, small and near the limits of 64 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import kernels, layout, reference
from sim.events import FUNNEL
from tests.same import assert_same_table

SEEDS = 200
LARGEST = 1 << 24
"""Above any bid, micros."""


class Ticks:
    """What a tick is leased by, drawn from a seed."""

    def __init__(self, seed: int) -> None:
        self.rng = rng = np.random.default_rng(seed)
        self.shards, self.items, self.parts = (
            int(rng.choice(some)) for some in ([1, 4, 16], [0, 1, 5], [1, 4, 60])
        )
        weights = rng.choice([0, 1, 7, 1000], (self.shards, self.items)) + (self.shards == 1)
        sums = np.cumsum(np.concatenate([np.zeros((1, self.items), np.int64), weights]), axis=0)
        sums[:, sums[-1] == 0] = np.arange(self.shards + 1)[:, None]
        self.bounds = (sums << layout.SHARE_BITS) // sums[-1]
        self.highest = self.micros(LARGEST)
        self.addresses = rng.integers(2**64, size=self.items, dtype=np.uint64)
        self.quotes = np.zeros(self.items, layout.QUOTE)
        for name in layout.QUOTE.names or ():
            self.quotes[name] = self.micros(100)
        for name in ("lifetime", "daily"):
            self.quotes[name] = self.micros(10**14)
            self.quotes[name][rng.random(self.items) < 0.2] = layout.UNLIMITED
        self.quotes["allowance"] = self.micros(10**14)  # of what there is, and so never without a bound

    def micros(self, most: int, *shape: int) -> NDArray[np.int64]:
        """Return numbers of all sizes up to *most*, and the ends."""
        sizes = self.rng.random((*shape, self.items)) ** 8
        drawn = (sizes * most).astype(np.int64)
        return np.where(self.rng.random(drawn.shape) < 0.1, most, drawn)


def each(name: str, *given: Any) -> None:
    copies = [array.copy() for array in given]
    assert_same_table(getattr(reference, name)(*given), getattr(kernels, name)(*copies), name)
    for before, after in zip(given, copies, strict=True):
        assert_same_table(before, after, name)


@pytest.mark.parametrize("block", range(2))
def test_random_ticks(block: int) -> None:
    for seed in range(block, SEEDS, 2):
        tick = Ticks(seed)
        each("lease", tick.quotes, tick.highest, tick.bounds, tick.addresses)
        each("split", tick.quotes["daily"].copy(), tick.highest, tick.bounds, tick.addresses)
        each("rotation", np.uint64(tick.rng.integers(2**64, dtype=np.uint64)), tick.addresses)
        allowances, paced = tick.quotes["allowance"].copy(), tick.rng.random(tick.items) < 0.8
        carried = np.minimum(tick.micros(10**14), allowances)
        each("released_at_once", allowances, carried, paced)
        each("released_at_once", allowances, tick.micros(10**14), paced)
        at_once = reference.released_at_once(allowances, carried, paced)
        leases = reference.split(allowances, tick.highest, tick.bounds, tick.addresses)
        bids = tick.micros(LARGEST)
        shares = np.sort(tick.micros(1 << layout.SHARE_BITS, tick.parts), axis=0)
        shares[-1:] = 1 << layout.SHARE_BITS
        prices = np.minimum(tick.micros(LARGEST), bids)
        each("releases", leases, bids, prices, at_once, shares, tick.addresses)
        funnel = tick.rng.integers(0, 4, (tick.items, len(FUNNEL)))
        unknown = np.iinfo(np.int64).max
        for means in (bids, np.full(tick.items, unknown)):
            each("learn_prices", leases, funnel, means, np.minimum(means, LARGEST))
