"""A row passes where it should, and its tolerance follows from the number of draws."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analysis.verify import rows
from analysis.verify.rows import SIGMAS, Comparison


def test_a_row_passes_up_to_its_tolerance() -> None:
    assert Comparison("x", 0.5, 0.625, 0.125, 1).passes
    assert not Comparison("x", 0.5, 0.63, 0.125, 1).passes
    assert not Comparison("x", 0.5, math.nan, 0.125, 1).passes
    assert not Comparison("x", 0.5, 0.5, math.nan, 1).passes


def test_the_tolerance_of_a_mean_is_that_of_its_sample() -> None:
    row = rows.mean("x", 0.5, np.array([0.0, 1.0] * 200))
    assert (row.simulated, row.n) == (0.5, 400)
    assert row.tolerance == pytest.approx(SIGMAS * 0.5 / 20)
    assert rows.mean("x", 0.5, np.ones(100), n=400).simulated == 0.25
    assert rows.mean("x", 0.5, np.ones(4), bound=0.1).tolerance == 0.1


def test_the_tolerance_of_a_share_is_the_binomial_s() -> None:
    row = rows.share("x", 0.1, 12, 100, bound=0.01)
    assert row.simulated == 0.12
    assert row.tolerance == pytest.approx(SIGMAS * 0.03 + 0.01)


def test_right_rows_are_seldom_farther_than_two_standard_errors() -> None:
    rng = np.random.default_rng(1)
    for make, exact, width in ((rows.mean, 0.5, 1 / 12), (rows.variance, 1 / 12, 1 / 180)):
        found = [make("x", exact, rng.random(400)) for _ in range(1000)]
        off = [abs(row.simulated - row.exact) / (row.tolerance / SIGMAS) for row in found]
        assert np.mean(np.array(off) > 2) == pytest.approx(0.0455, abs=0.03)
        assert found[0].tolerance == pytest.approx(SIGMAS * math.sqrt(width / 400), rel=0.1)


def test_a_distribution_is_as_far_off_as_massart_has_it() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        row = rows.distribution("x", lambda v: min(max(v, 0.0), 1.0), np.floor(rng.random(4000) * 1e6) / 1e6)
        assert 0 < row.simulated < row.tolerance == pytest.approx(2.276 / math.sqrt(4000), rel=1e-3)
    shifted = rows.distribution("x", lambda v: min(max(v - 0.05, 0.0), 1.0), rng.random(4000))
    assert not shifted.passes
    assert shifted.simulated == pytest.approx(0.05, abs=0.03)


def test_the_end_of_uniform_values_is_near_where_it_should_be() -> None:
    values = 0.2 + 0.4 * np.random.default_rng(3).random(100_000)
    lowest, highest = float(values.min()), float(values.max())
    assert rows.end("x", 0.2, lowest, 0.4, len(values)).passes
    assert rows.end("x", 0.6, highest, 0.4, len(values)).passes
    # A step of the table of 4096 is more than that.
    assert not rows.end("x", 0.2, lowest + 0.4 / 4096, 0.4, len(values)).passes
