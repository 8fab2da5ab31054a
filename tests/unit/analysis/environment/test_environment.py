"""Environments: the interfaces of PettingZoo and Gymnasium, and the market behind them."""

from __future__ import annotations

import sys
from typing import Any

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env
from pettingzoo.test import parallel_api_test
from pettingzoo.test.seed_test import parallel_seed_test

import paceline
from analysis.environment.observations import OBSERVATIONS
from entities.errors import InputError
from tests.unit.analysis.environment.small import SMALL, campaign, full, noisy, parallel, played


def test_several_agents_keep_to_the_interface_of_pettingzoo() -> None:
    parallel_api_test(parallel("line_item[*]"), num_cycles=60)
    parallel_seed_test(lambda: parallel("First", "Both"), num_cycles=30)


def test_one_agent_keeps_to_the_interface_of_gymnasium() -> None:
    env = gymnasium.make("paceline.env:Paceline-v0", scenario=SMALL, agent="Both")
    check_env(env.unwrapped)


@pytest.mark.parametrize(("seed", "tick_minutes"), [(7, 60), (8, 20)])
def test_an_agent_that_acts_as_a_fixed_policy_does_what_it_does(seed: int, tick_minutes: int) -> None:
    where = {"market.tick_minutes": tick_minutes, "seed": seed}
    fixed = {
        "line_item[Both].pacing": {"kind": "fixed_multiplier", "multiplier": 0.6},
        "line_item[First].pacing": {"kind": "fixed_participation", "participation": 0.3},
    }
    told = paceline.simulate(SMALL, set={**where, **fixed})
    env = parallel("Both", "First", set=where, actions=["participation", "multiplier"])
    steps = played(env, lambda agent, _: [0.6, 1.0] if agent == "Both" else [1.0, 0.3])
    assert env.run.digest == told.digest
    assert env.run.performance.drop("run_id").equals(told.performance.drop("run_id"))
    assert len(steps) == 48 * 60 // tick_minutes


def test_the_run_of_an_episode_is_what_its_steps_were() -> None:
    env = parallel("Both", "Second")
    steps = played(env, noisy(8))
    columns = ("requests_matched", "bids", "wins", "impressions", "spend_micros", "worth_sum_micros")
    names = ("matched", "bids", "wins", "impressions", "spend_micros", "worth_micros")
    for column, name in zip(columns, names, strict=True):
        for agent in ("Both", "Second"):
            told = [infos[agent][name] for *_, infos in steps]
            assert env.run.counts[column][env.run.place(agent)].tolist() == told
    assert env.run is env.run


def test_the_same_seed_and_actions_bring_the_same() -> None:
    env, other = parallel("First", "Second"), parallel("First", "Second")
    first = played(env, noisy(1), seed=3)
    digest = env.run.digest
    played(env, full, seed=3)
    assert env.run.digest != digest
    for one, again, elsewhere in zip(
        first, played(env, noisy(1), seed=3), played(other, noisy(1), seed=3), strict=True
    ):
        assert one[1:] == again[1:] == elsewhere[1:]
        for agent, seen in one[0].items():
            assert seen.tolist() == again[0][agent].tolist() == elsewhere[0][agent].tolist()
    assert env.run.digest == other.run.digest == digest


def test_an_episode_without_a_seed_has_that_of_the_scenario_and_then_the_next() -> None:
    env = parallel("First")
    seeds = [env.reset()[1]["First"]["seed"] for _ in range(3)]
    assert seeds == [7, 8, 9]
    assert [env.reset(seed=20)[1]["First"]["seed"], env.reset()[1]["First"]["seed"]] == [20, 21]


def test_an_episode_broken_off_leaves_nothing_behind() -> None:
    env = parallel("Both")
    whole = played(env, noisy(1), seed=3)
    env.reset(seed=3)
    for _ in range(5):
        env.step({"Both": [1.0]})
    assert [step[1] for step in played(env, noisy(1), seed=3)] == [step[1] for step in whole]


def test_agents_are_there_from_the_first_flight_to_the_end_of_their_own() -> None:
    env = parallel("First", "Second")
    steps = played(env)
    assert len(steps) == 48
    ends = {
        agent: next(at for at, step in enumerate(steps, 1) if step[2].get(agent))
        for agent in ("First", "Second")
    }
    assert ends == {"First": 24, "Second": 48}
    assert not any(any(step[3].values()) for step in steps)
    assert len(played(parallel("Second"))) == 24


def test_a_flight_that_the_market_cuts_off_is_truncated() -> None:
    longer = {**SMALL, "campaigns": [campaign("Both", "2026-11-02", "2026-11-05")]}
    with pytest.warns(paceline.PacelineWarning, match="ends 2 days after the scenario"):
        env = paceline.env.parallel(longer, agents=["Both"])
    *_, (_, _, terminated, truncated, _) = played(env)
    assert (terminated, truncated) == ({"Both": False}, {"Both": True})


