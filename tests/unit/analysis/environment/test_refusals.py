"""What is wrong with an environment's arguments or with an action is told in one line."""

from __future__ import annotations

import copy
import math
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import paceline
from entities.errors import InputError
from tests.unit.analysis.environment.small import SMALL, campaign, parallel, played


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"agents": ["Boht"]}, "agents: no line item 'Boht'; did you mean Both?"),
        ({"agents": ["Z*"]}, "agents: no line item 'Z*'; there are 'Both', 'First', 'Other', 'Second'"),
        ({"agents": []}, "agents: name one or more line items; there are 'Both', 'First', 'Other', 'Second'"),
        (
            {"agents": ["campaign[Flight]"]},
            "agents: campaign[Flight]: agents are line items, such as line_item[NAME]",
        ),
        ({"every_minutes": 90}, "every_minutes: 90 is no multiple of the market's tick, 60 minutes"),
        ({"every_minutes": 0}, "every_minutes: 0 is no multiple of the market's tick, 60 minutes"),
        ({"reward": "valeu"}, "reward: no reward 'valeu'; did you mean value?"),
        ({"actions": ["bid"]}, "actions: no action 'bid'; known here: multiplier, participation"),
        ({"actions": []}, "actions: name one or more of multiplier, participation"),
        (
            {"agents": "Both"},
            "agents: 'Both' is not allowed; must be a list of names, selectors or globs of line items",
        ),
    ],
)
def test_a_wrong_argument_is_told(more: dict[str, Any], line: str) -> None:
    with pytest.raises(InputError, match=f"^{re.escape(line)}$"):
        paceline.env.parallel(SMALL, **{"agents": ["Both"], **more})


def test_a_line_item_that_can_be_no_agent_is_told() -> None:
    late = {**SMALL, "campaigns": [*SMALL["campaigns"], campaign("Late", "2026-11-04", "2026-11-05")]}
    with (
        pytest.warns(paceline.PacelineWarning),
        pytest.raises(InputError, match=r"^agents: 'Late': is not in flight on the days of the market$"),
    ):
        paceline.env.parallel(late, agents=["Late"])
    paced = {"campaign[Both Inc / Flight].pacing": "pid", "campaign[Both Inc / Flight].lifetime_budget": 5}
    with pytest.raises(InputError, match=r"^agents: 'Both': its campaign paces for it; it can be no agent$"):
        parallel("Both", set=paced)


def test_a_name_that_two_have_needs_a_longer_path() -> None:
    twins = {
        **SMALL,
        "campaigns": [
            campaign("Both", "2026-11-02", "2026-11-03"),
            campaign("One", "2026-11-02", "2026-11-03"),
        ],
    }
    twins["campaigns"][1]["campaign"]["line_items"][0]["name"] = "Both"
    with pytest.raises(
        InputError,
        match=r"^agents: 'Both' means 2: 'Both Inc / Flight / Both', 'One Inc / Flight / Both'; write",
    ):
        paceline.env.parallel(twins, agents=["Both"])
    env = paceline.env.parallel(twins, agents=["line_item[One Inc / Flight / Both]"])
    assert env.possible_agents == ["One Inc / Flight / Both"]


def test_one_agent_is_one() -> None:
    with pytest.raises(InputError, match=r"^agent: \* means 4 line items; one decides here$"):
        paceline.env.single(SMALL, "*")


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ([1.2], "action of 'Both': multiplier 1.2 is outside of 0 to 1; np.clip brings it inside"),
        ([-0.1], "action of 'Both': multiplier -0.1 is outside of 0 to 1; np.clip brings it inside"),
        ([np.nan], "action of 'Both': multiplier nan is outside of 0 to 1; np.clip brings it inside"),
        ([0.5, 0.5], "action of 'Both': has the shape (2,); must be (1,): multiplier"),
        (0.5, "action of 'Both': has the shape (); must be (1,): multiplier"),
        ("half", "action of 'Both': 'half' is no array of numbers"),
        (None, "action of 'Both': None is no array of numbers"),
        ([[0.5], 1], "action of 'Both': [[0.5], 1] is no array of numbers"),
        (["0.5"], "action of 'Both': ['0.5'] is no array of numbers"),
        ([0.5j], "action of 'Both': [0.5j] is no array of numbers"),
    ],
)
def test_an_action_outside_of_its_space_is_refused_and_changes_nothing(action: Any, line: str) -> None:
    env = parallel("Both")
    env.reset()
    with pytest.raises(InputError, match=f"^{re.escape(line)}$"):
        env.step({"Both": action})
    env.step({"Both": [0.5]})


def test_actions_are_those_of_the_agents_that_decide() -> None:
    env = parallel("Both", "First")
    env.reset()
    with pytest.raises(
        InputError, match=r"^step: actions are of 'Both'; one is due of each of 'Both', 'First'$"
    ):
        env.step({"Both": [0.5]})
    with pytest.raises(InputError, match=r"^step: actions are of nobody; one is due"):
        env.step({})
    with pytest.raises(InputError, match=r"^step: \[0.5\] is no mapping of agents to their actions$"):
        env.step([0.5])


def test_a_step_needs_an_episode_that_is_not_over() -> None:
    env = parallel("First")
    with pytest.raises(InputError, match=r"^step: reset the environment first$"):
        env.step({"First": [0.5]})
    with pytest.raises(InputError, match=r"^run: an episode is a run when it is over, and not before$"):
        env.run  # noqa: B018 - it raises
    played(env)
    with pytest.raises(InputError, match=r"^step: the episode is over; reset the environment$"):
        env.step({})


@pytest.mark.parametrize("seed", [-1, 1.5, "a", True, 1 << 63])
def test_a_wrong_seed_is_told(seed: Any) -> None:
    line = rf"^seed: {seed!r} is not allowed; must be a whole number from 0"
    for env in (parallel("First"), paceline.env.single(SMALL, "First")):
        with pytest.raises(InputError, match=line):
            env.reset(seed=seed)


def test_seeds_of_numpy_are_seeds() -> None:
    for env in (parallel("First"), paceline.env.single(SMALL, "First")):
        _, info = env.reset(seed=np.int64(3))
        assert info.get("First", info)["seed"] == 3


@pytest.mark.parametrize("returned", [None, "3", [1.0], math.nan, math.inf, 10**400])
def test_a_reward_that_is_no_finite_number_is_told(returned: Any) -> None:
    def mine(_: object) -> Any:
        return returned

    env = parallel("First", reward=mine)
    env.reset()
    with pytest.raises(InputError, match=r"^reward: mine returned .{1,60}, which is no finite number$"):
        env.step({"First": [0.5]})


@pytest.mark.parametrize("copied", [copy.deepcopy, pickle.dumps])
def test_an_environment_is_not_copied_and_has_no_picture(copied: Callable[[object], object]) -> None:
    for env in (parallel("First"), paceline.env.single(SMALL, "First")):
        env.reset()
        with pytest.raises(
            TypeError, match=r"^an environment cannot be copied or pickled, .*same arguments$"
        ):
            copied(env)
        with pytest.warns(UserWarning, match=r"render: there is no picture of a market .*env\.run has its"):
            assert env.render() is None
