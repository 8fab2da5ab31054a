"""Means of arms over seeds, and their middle halves, with intervals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analysis.study.statistics.interquartile import interquartile
from analysis.study.statistics.summary import means
from entities.errors import InputError
from sim.streams import Purpose, generator


def test_means_by_hand() -> None:
    # 1, 2, 3, 6: mean 3, variance 14/3; t(3) at 97.5 % is 3.18245 in any table.
    one, other = means(np.array([[1.0, 6, 2, 3], [5, 5, 5, 5]]))
    assert (one.arm, one.mean, one.seeds) == (0, 3, 4)
    assert one.deviation == pytest.approx((14 / 3) ** 0.5)
    assert one.standard_error == pytest.approx((14 / 12) ** 0.5)
    assert (one.low, one.high) == pytest.approx(
        (3 - 3.18245 * (14 / 12) ** 0.5, 3 + 3.18245 * (14 / 12) ** 0.5), abs=1e-4
    )
    assert (other.mean, other.low, other.high, other.deviation) == (5, 5, 5, 0)


def test_means_have_the_interval_of_scipy() -> None:
    values = generator(13, 1).standard_normal((3, 12))
    for one, row in zip(means(values, level=0.9), values, strict=True):
        theirs = stats.ttest_1samp(row, 0).confidence_interval(0.9)
        assert (one.low, one.high) == pytest.approx((theirs.low, theirs.high))


def test_the_middle_half_is_scipys() -> None:
    scores = generator(13, 2).standard_normal((3, 7, 5))
    for one, cube in zip(interquartile(scores, resamples=9), scores, strict=True):
        assert (one.seeds, one.markets) == (7, 5)
        assert one.mean == pytest.approx(stats.trim_mean(cube, 0.25, axis=None))


def test_an_outlier_does_not_move_it() -> None:
    calm = np.arange(8.0)[None]
    wild = np.where(calm == 7, 1e6, calm)
    assert interquartile(calm)[0].mean == interquartile(wild)[0].mean == 3.5


def test_resamples_are_drawn_within_each_market() -> None:
    # The definition of Agarwal et al. told again, one resample after the other, with the same draws.
    scores = np.sort(generator(13, 3).standard_normal((1, 6, 3)), axis=1)
    luck = generator(4, Purpose.resample)
    told = []
    for picked in luck.integers(6, size=(400, 6, 3)):
        drawn = [scores[0, picked[seed, market], market] for seed in range(6) for market in range(3)]
        told.append(stats.trim_mean(drawn, 0.25))
    (found,) = interquartile(scores, resamples=400, seed=4)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(told, [0.025, 0.975])))


def test_markets_at_odds_do_not_widen_it() -> None:
    # Each market's scores hardly vary between seeds; drawn over all markets at once they would.
    luck = generator(13, 5)
    scores = np.array([0.0, 1, 2, 3]) + 0.01 * luck.standard_normal((1, 10, 4))
    (found,) = interquartile(scores)
    assert found.high - found.low < 0.02
    (mixed,) = interquartile(scores.reshape(1, -1))
    assert mixed.high - mixed.low > 0.5


def test_its_interval_covers() -> None:
    # 1,000 arms are 1,000 samples; the middle half of a normal distribution has the mean 0.
    found = interquartile(generator(13, 6).standard_normal((1000, 30)), resamples=500)
    assert np.mean([one.low <= 0 <= one.high for one in found]) == pytest.approx(0.94, abs=0.025)


@settings(max_examples=20, deadline=None)
@given(address=st.integers(0, 1000), shift=st.floats(-100, 100), scale=st.floats(0.01, 100), data=st.data())
def test_units_and_orders_do_not_matter(
    address: int, shift: float, scale: float, data: st.DataObject
) -> None:
    values = generator(14, address).standard_normal((3, 8))
    rows = data.draw(st.permutations(range(3)))
    moved = scale * (values[rows][:, data.draw(st.permutations(range(8)))] + shift)
    for ours, theirs in (
        (means(values), means(moved)),
        (interquartile(values, resamples=200), interquartile(moved, resamples=200)),
    ):
        for place, arm in enumerate(rows):
            for name in ("mean", "low", "high"):
                expected = scale * (getattr(ours[arm], name) + shift)
                assert getattr(theirs[place], name) == pytest.approx(
                    expected, rel=1e-9, abs=1e-9 * scale * 100
                )


def test_one_seed_has_no_interval() -> None:
    for scores in (np.ones((2, 1)), np.ones((2, 1, 4))):
        with pytest.raises(InputError, match=r"^an interval needs at least 2 seeds, not 1$"):
            interquartile(scores)
    with pytest.raises(InputError, match=r"^an interval needs at least 2 seeds, not 1$"):
        means(np.ones((2, 1)))
