"""The compiled hour of viewing and the readable one give the same ad breaks for small random audiences."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import kernels, layout, reference
from sim.audience.content import Content
from sim.audience.pods.structured import StructuredPods
from sim.audience.population import Population
from sim.audience.viewing import Habits, viewing
from sim.streams import salts
from tests.audiences import random_viewing
from tests.same import assert_same_table
from tests.worlds import KINDS, random_viewers

AUDIENCES, BLOCKS = 60, 2


WAYS = {
    "sessions": (reference.session_breaks, kernels.session_breaks),
    "poisson": (reference.poisson_breaks, kernels.poisson_breaks),
}
"""How viewers meet ad breaks, readable and compiled."""


def assert_equivalent(
    habits: layout.Viewing, viewers: NDArray[np.void], hours: range, where: str, way: str = "sessions"
) -> int:
    """Assert it over consecutive *hours*, and return how many ad breaks there were."""
    readable, compiled = WAYS[way]
    ref_sessions = np.zeros(len(viewers), layout.SESSION)
    ref_sessions["end"] = np.iinfo(np.int32).min  # as a shard begins: nobody has watched yet
    fast_sessions = ref_sessions.copy()
    # Three shards, of which the last is often empty.
    begins = np.array([0, len(viewers) // 3, len(viewers), len(viewers)])
    total = 0
    for hour in hours:
        ref_pods, ref_first = readable(hour, habits, viewers, ref_sessions, begins)
        fast_pods, fast_first = compiled(hour, habits, viewers, fast_sessions, begins)
        assert_same_table(ref_pods, fast_pods, f"{where}, hour {hour}: pods")
        assert_same_table(ref_first, fast_first, f"{where}, hour {hour}: first of each second")
        assert_same_table(ref_sessions, fast_sessions, f"{where}, hour {hour}: sessions")
        total += len(fast_pods)
    return total


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_audiences(block: int, way: str) -> None:
    total = 0
    for seed in range(block, AUDIENCES, BLOCKS):
        rng = np.random.default_rng(seed)
        viewers = random_viewers(int(rng.choice([1, 4, 20])), rng)
        start = int(rng.choice([-6, -1, 0, 5000]))
        total += assert_equivalent(random_viewing(rng), viewers, range(start, start + 7), f"seed {seed}", way)
    assert total > 1000


def test_one_region_and_the_market_s_own_habits() -> None:
    habits = viewing(Habits(), Population(), Content(), StructuredPods(), salts(7))
    evening = habits._replace(starts=habits.starts[20:21], carried=habits.carried[20:21])
    viewers = random_viewers(300, np.random.default_rng(7))
    viewers["kind"] = 0
    assert assert_equivalent(evening, viewers, range(-6, 6), "defaults") > 1000


def test_one_region_and_the_market_s_own_breaks_without_sessions() -> None:
    habits = viewing(Habits(exposure="poisson"), Population(), Content(), StructuredPods(), salts(7))
    evening = habits._replace(due=habits.due[20:21])
    viewers = random_viewers(300, np.random.default_rng(7))
    viewers["kind"] = 0
    assert assert_equivalent(evening, viewers, range(-6, 6), "defaults", "poisson") > 1000


def test_a_viewer_meets_sixty_breaks_an_hour_at_most() -> None:
    habits = random_viewing(np.random.default_rng(1))
    shares = np.full_like(habits.shares, 1 << 32)
    shares[:, 0] = 0  # no place without a break
    busy = habits._replace(due=np.full(KINDS, 1 << 29, np.int64), shares=shares)
    viewers = random_viewers(5, np.random.default_rng(1))
    viewers["activity"] = 1 << 17
    assert assert_equivalent(busy, viewers, range(2), "very busy", "poisson") == 2 * 5 * layout.BREAKS_MOST


@pytest.mark.parametrize("way", WAYS)
def test_nobody_watches(way: str) -> None:
    habits = random_viewing(np.random.default_rng(0))
    viewers = random_viewers(3, np.random.default_rng(0))
    viewers["activity"] = 0
    assert assert_equivalent(habits, viewers, range(3), "no activity", way) == 0
    assert assert_equivalent(habits, viewers[:0], range(3), "no viewers", way) == 0