def test_steps_of_several_ticks_hold_the_decision() -> None:
    where = {"market.tick_minutes": 20}
    coarse = parallel("Both", "First", set=where, every_minutes=120)
    steps = played(coarse, noisy(4))
    told = {(agent, at): value for at, step in enumerate(steps) for agent, value in _multipliers(step)}
    fine = parallel("Both", "First", set=where)
    played(fine, lambda agent, step: [told[agent, step // 6]])
    assert len(steps) == 24
    assert fine.run.digest == coarse.run.digest


def _multipliers(step: Any) -> list[tuple[str, float]]:
    return [(agent, info["multiplier_ppm"] / 1e6) for agent, info in step[4].items()]


@pytest.mark.parametrize("sync_minutes", [0, 180])
def test_observations_keep_to_their_bounds_and_tell_what_happened(sync_minutes: int) -> None:
    env = parallel(
        "line_item[*]", set={"market.sync_minutes": sync_minutes}, actions=["multiplier", "participation"]
    )
    seen = {agent: dict.fromkeys((one.name for one in OBSERVATIONS), 0.0) for agent in env.possible_agents}
    for observations, _, _, _, infos in played(env, noisy(2, 2)):
        for agent, numbers in observations.items():
            assert numbers in env.observation_space(agent)
            named = dict(zip((one.name for one in OBSERVATIONS), numbers.tolist(), strict=True))
            seen[agent] = {name: max(most, abs(named[name])) for name, most in seen[agent].items()}
            if sync_minutes == 0 and infos[agent]["bids"]:
                assert named["won"] == pytest.approx(infos[agent]["wins"] / infos[agent]["bids"])
                assert named["multiplier"] == pytest.approx(infos[agent]["multiplier_ppm"] / 1e6, abs=1e-6)
    for agent, most in seen.items():
        assert all(most.values()), (agent, most)


def test_rewards_add_up_to_what_the_run_says() -> None:
    for reward in ("value", "value_minus_overspend"):
        env = parallel("Both", reward=reward)
        total = sum(step[1]["Both"] for step in played(env, noisy(5)))
        assert total == pytest.approx(env.run.total("worth_sum_micros", "Both") / 1e6)
    late = parallel("Both", reward="value_minus_overspend", set={"market.sync_minutes": 720})
    steps = played(late)
    over = sum(step[4]["Both"]["overspent_micros"] for step in steps)
    assert over == sum(one.micros for one in late.run.overspends if one.owner == "Both") > 0
    assert sum(step[1]["Both"] for step in steps) == pytest.approx(
        (late.run.total("worth_sum_micros", "Both") - over) / 1e6
    )


def test_the_delivery_error_is_that_from_the_course_of_the_forecast() -> None:
    idle = sum(
        step[1]["Both"] for step in played(parallel("Both", reward="delivery_error"), lambda *_: [0.0])
    )
    hasty = sum(step[1]["Both"] for step in played(parallel("Both", reward="delivery_error")))
    assert idle == pytest.approx(-1)
    assert -2 <= hasty < 0
    env = parallel("Both")
    infos = [step[4]["Both"] for step in played(env, noisy(5))]
    assert sum(info["due_micros"] for info in infos) == infos[0]["budget_micros"] == 6_000_000


def test_a_reward_of_ones_own_is_a_function_of_the_step() -> None:
    env = parallel("Both", reward=lambda step: step.impressions / 100)
    total = sum(step[1]["Both"] for step in played(env))
    assert total == pytest.approx(env.run.total("impressions", "Both") / 100)


def test_the_run_of_an_episode_keeps_the_laws_and_is_known_by_its_decisions() -> None:
    env = parallel("Both", "First")
    played(env, noisy(6), seed=11)
    run = env.run
    assert run.seed == 11
    assert not run.audit().broken
    played(env, noisy(7), seed=11)
    assert env.run.spec.fingerprint != run.spec.fingerprint
    with pytest.raises(InputError, match=r"agents decided in it; it is not stored, and can be exported$"):
        run.save("ads.db")


def test_no_scenario_can_name_an_agent() -> None:
    for kind in ("agent", "decision", "decided"):
        with pytest.raises(InputError, match=f'"{kind}" is not allowed; must be one of adaptive'):
            paceline.load(SMALL, set={"line_item[Both].pacing": kind})


def test_without_the_extra_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("analysis.environment", "paceline.env"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(vars(paceline), "env", raising=False)  # to ask for it as an attribute would import it
    monkeypatch.setitem(sys.modules, "pettingzoo", None)
    with pytest.raises(InputError, match=r"^paceline\.env: needs pettingzoo; pip install 'paceline\[rl\]'$"):
        paceline.env.parallel(SMALL, agents=["Both"])
