"""Probabilities and distributions as whole-number tables, read alike by the kernel and its twin."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from sim import kernels, reference
from sim.kernels.checks import bid_of
from sim.layout import FACTOR_BITS, LINE_ITEM, QUOTE, TABLE_BITS
from sim.reference.numbers import value
from sim.streams import MASK, mix, mix_all
from sim.tables import (
    MOST_VALUE,
    WHOLE,
    atoms,
    cumulative,
    exponential,
    log_normal,
    quantiles,
    straight,
    tailed,
    threshold,
)

STEPS = 1 << TABLE_BITS


def test_a_threshold_is_a_share_of_32_bits() -> None:
    assert [threshold(p) for p in (0.0, 0.25, 0.5, 1.0)] == [0, 1 << 30, 1 << 31, 1 << 32]


@pytest.mark.parametrize("shares", [[1], [1, 1, 2], [0.1] * 10, [0, 3, 0], [1e-9, 1, 1e9], [7, 0]])
def test_cumulative_shares_rise_to_the_whole(shares: list[float]) -> None:
    table = cumulative(shares)
    assert table.dtype == np.uint64
    assert table[-1] == WHOLE
    widths = np.diff(table.astype(np.int64), prepend=0)
    for width, share in zip(widths, shares, strict=True):
        assert abs(width / WHOLE - share / math.fsum(shares)) < 1e-9
        assert share > 0 or width == 0


def test_quantiles_are_taken_at_even_steps_with_the_ends_inside() -> None:
    asked: list[float] = []

    def inverse(p: float) -> float:
        asked.append(p)
        return p * STEPS * 4

    table = quantiles(inverse)
    assert table.dtype == np.int64
    assert len(table) == STEPS + 1
    assert all(0 < p < 1 for p in asked)
    assert table.tolist() == [1, *range(4, STEPS * 4, 4), STEPS * 4 - 1]


def test_quantiles_are_cut_above_and_below() -> None:
    assert quantiles(lambda p: math.inf)[STEPS // 2] == MOST_VALUE
    assert quantiles(lambda p: -(2.0**70))[0] == -MOST_VALUE
    assert quantiles(lambda p: 100 * p, 60)[[0, STEPS // 2, STEPS]].tolist() == [0, 50, 60]
    assert log_normal(14_000, 3, 1 << 20).max() == 1 << 20


def test_a_log_normal_table_has_its_median_and_spread() -> None:
    table = log_normal(14_000, 0.35)
    assert table[STEPS // 2] == 14_000
    for share in (0.25, 0.75):
        expected = 14_000 * math.exp(0.35 * NormalDist().inv_cdf(share))
        assert abs(table[int(share * STEPS)] - expected) <= 0.5
    assert (np.diff(table) >= 0).all()
    assert table[0] > 0


@pytest.mark.parametrize(
    ("mean", "least", "most"),
    [
        (3960, 60, 36_000),  # the default session
        (24_000, 60, 36_000),  # the cut takes a third of the sessions
        (35_000, 60, 36_000),  # nearly all
        (3960, 60, 4000),
        (3600, 3570, 86_400),
        (20_000.5, 59.5, 40_000),
        (30, 1, 60),
    ],
)
def test_an_exponential_table_has_its_mean_and_its_ends(mean: float, least: float, most: float) -> None:
    table = exponential(mean, least, most)
    assert least - 0.5 <= table.min() < least + (most - least) / 100
    assert table.max() <= most
    # Draws lie on the straight lines between two steps, rounded to seconds.
    assert np.mean((table[1:] + table[:-1]) / 2) == pytest.approx(mean, rel=1e-3, abs=0.1)


def test_an_exponential_table_is_an_exponential_before_the_cut() -> None:
    table = exponential(24_000, 60, 36_000)
    uncut = table[table < 36_000]
    shares = np.arange(len(uncut))[1:] / STEPS
    scale = (uncut[1:] - 60) / -np.log1p(-shares)
    assert scale[100:] == pytest.approx(np.median(scale), rel=1e-2)


@pytest.mark.parametrize("quantile", [kernels.quantile, reference.quantile], ids=["kernel", "reference"])
def test_a_quantile_lies_on_the_line_between_two_steps(quantile: object) -> None:
    assert callable(quantile)
    table = quantiles(lambda p: 1_000_000 * p * p)
    for step in (0, 1, 77, STEPS - 1):
        first = step << 64 - TABLE_BITS
        half = first + (1 << 63 - TABLE_BITS)
        below, above = int(table[step]), int(table[step + 1])
        assert quantile(table, np.uint64(first) if quantile is kernels.quantile else first) == below
        middle = quantile(table, np.uint64(half) if quantile is kernels.quantile else half)
        assert middle == below + (above - below) // 2
    last = np.uint64(MASK) if quantile is kernels.quantile else MASK
    assert table[-2] <= quantile(table, last) <= table[-1]
    assert quantile(np.array([42]), last) == 42


VALUES = {
    "straight": straight(quantiles(lambda p: 1_000_000 * p, bounded=True)),
    "tailed": tailed(lambda p: -1_000_000 * math.log1p(-p)),
    "atoms": atoms([place * 1000 + 7 for place in range(3000)]),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_the_same_compiled_and_readable_and_in_the_last_step(name: str) -> None:
    row, form = VALUES[name]
    item, quote = np.zeros(1, LINE_ITEM), np.zeros(1, QUOTE)
    item["form"], quote["bid"], quote["max_bid"] = form, 1 << FACTOR_BITS, 1 << 60
    addresses = np.arange(1 << 21, dtype=np.uint64)
    last = addresses[mix_all(addresses) >> np.uint64(64 - TABLE_BITS) == STEPS - 1]
    assert len(last) > 400
    table = row.reshape(1, -1)
    for address in [*range(3000), *last.tolist()]:
        drawn = value(row, form, mix(address))
        assert drawn == bid_of(table, item[0], quote[0], np.uint64(address))
        share = mix(address) / 2**64
        if name == "straight":
            assert drawn == pytest.approx(1_000_000 * share, abs=2)
        elif name == "tailed" and share >= 1 - 1 / STEPS:
            assert drawn == pytest.approx(-1_000_000 * math.log1p(-share), rel=1e-2)
        elif name == "atoms":
            assert drawn == min(int(share * 3000), 2999) * 1000 + 7


def test_a_quantile_is_the_same_compiled_and_readable() -> None:
    for table in (np.array([7]), log_normal(14_000, 0.35), quantiles(lambda p: -1_000_000 * p)):
        for n in range(500):
            draw = mix(n)
            assert reference.quantile(table, draw) == kernels.quantile(table, np.uint64(draw))
