"""Stopping by the width of an interval: coverage in spite of it, its price, and when it stops."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.study.statistics.sequential import MINIMUM, anytime, half_widths, look
from entities.errors import InputError
from sim.streams import generator

Sequences = NDArray[np.float64]
SEQUENCES = 2000
LEAST = 0.95 - 2 * (0.95 * 0.05 / SEQUENCES) ** 0.5
"""What is nominal coverage within two binomial errors."""
# All with mean 0 and variance 1; the skewness of gamma(4) is 1, of the exponential 2.
DRAWS: dict[str, Callable[[np.random.Generator, tuple[int, int]], Sequences]] = {
    "normal": lambda luck, size: luck.standard_normal(size),
    "gamma": lambda luck, size: luck.gamma(4, size=size) / 2 - 2,
    "exponential": lambda luck, size: luck.exponential(size=size) - 1,
}


def stopped(sequences: Sequences, target: float) -> tuple[Sequences, NDArray[np.int64], Sequences]:
    """Return mean, seeds and half-width where the rule stops, for each of *sequences*."""
    count = len(sequences)
    means, seeds, halves = np.zeros(count), np.zeros(count, np.int64), np.zeros(count)
    going = np.arange(count)
    for n in range(MINIMUM, sequences.shape[1] + 1):
        sample = sequences[going, :n]
        half = half_widths(sample)
        done = half <= target
        now = going[done]
        means[now], seeds[now], halves[now] = sample[done].mean(axis=1), n, half[done]
        going = going[~done]
        if not len(going):
            return means, seeds, halves
    raise AssertionError(f"{len(going)} sequences are too short")


@pytest.mark.parametrize(
    ("draw", "oracle", "dearer"),
    # The oracle knows the variance and plays so many seeds; the rule plays at most so many more on average.
    [("normal", 30, 12), ("normal", 80, 12), ("gamma", 30, 14), ("gamma", 80, 18), ("exponential", 60, 26)],
)
def test_coverage_is_nominal_in_spite_of_stopping_and_costs_a_few_seeds(
    draw: str, oracle: int, dearer: int
) -> None:
    sequences = DRAWS[draw](generator(11, oracle), (SEQUENCES, 4 * oracle + 60))
    means, seeds, halves = stopped(sequences, target=1.96 / math.sqrt(oracle))
    assert (np.abs(means) <= halves).mean() >= LEAST
    assert 0 < seeds.mean() - oracle < dearer


def test_without_the_correction_it_would_not_be() -> None:
    # Chow and Robbins' rule is ours without the cost: stop where t S / √n is small enough.
    sequences, oracle = DRAWS["exponential"](generator(11, 1), (SEQUENCES, 300)), 60
    count = np.arange(1, 301)
    means = np.cumsum(sequences, axis=1) / count
    deviations = np.sqrt(
        (np.cumsum(sequences**2, axis=1) / count - means**2) * count / np.maximum(count - 1, 1)
    )
    plain = 1.98 * deviations / np.sqrt(count)
    at = np.argmax((plain <= 1.96 / math.sqrt(oracle)) & (count >= MINIMUM), axis=1)
    rows = np.arange(SEQUENCES)
    assert (np.abs(means[rows, at]) <= plain[rows, at]).mean() < 0.92


@pytest.mark.parametrize("draw", DRAWS)
def test_what_is_reported_before_holds_at_all_looks_at_once(draw: str) -> None:
    sequences = DRAWS[draw](generator(11, 3), (SEQUENCES, 150))
    missed = np.zeros(SEQUENCES, bool)
    for n in range(MINIMUM, 151):
        missed |= np.abs(sequences[:, :n].mean(axis=1)) > anytime(sequences[:, :n])
    assert (~missed).mean() >= LEAST


def test_the_confidence_sequence_inverts_its_bayes_factor() -> None:
    # The factor of t under a normal prior of variance 1/10 on the effect, to the same under none, at the bound.
    sample = DRAWS["normal"](generator(11, 4), (1, 40))
    sample -= sample.mean()
    sample[0] = np.sort(sample[0])
    symmetric = (sample - sample[:, ::-1]) / 2  # no skewness, so nothing is widened
    reach, n = float(anytime(symmetric)[0]), 40
    t = reach / math.sqrt(float(np.var(symmetric, ddof=1)) / n)
    grown = 1 + n / 10
    factor = grown**-0.5 * ((1 + t * t / (n - 1)) / (1 + t * t / (n - 1) / grown)) ** (n / 2)
    assert factor == pytest.approx(1 / 0.05)


def test_a_look_says_when_to_stop_what_to_report_and_how_many_more() -> None:
    sequence, target = DRAWS["normal"](generator(11, 5), (1, 400))[0], 0.25
    looks = [look(sequence[:n], target) for n in range(2, 200)]
    first = next(one for one in looks if one.stop)
    assert first.seeds == next(n for n in range(MINIMUM, 200) if half_widths(sequence[None, :n])[0] <= target)
    assert first.high - first.low == pytest.approx(2 * first.half_width)
    assert (first.half_width <= target, first.more) == (True, 0)
    before = looks[first.seeds - 3]
    assert (before.seeds, before.stop) == (first.seeds - 1, False)
    assert 1 <= before.more <= 3
    assert before.high - before.low > 3 * before.half_width / 2
    assert all(one.more >= MINIMUM - one.seeds for one in looks[: MINIMUM - 2])
    # At 20 seeds the variance is known to a third.
    assert looks[MINIMUM - 2].more + MINIMUM == pytest.approx(first.seeds, rel=0.4)


def test_enough_is_the_least_that_is_enough() -> None:
    sample = DRAWS["gamma"](generator(11, 6), (1, 30))[0]
    for target in (0.1, 0.03, 0.01):
        needed = 30 + look(sample, target).more
        # The same moments over more seeds: the sample repeated, less what n - 1 does.
        repeated = np.tile(sample, round(needed / 30))[None]
        assert half_widths(repeated)[0] == pytest.approx(target, rel=0.03)


def test_differences_that_do_not_vary_stop_at_the_minimum() -> None:
    assert look(np.full(MINIMUM - 1, 0.1), 1e-9).more == 1
    found = look(np.full(MINIMUM, 0.1), 1e-9)
    assert (found.stop, found.half_width, found.more) == (True, 0, 0)
    assert found.low == found.high == pytest.approx(0.1)


def test_two_seeds_tell_nothing_whenever_one_looks() -> None:
    found = look(np.array([1.0, 2.0]), 0.1)
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert math.isfinite(found.half_width)


@settings(max_examples=40, deadline=None)
@given(
    address=st.integers(0, 1000),
    seeds=st.sampled_from([2, 25, 60]),
    shift=st.floats(-100, 100),
    scale=st.floats(0.01, 100),
    data=st.data(),
)
def test_units_and_the_order_of_seeds_do_not_matter(
    address: int, seeds: int, shift: float, scale: float, data: st.DataObject
) -> None:
    sample = DRAWS["gamma"](generator(12, address), (1, seeds))[0]
    one = look(sample, 0.5)
    moved = look(scale * (sample[data.draw(st.permutations(range(seeds)))] + shift), 0.5 * scale)
    assert moved.stop == one.stop
    assert moved.more == pytest.approx(one.more, abs=1)
    for name in ("half_width", "low", "high", "mean"):
        told = getattr(one, name) + (0 if name == "half_width" else shift)
        assert getattr(moved, name) == pytest.approx(scale * told, rel=1e-6, abs=1e-6 * scale)


def test_what_cannot_be_aimed_at_is_refused_in_one_line() -> None:
    sample = np.arange(5.0)
    with pytest.raises(InputError, match=r"^a target for the half-width lies above 0, not at 0$"):
        look(sample, 0)
    with pytest.raises(InputError, match=r"^a target for the half-width lies above 0, not at nan$"):
        look(sample, math.nan)
    with pytest.raises(InputError, match=r"^an interval needs at least 2 seeds, not 1$"):
        look(sample[:1], 1)
