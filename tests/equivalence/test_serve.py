"""The compiled tick and the readable one give the same bytes in small random markets."""

from __future__ import annotations

import numpy as np
import pytest

from sim import kernels, reference
from sim.auction import AuctionFormat
from tests import worlds
from tests.worlds import Shape, assert_same, play, random_shape, random_world

FORMATS = sorted(AuctionFormat.members())
WORLDS = 400


def assert_equivalent(shape: Shape, seed: int, kind: str) -> list[worlds.Outcome]:
    price = AuctionFormat.members()[kind]().price
    world = random_world(shape, seed)
    fast_world, before = world.copy(), world.copy()
    ref = play(world, reference.serve, price)
    fast = play(fast_world, kernels.serve, price)
    for k, (ref_tick, fast_tick) in enumerate(zip(ref, fast, strict=True)):
        assert_same(ref_tick, fast_tick, f"seed {seed}, {kind}, tick {k}, {shape}:")
    for book, after in zip(before.book[:-2], fast_world.book[:-2], strict=True):
        np.testing.assert_array_equal(book, after)  # what is sold is only read
    return fast


@pytest.mark.parametrize("block", range(8))
def test_random_markets(block: int) -> None:
    for seed in range(block * WORLDS // 8, (block + 1) * WORLDS // 8):
        shape = random_shape(np.random.default_rng(seed))
        assert_equivalent(shape, seed, FORMATS[seed % len(FORMATS)])
