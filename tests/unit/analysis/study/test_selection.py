"""The best arm: selected as often as promised, for how few runs, and the same by any road."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from analysis.study.statistics.paired import paired
from analysis.study.statistics.selection import FIRST, select
from entities.errors import InputError
from sim.streams import generator

Values = NDArray[np.float64]
ZONE = 0.2
SEEDS = 600


def market(address: int, means: list[float], own: float, common: float = 1.0, seeds: int = SEEDS) -> Values:
    """Arms with those *means* on common luck, each with some of its *own*."""
    luck = generator(21, address)
    shared = common * luck.standard_normal(seeds)
    return np.array(means)[:, None] + shared + own * luck.standard_normal((len(means), seeds))


class Outcome(NamedTuple):
    """Of many planted markets."""

    correct: float
    runs: float


def planted(means: list[float], own: float, common: float, markets: int) -> Outcome:
    """Return how often the best of *markets* was found, with its arms shuffled, and by how many runs."""
    seeds = SEEDS if common else 5 * SEEDS
    correct = runs = 0
    for address in range(markets):
        rows = generator(22, address).permutation(len(means))
        values = market(address, [means[row] * ZONE for row in rows], own, common, seeds)
        found = select(list(values), ZONE)
        assert found.best is not None
        correct += means[rows[found.best]] == max(means)
        runs += found.runs
    return Outcome(correct / markets, runs / markets)


# Common luck has the variance 1 and an arm's own 0.1, so that pairing saves a factor of 11 in each difference;
# on smoke it saves from 3.8 to 54. Without common luck, an arm has all of that variance on its own.
OWN = math.sqrt(0.1)
ALONE = math.sqrt(1.1)


def test_the_best_is_found_in_95_of_100_markets_with_a_quarter_of_the_runs() -> None:
    ladder = [0.0, 1, 2, 3, 4]
    ours, unpaired = planted(ladder, OWN, 1, 200), planted(ladder, ALONE, 0, 200)
    assert min(ours.correct, unpaired.correct) >= 0.95
    assert (ours.runs, unpaired.runs) == pytest.approx((77, 620), rel=0.05)
    assert ours.runs <= unpaired.runs / 4


def test_it_is_found_where_all_others_are_just_worse() -> None:
    # The least favourable case that the guarantee is for: all others tied, one indifference zone below.
    ours, unpaired = planted([0.0, 0, 0, 0, 1], OWN, 1, 1000), planted([0.0, 0, 0, 0, 1], ALONE, 0, 100)
    assert ours.correct >= 0.95
    assert ours.runs <= unpaired.runs / 4


def test_it_plays_fewer_runs_than_a_fixed_number_of_seeds() -> None:
    # Bonferroni's intervals of half the zone, for all against the best, need
    # (2.64 / 0.5 · √0.2 / 0.2)² = 139 seeds of five arms.
    assert planted([0.0, 1, 2, 3, 4], OWN, 1, 50).runs < 5 * 139 / 4


@pytest.mark.parametrize(
    ("address", "own", "best", "played"),
    [
        (0, 0.3, 1, [11, 12]),
        (6, 0.3, 1, [14, 15]),
        (8, 1.0, 1, [50, 51]),
        (9, 1.0, 1, [36, 37]),
        (10, 1.0, 1, [44, 45]),
        (11, 1.0, 1, [179, 180]),
        (0, 0.3, 4, [10, 10, 10, 20, 21]),
        (1, 0.3, 4, [10, 10, 12, 10, 13]),
        (2, 0.3, 4, [10, 10, 16, 21, 22]),
        (3, 0.3, 4, [10, 10, 14, 20, 21]),
        (5, 0.3, 4, [10, 10, 10, 12, 13]),
    ],
)
def test_arms_leave_when_those_of_sim_tools_do(
    address: int, own: float, best: int, played: list[int]
) -> None:
    # KN(arms, delta=0.2, alpha=0.05, n_0=10) of sim-tools 1.3.0 (sim_tools.ovs.indifference_zone), run on these
    # values: the best, and its count of replications. It plays one seed more of what remains.
    luck = generator(21, address)
    arms, common = len(played), luck.standard_normal(4000)
    values = ZONE * np.arange(arms)[:, None] + common + own * luck.standard_normal((arms, 4000))
    found = select(list(values), 0.2, first=10)
    assert found.best == best
    assert [found.seeds if left is None else left for left in found.left] == [
        count - (arm == best) for arm, count in enumerate(played)
    ]


def told(values: Values, zone: float, level: float, first: int) -> tuple[int, list[int | None]]:
    """The procedure as the paper numbers its steps."""
    arms = len(values)
    eta = ((2 * (1 - level) / (arms - 1)) ** (-2 / (first - 1)) - 1) / 2
    h2 = 2 * eta * (first - 1)
    s2 = [[float(np.var(a[:first] - b[:first], ddof=1)) for b in values] for a in values]
    n = max(math.floor(h2 * s2[i][j] / zone**2) for i in range(arms) for j in range(arms))
    left: list[int | None] = [None] * arms
    inside, r = list(range(arms)), first
    while True:
        mean = [float(np.mean(row[:r])) for row in values]
        kept = [
            i
            for i in inside
            if all(
                mean[i] >= mean[j] - max(0, zone / (2 * r) * (h2 * s2[i][j] / zone**2 - r)) - 1e-12
                for j in inside
                if i != j
            )
        ]
        for i in set(inside) - set(kept):
            left[i] = r
        inside, r = kept, r + 1
        if len(inside) == 1 or r > n + 1:
            return max(inside, key=lambda i: mean[i]), left


@settings(max_examples=60, deadline=None)
@given(
    address=st.integers(0, 10_000),
    arms=st.integers(2, 6),
    own=st.sampled_from([0.1, 0.3, 0.6]),
    step=st.sampled_from([0.0, 0.05, 0.2]),
    first=st.sampled_from([5, 10]),
)
def test_it_is_the_procedure_of_the_paper(
    address: int, arms: int, own: float, step: float, first: int
) -> None:
    values = market(address, [step * arm for arm in range(arms)], own)
    found = select(list(values), 0.4, level=0.9, first=first)
    assert (found.best, list(found.left)) == told(values, 0.4, 0.9, first)


@settings(max_examples=40, deadline=None)
@given(address=st.integers(0, 10_000), batch=st.integers(1, 40))
def test_playing_in_batches_changes_nothing(address: int, batch: int) -> None:
    values = market(address, [0, ZONE, ZONE, 2 * ZONE], 0.3)
    played: list[Values] = [np.zeros(0)] * 4
    found = select(played, ZONE)
    while found.best is None:
        assert found.most is None or found.seeds < found.most
        before = found
        upto = len(played[found.arms[0]]) + batch
        played = [values[arm, :upto] if arm in found.arms else row for arm, row in enumerate(played)]
        found = select(played, ZONE)
        assert found.seeds > before.seeds
        assert found.arms == () or set(found.arms) <= set(before.arms)
    assert found == select(list(values), ZONE)
    assert found.arms == ()


@settings(max_examples=40, deadline=None)
@given(address=st.integers(0, 10_000), shift=st.floats(-50, 50), scale=st.floats(0.1, 10), data=st.data())
def test_units_common_luck_and_the_order_of_arms_do_not_matter(
    address: int, shift: float, scale: float, data: st.DataObject
) -> None:
    values = market(address, [0, ZONE, 2 * ZONE, 3 * ZONE], 0.3)
    rows = data.draw(st.permutations(range(4)))
    weather = shift * generator(23, address).standard_normal(SEEDS)
    one, other = select(list(values), ZONE), select(list(scale * (values + weather)[rows]), scale * ZONE)
    assert other.best is not None
    assert rows[other.best] == one.best
    assert [other.left[rows.index(arm)] for arm in range(4)] == list(one.left)


def test_all_arms_play_until_variances_are_known() -> None:
    values = list(market(1, [0, 1, 2], 0.1))
    for ready in ([0, 0, 0], [FIRST, FIRST, FIRST - 1]):
        found = select([row[:count] for row, count in zip(values, ready, strict=True)], ZONE)
        assert (found.arms, found.best, found.most, found.seeds) == ((0, 1, 2), None, None, min(ready))
        assert found.left == (None,) * 3


def test_arms_that_are_equal_end_with_the_first_of_them() -> None:
    luck = market(2, [0, 0, -5], 0.3)
    equal = [luck[0], luck[0], luck[2]]
    found = select(equal, ZONE)
    assert (found.best, found.seeds, found.left) == (0, FIRST, (None, None, FIRST))
    # As by a binding budget: no variance, and no difference.
    assert select([np.full(FIRST, 7.0)] * 3, ZONE).best == 0
    assert select([np.full(FIRST, 7.0), np.full(FIRST, 7.1)], ZONE).best == 1


def test_what_comes_after_the_decision_does_not_matter() -> None:
    # Two arms are level when their difference has been sampled enough, and the first of them is taken.
    level = np.tile([1.0, -1.0], 5)
    decided = select([level, np.zeros(10)], 4.0)
    assert (decided.best, decided.seeds, decided.most) == (0, 10, 10)
    assert select([np.append(level, -9.0), np.zeros(11)], 4.0) == decided


def test_a_single_arm_is_the_best() -> None:
    assert select([np.ones(3)], ZONE).best == 0


def test_what_is_selected_lies_above_the_rest() -> None:
    values = market(3, [0, ZONE, 4 * ZONE], 0.2)
    assert all(each.high < 0 for each in paired(values, baseline=select(list(values), ZONE).best or 0))


@pytest.mark.parametrize(
    ("zone", "level", "first", "message"),
    [
        (0.0, 0.95, 10, "an indifference zone lies above 0, not at 0"),
        (0.1, 0.95, 1, "variances need at least 2 first seeds, not 1"),
        (0.1, 95, 10, "the level of a selection lies between 1/4 and 1, not at 95"),
        (0.1, 0.25, 10, "the level of a selection lies between 1/4 and 1, not at 0.25"),
    ],
)
def test_what_cannot_be_promised_is_refused_in_one_line(
    zone: float, level: float, first: int, message: str
) -> None:
    with pytest.raises(InputError, match=f"^{message}$"):
        select(list(market(1, [0, 1, 2, 3], 0.1)), zone, level=level, first=first)


def test_holes_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="finite"):
        select([np.array([1.0, np.nan]), np.ones(2)], ZONE)
