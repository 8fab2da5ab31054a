"""Environments: the interfaces of PettingZoo and Gymnasium, and the market behind them."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test
from pettingzoo.test.seed_test import parallel_seed_test

import paceline

TINY = {"market.population.viewers": 1000}


def parallel(*agents: str, **more: Any) -> Any:
    return paceline.env.parallel("smoke", agents=agents, set=TINY, **more)


def test_several_agents_keep_to_the_interface_of_pettingzoo() -> None:
    parallel_api_test(parallel("line_item[*]"), num_cycles=30)
    parallel_seed_test(lambda: parallel("TV drama"), num_cycles=30)


def test_one_agent_keeps_to_the_interface_of_gymnasium() -> None:
    env = gymnasium.make("paceline.env:Paceline-v0", scenario="smoke", agent="TV drama", set=TINY)
    check_env(env.unwrapped)


@pytest.mark.parametrize("seed", [7, 8])
def test_an_agent_that_acts_as_fixed_multiplier_does_what_it_does(seed: int) -> None:
    fixed = {"kind": "fixed_multiplier", "multiplier": 0.7}
    told = paceline.simulate("smoke", set={**TINY, "seed": seed, "line_item[TV drama].pacing": fixed})
    env = paceline.env.single("smoke", "TV drama", set=TINY)
    env.reset(seed=seed)
    over = False
    while not over:
        *_, over, _, _ = env.step(np.array([0.7], np.float32))
    assert env.run.digest == told.digest
    assert env.run.performance.drop("run_id").equals(told.performance.drop("run_id"))
