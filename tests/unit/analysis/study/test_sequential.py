"""Stopping by the width of an interval: coverage in spite of it, its price, and when it stops."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from analysis.study.statistics.sequential import (
    MINIMUM,
    anytime_by_seed,
    half_widths,
    half_widths_by_seed,
    look,
)
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
    halves = half_widths_by_seed(sequences)
    enough = halves <= target
    enough[:, : MINIMUM - 1] = False
    assert enough.any(axis=1).all(), "sequences are too short"
    at, rows = np.argmax(enough, axis=1), np.arange(len(sequences))
    means = np.cumsum(sequences, axis=1)[rows, at] / (at + 1)
    return means, at + 1, halves[rows, at]


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
    means = np.cumsum(sequences, axis=1) / np.arange(1, 151)
    covered = np.abs(means) <= anytime_by_seed(sequences)
    assert covered[:, MINIMUM - 1 :].all(axis=1).mean() >= LEAST


def test_the_confidence_sequence_inverts_its_bayes_factor() -> None:
    # The factor of t under a normal prior of variance 1/10 on the effect, to the same under none, at the bound.
    sample = DRAWS["normal"](generator(11, 4), (1, 40))
    sample -= sample.mean()
    sample[0] = np.sort(sample[0])
    symmetric = (sample - sample[:, ::-1]) / 2  # no skewness, so nothing is widened
    reach, n = float(anytime_by_seed(symmetric)[0, -1]), 40
    t = reach / math.sqrt(float(np.var(symmetric, ddof=1)) / n)
    grown = 1 + n / 10
    factor = grown**-0.5 * ((1 + t * t / (n - 1)) / (1 + t * t / (n - 1) / grown)) ** (n / 2)
    assert factor == pytest.approx(1 / 0.05)


def test_a_look_says_when_to_stop_what_to_report_and_how_many_more() -> None:
    sequence, target = DRAWS["normal"](generator(11, 5), (1, 400)), 0.25
    looks = {seeds: look(sequence[:, :seeds], target) for seeds in range(2, 200)}
    first = next(seeds for seeds, one in looks.items() if one.stop)
    (mean,), (seeds,), (half,) = stopped(sequence, target)
    assert first == seeds
    assert looks[first].more == 0
    (told,) = looks[first].estimates
    assert (told.mean, told.low, told.high) == pytest.approx((mean, mean - half, mean + half))
    assert told.half_width == half <= target
    before = looks[first - 1]
    assert (before.stop, before.seeds) == (False, first - 1)
    assert 1 <= before.more <= 3
    assert before.estimates[0].high - before.estimates[0].low > 2.5 * before.estimates[0].half_width
    assert all(looks[few].more >= MINIMUM - few for few in range(2, MINIMUM))
    # At 20 seeds the variance is known to a third.
    assert looks[MINIMUM].more + MINIMUM == pytest.approx(first, rel=0.4)
    # What was played too much changes nothing.
    assert {one for seeds, one in looks.items() if seeds >= first} == {looks[first]}


def test_it_goes_on_until_all_rows_are_narrow() -> None:
    samples = np.array([[1.0], [2], [0.5]]) * DRAWS["normal"](generator(11, 7), (3, 300))
    alone = [look(row, target).seeds for row, target in zip(samples, (0.5, 0.5, 0.1), strict=True)]
    together = look(samples, np.array([[0.5], [0.5], [0.1]]))
    assert (together.stop, together.seeds, len(together.estimates)) == (True, max(alone), 3)
    assert all(one.half_width <= 0.5 for one in together.estimates)


def test_a_target_may_be_known_only_so_far() -> None:
    luck = DRAWS["normal"](generator(11, 10), (3, 300))
    base = 10 + 5 * luck[0]
    samples = luck[1:]
    means = np.cumsum(base) / np.arange(1, 301)
    found = look(samples, 0.03 * means)
    at = next(n for n in range(MINIMUM, 301) if (half_widths(samples[:, :n]) <= 0.03 * means[n - 1]).all())
    assert (found.stop, found.seeds) == (True, at)
    assert look(samples[:, :at], 0.03 * means[:at]) == found


def test_halves_are_those_of_the_formula() -> None:
    sample = 1000 + DRAWS["gamma"](generator(11, 8), (1, 40))
    for seeds in (2, 7, 40):
        part = sample[0, :seeds]
        t = stats.t.ppf(0.95, seeds - 1)
        cost = 10 * (1 + stats.skew(part) ** 2)
        told = t * part.std(ddof=1) * math.sqrt((1 + cost / seeds) / seeds)
        assert half_widths_by_seed(sample, 0.9)[0, seeds - 1] == pytest.approx(told)


def test_enough_is_the_least_that_is_enough() -> None:
    sample = DRAWS["gamma"](generator(11, 6), (1, 30))
    for target in (0.1, 0.03, 0.01):
        needed = 30 + look(sample, target).more
        # The same moments over more seeds: the sample repeated, less what n - 1 does.
        repeated = np.tile(sample, round(needed / 30))
        assert half_widths(repeated)[0] == pytest.approx(target, rel=0.03)


def test_differences_that_do_not_vary_stop_at_the_minimum() -> None:
    assert look(np.full((1, MINIMUM - 1), 0.1), 1e-9).more == 1
    found = look(np.full((1, MINIMUM + 5), 0.1), 1e-9)
    assert (found.stop, found.seeds, found.more) == (True, MINIMUM, 0)
    (told,) = found.estimates
    assert told.low == told.high == told.mean == pytest.approx(0.1)
    tiny = 1e-80 * DRAWS["normal"](generator(11, 9), (1, MINIMUM))
    assert look(tiny, 1e-9).stop


def test_two_seeds_tell_nothing_whenever_one_looks() -> None:
    (told,) = look(np.array([[1.0, 2.0]]), 0.1).estimates
    assert (told.low, told.high) == (-math.inf, math.inf)
    assert math.isfinite(told.half_width)


@settings(max_examples=40, deadline=None)
@given(
    address=st.integers(0, 1000),
    seeds=st.sampled_from([2, 15, 60]),
    shift=st.floats(-100, 100),
    scale=st.floats(0.01, 100),
    data=st.data(),
)
def test_units_do_not_matter_nor_the_order_of_rows_nor_of_seeds_before_the_minimum(
    address: int, seeds: int, shift: float, scale: float, data: st.DataObject
) -> None:
    samples = DRAWS["gamma"](generator(12, address), (3, seeds))
    rows = data.draw(st.permutations(range(3)))
    few = min(seeds, MINIMUM)
    columns = [*data.draw(st.permutations(range(few))), *range(few, seeds)]
    one, moved = look(samples, 0.4), look(scale * (samples[rows][:, columns] + shift), 0.4 * scale)
    assert (moved.stop, moved.seeds) == (one.stop, one.seeds)
    assert moved.more == pytest.approx(one.more, abs=1)
    for place, row in enumerate(rows):
        for name in ("half_width", "low", "high", "mean"):
            told = getattr(one.estimates[row], name) + (0 if name == "half_width" else shift)
            assert getattr(moved.estimates[place], name) == pytest.approx(
                scale * told, rel=1e-6, abs=1e-6 * scale
            )


def test_what_cannot_be_aimed_at_is_refused_in_one_line() -> None:
    sample = np.arange(5.0)[None]
    with pytest.raises(InputError, match=r"^a target for the half-width lies above 0, not at 0$"):
        look(sample, 0)
    with pytest.raises(InputError, match=r"^a target for the half-width lies above 0, not at nan$"):
        look(np.tile(sample, (2, 1)), np.array([[1], [math.nan]]))
    with pytest.raises(InputError, match=r"^an interval needs at least 2 seeds, not 1$"):
        look(sample[:, :1], 1)
