"""Whose turn it is for the bid that is left over: every shard as often as its traffic, in no order."""

from __future__ import annotations

import numpy as np
import pytest

from sim.kernels import rotation, split
from sim.layout import SHARE_BITS
from sim.streams import Purpose, mix, name_key, salts
from tests.statistical.chance import (
    classes_of,
    expect_even,
    expect_independent,
    expect_shares,
    expect_standard,
)

TICKS = 20_000
KEYS = np.array([name_key("Advertiser", "Campaign", f"item {i}") for i in range(4)], np.uint64)
SALT = int(salts(20261102)[Purpose.lease])
ADDRESSES = np.array([rotation(np.uint64(mix(SALT + tick)), KEYS) for tick in range(TICKS)])


def test_the_place_is_uniform_whatever_the_tick_and_the_line_item() -> None:
    places = (ADDRESSES >> np.uint64(32)).astype(np.float64) / 2**32
    for k in range(len(KEYS)):
        expect_even(classes_of(places[:, k], 64), 64, len(KEYS), f"item {k}")
        for lag in (1, 24):
            now, then = classes_of(places[lag:, k], 8), classes_of(places[:-lag, k], 8)
            expect_independent(now, then, 2 * len(KEYS), f"item {k}, {lag} ticks apart")
    pairs = np.corrcoef(places.T)[np.triu_indices(len(KEYS), 1)]
    expect_standard(pairs * np.sqrt(TICKS))


@pytest.mark.parametrize("weights", [[1] * 16, [1, 2, 3, 4], [0, 5, 0, 1]], ids=str)
def test_a_single_bid_goes_to_a_shard_as_often_as_its_traffic(weights: list[int]) -> None:
    bounds = (np.cumsum([0, *weights]) << SHARE_BITS) // sum(weights)
    columns = np.repeat(bounds[:, None], TICKS, axis=1)
    one = np.full(TICKS, 25_000, np.int64)
    for k in range(len(KEYS)):
        leases = split(one, one, columns, ADDRESSES[:, k])
        assert (leases.sum(axis=0) == one).all()
        expect_shares((leases > 0).sum(axis=1), [float(weight) for weight in weights], len(KEYS), f"item {k}")
