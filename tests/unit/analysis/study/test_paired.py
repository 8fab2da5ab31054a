"""Paired differences: their numbers by hand, what must not matter to them, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.study.statistics.intervals import MANY, interval
from analysis.study.statistics.paired import Difference, paired
from entities.errors import InputError
from sim.streams import generator

FIGURES = ("mean", "standard_error", "low", "high")


def market(address: int, arms: int = 4, seeds: int = 12, own: float = 0.3) -> NDArray[np.float64]:
    """Arms that differ by their number, with common luck of variance 1 and luck of their own."""
    luck = generator(7, address)
    common = luck.standard_normal(seeds)
    return 10 + np.arange(arms)[:, None] + common + own * luck.standard_normal((arms, seeds))


def figures(differences: tuple[Difference, ...]) -> NDArray[np.float64]:
    return np.array([[getattr(each, name) for name in FIGURES] for each in differences])


def test_the_numbers_by_hand() -> None:
    # Differences 1, 2, 3, 6: mean 3, variance 14/3; t(3) at 97.5 % is 3.18245 in any table.
    (found,) = paired(np.array([[4.0, 1, 0, 2], [5, 3, 3, 8]]))
    error = (14 / 3 / 4) ** 0.5
    assert (found.arm, found.seeds, found.comparisons, found.method) == (1, 4, 1, "t")
    assert found.mean == 3
    assert found.standard_error == pytest.approx(error)
    assert (found.low, found.high) == pytest.approx((3 - 3.18245 * error, 3 + 3.18245 * error), abs=1e-4)
    # var(4, 1, 0, 2) = 35/12, var(5, 3, 3, 8) = 67/12
    assert found.saved == pytest.approx((35 / 12 + 67 / 12) / (14 / 3))


def test_what_pairing_saves() -> None:
    # Each arm has the variance 1 + 0.09, a difference 0.18: 2.18 / 0.18 = 12.1.
    (found,) = paired(market(1, arms=2, seeds=20_000), method="t")
    assert found.saved == pytest.approx(2.18 / 0.18, rel=0.05)


@pytest.mark.parametrize("method", ["t", "percentile", "bca"])
def test_a_difference_that_does_not_vary_is_a_point_and_saves_nothing(method: str) -> None:
    budget = np.full(25, 0.1)
    for arm in (budget, budget + 0.2):
        (found,) = paired(np.stack([budget, arm]), method=method)
        assert found.low == found.mean == found.high == arm[0] - budget[0]
        assert (found.standard_error, found.saved) == (0, None)


def test_rounding_is_no_variance() -> None:
    spend = 1000 + 100 * generator(7, 2).random(30)
    (found,) = paired(np.stack([spend, spend * 1.1 - spend * 0.1 + 3]))
    assert found.saved is None


def test_the_bootstrap_takes_over_from_many_seeds_on() -> None:
    few, many = market(3, seeds=MANY - 1), market(3, seeds=MANY)
    assert {each.method for each in paired(few)} == {"t"}
    assert {each.method for each in paired(many)} == {"bca"}
    assert {each.method for each in paired(many, method="t")} == {"t"}


@pytest.mark.parametrize("method", ["percentile", "bca"])
def test_the_bootstrap_agrees_with_t_where_both_hold(method: str) -> None:
    values = market(4, seeds=400)
    ours, exact = paired(values, method=method), paired(values, method="t")
    width = np.array([each.high - each.low for each in exact])
    assert (np.abs(figures(ours) - figures(exact)).max(axis=1) < 0.05 * width).all()


def test_bca_follows_the_longer_tail_and_t_does_not() -> None:
    skewed = generator(7, 5).exponential(size=40)
    found = interval(skewed, method="bca")
    assert found.high - skewed.mean() > 1.2 * (skewed.mean() - found.low)


def test_intervals_that_cover_all_are_wider_by_bonferroni() -> None:
    values = market(6, arms=6)
    each, together = paired(values), paired(values, covers="all")
    assert {one.comparisons for one in (*each, *together)} == {5}
    assert {one.level for one in each} == {0.95}
    assert together == paired(values, level=together[0].level)
    assert together[0].level == pytest.approx(0.99)
    assert all(wide.low < one.low < one.high < wide.high for one, wide in zip(each, together, strict=True))


def test_intervals_cover_as_often_as_they_say() -> None:
    # 500 studies of 5 arms and 8 seeds. Truth: arm k is k above the baseline.
    covered = np.array(
        [
            [
                [one.low <= one.arm <= one.high for one in paired(study, covers=covers)]
                for covers in ("each", "all")
            ]
            for study in (market(1000 + n, 5, 8) for n in range(500))
        ]
    )
    each, together = covered[:, 0], covered[:, 1]
    assert each.mean() == pytest.approx(0.95, abs=0.012)
    assert each.all(axis=1).mean() < 0.9
    assert together.all(axis=1).mean() >= 0.95 - 2 * (0.95 * 0.05 / 500) ** 0.5


@settings(max_examples=25, deadline=None)
@given(
    address=st.integers(0, 1000),
    seeds=st.sampled_from([2, 5, 30]),
    shift=st.floats(-100, 100),
    scale=st.floats(0.01, 100),
    method=st.sampled_from(["t", "percentile"]),
)
def test_units_do_not_matter(address: int, seeds: int, shift: float, scale: float, method: str) -> None:
    values = market(address, seeds=seeds)
    # What all arms owe to a seed goes, so each seed may be shifted by an amount of its own.
    moved = scale * (values + shift * np.arange(seeds))
    one, other = paired(values, method=method), paired(moved, method=method)
    np.testing.assert_allclose(figures(other), scale * figures(one), rtol=1e-6, atol=1e-8 * scale)


@settings(max_examples=25, deadline=None)
@given(address=st.integers(0, 1000), seeds=st.sampled_from([2, 5, 30]), data=st.data())
def test_the_order_of_seeds_and_of_arms_does_not_matter(
    address: int, seeds: int, data: st.DataObject
) -> None:
    values = market(address, seeds=seeds)
    shuffled = values[:, data.draw(st.permutations(range(seeds)))]
    assert (figures(paired(shuffled)) == figures(paired(values))).all()
    rows = data.draw(st.permutations(range(len(values))))
    moved = {rows[one.arm]: one for one in paired(values[rows], baseline=rows.index(0))}
    assert (figures(tuple(moved[one.arm] for one in paired(values))) == figures(paired(values))).all()


def test_the_seed_of_the_bootstrap_is_an_address() -> None:
    values = market(9, seeds=30)
    assert paired(values, seed=1) == paired(values, seed=1) != paired(values, seed=2)


@pytest.mark.parametrize(
    ("seeds", "level", "message"),
    [
        (1, 0.95, "an interval needs at least 2 seeds, not 1"),
        (0, 0.95, "an interval needs at least 2 seeds, not 0"),
        (5, 95, "the level of an interval lies between 0 and 1, not at 95"),
    ],
)
def test_what_has_no_interval_is_refused_in_one_line(seeds: int, level: float, message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}$"):
        paired(np.ones((3, seeds)), level=level)


def test_holes_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="finite"):
        paired(np.array([[1.0, np.nan, 2.0], [1, 2, 3]]))
    with pytest.raises(ValueError, match="no row 2 in 2"):
        paired(np.ones((2, 4)), baseline=2)
