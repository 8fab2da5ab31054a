"""What every pacing policy promises about its plans."""

from __future__ import annotations

import re

import numpy as np
import pytest

from analysis.contracts.checks import Check, examined
from analysis.contracts.pacing import PACING
from analysis.contracts.parts import ANY
from analysis.contracts.situations import in_columns
from entities.errors import PacelineError
from sim.pacing import PacingPolicy, Plan, Situation
from sim.pacing.asap import Asap
from sim.pacing.columns import Column, Situations
from sim.units import PPM
from tests.situations import situation

POLICIES = [member() for member in PacingPolicy.members().values()]


@pytest.mark.parametrize("check", [*ANY, *PACING], ids=lambda check: check.name)
@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.kind)
def test_it_keeps_its_contract(policy: PacingPolicy, check: Check[PacingPolicy]) -> None:
    (verdict,) = examined(policy, [check])
    assert not verdict.broken
    assert verdict.examples == check.examples


WHOLE = {"goal_micros": 1, "allowance_micros": 1, "multiplier_ppm": PPM, "participation_ppm": PPM}


@pytest.mark.parametrize("field", [*WHOLE, "memory"])
@pytest.mark.parametrize("value", [1.5, 1.0, np.int64(1), True, None])
def test_a_plan_that_is_not_of_whole_numbers_is_refused_by_name(field: str, value: object) -> None:
    class Broken(Asap):
        def plan(self, now: Situation) -> Plan:
            return Plan(**{**WHOLE, field: (0, value) if field == "memory" else value})  # type: ignore[arg-type]

    told = f"tests/contract/test_pacing_policies.py (asap): plan at tick 0 returned {field} {value!r}, {type(value).__name__}; "
    with pytest.raises(PacelineError, match=re.escape(told)):
        Broken().planned(situation())


@pytest.mark.parametrize("answer", [None, (1, 1), 5])
def test_what_is_no_plan_is_refused(answer: object) -> None:
    class Broken(Asap):
        def plan(self, now: Situation) -> Plan:
            return answer  # type: ignore[return-value]

    with pytest.raises(PacelineError, match=r"\(asap\): plan at tick 0 must return a Plan, and returned"):
        Broken().planned(situation())


def test_a_plan_that_fails_names_the_policy_and_the_line() -> None:
    class Broken(Asap):
        def plan(self, now: Situation) -> Plan:
            return Plan(now.today + 1, 1)  # type: ignore[operator]

    told = r"test_pacing_policies.py \(asap\): plan at tick 0 raised TypeError: .+, at test_pacing_policies.py:\d+$"
    with pytest.raises(PacelineError, match=told):
        Broken().planned(situation())


def test_a_memory_that_is_no_tuple_is_refused() -> None:
    class Broken(Asap):
        def plan(self, now: Situation) -> Plan:
            return Plan(1, 1, memory=None)  # type: ignore[arg-type]

    with pytest.raises(
        PacelineError, match=r"\(asap\): plan at tick 0 returned memory None; it must be a tuple"
    ):
        Broken().planned(situation())


@pytest.mark.parametrize("goals", [None, [1], np.ones(1), np.ones(2, np.int64)], ids=repr)
def test_goals_that_are_no_column_of_whole_numbers_are_refused(goals: object) -> None:
    class Broken(Asap):
        def goals(self, now: Situations) -> Column:
            return goals  # type: ignore[return-value]

    told = r"\(asap\): goals at tick 7 must return 1 values of int64, and returned "
    with pytest.raises(PacelineError, match=told + re.escape(repr(goals))):
        Broken().aimed(in_columns([situation()]), 7)


def test_goals_out_of_bounds_are_refused() -> None:
    class Broken(Asap):
        def goals(self, now: Situations) -> Column:
            return now.flight.micros + 1

    with pytest.raises(
        PacelineError, match=r"goals at tick 7 returned 24,000,001; it must be from 0 to 24,000,000"
    ):
        Broken().aimed(in_columns([situation()]), 7)


def test_who_derives_from_a_policy_with_goals_plans_alone() -> None:
    class Halved(Asap):
        def plan(self, now: Situation) -> Plan:
            return Plan(now.spendable_micros // 2, now.spendable_micros // 2)

    assert Asap().in_columns
    assert not Halved().in_columns
