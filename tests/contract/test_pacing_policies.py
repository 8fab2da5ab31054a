"""What every pacing policy promises about its plans."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from entities.errors import PacelineError
from sim.pacing import Day, PacingPolicy, Plan, Situation, Span
from sim.pacing.asap import Asap
from sim.units import PPM
from tests.bookings import campaign, line_item, market, play
from tests.situations import situation

POLICIES = [member() for member in PacingPolicy.members().values()]
each = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.kind)
some = settings(max_examples=25)
A_DAY = st.binary(min_size=24, max_size=24)
"""A number for each hour: bytes, because they are drawn at once."""
BUDGET = st.integers(0, 10**13) | st.integers(0, 20)


@st.composite
def situations(draw: st.DrawFn, last: bool = False) -> Situation:
    """Return what a line item may know in the middle of its flight, or in its *last* tick."""
    traffic = draw(st.integers(0, 10**6))
    today, flight = 1, 1
    later_today, later = 0, 0
    if not last:
        today = draw(st.integers(1, 24))
        flight = today + draw(st.integers(0, 2000))
        later_today = draw(st.integers(0, 10**7)) if today > 1 else 0
        later = later_today + (draw(st.integers(0, 10**9)) if flight > today else 0)
    budget = draw(BUDGET)
    spent = draw(st.integers(0, budget))
    of_day = Span(today, traffic + later_today, draw(BUDGET))
    part = draw(st.integers(0, 24 - today))
    minutes = draw(st.sampled_from((1, 5, 60)))
    return situation(
        tick=draw(st.integers(0, 10_000)),
        tick_minutes=minutes,
        traffic=traffic,
        flight=Span(flight, traffic + later, budget - spent),
        today=of_day if draw(st.booleans()) else None,
        day=Day(
            number=draw(st.integers(719_163, 803_000)),
            minute=draw(st.integers(0, 1439)) // minutes * minutes,
            ticks=part + today,
            traffic=traffic + later_today + draw(st.integers(0, 10**7)),
            ticks_left=today,
            traffic_left=traffic + later_today,
            spent_micros=draw(st.integers(0, spent)),
            hours=tuple(each * 3922 for each in draw(A_DAY)),  # to a million
            clock=tuple(each // 2 for each in draw(A_DAY)),
        ),
        budget_micros=budget,
        spent_micros=spent,
        max_bid_micros=draw(st.integers(1, 10**7)),
        last_matched=draw(st.integers(0, 10**6)),
        last_bids=draw(st.integers(0, 10**6)),
        last_wins=draw(st.integers(0, 10**6)),
        last_impressions=draw(st.integers(0, 10**6)),
        last_spend_micros=draw(st.integers(0, spent)),
        last_worth_micros=draw(st.integers(0, 10**12)),
        multiplier_ppm=draw(st.integers(0, 2 * PPM)),
        participation_ppm=draw(st.integers(0, PPM)),
    )


@each
@some
@given(now=situations())
def test_a_plan_asks_for_no_more_than_there_is(policy: PacingPolicy, now: Situation) -> None:
    plan = policy.planned(now)
    assert 0 <= plan.goal_micros <= plan.allowance_micros <= now.spendable_micros
    assert now.spendable_micros == min(
        now.flight.micros, now.today.micros if now.today else now.flight.micros
    )


@each
@some
@given(now=situations())
def test_a_plan_s_factors_are_in_range(policy: PacingPolicy, now: Situation) -> None:
    plan = policy.plan(now)
    assert plan.multiplier_ppm >= 0
    assert 0 <= plan.participation_ppm <= PPM


@each
@some
@given(now=situations())
def test_the_same_situation_gives_the_same_plan(policy: PacingPolicy, now: Situation) -> None:
    assert policy.plan(now) == type(policy)().plan(replace(now)) == policy.plan(now)


@each
@some
@given(now=situations(), then=situations())
def test_what_it_remembers_is_whole_and_serves_whatever_comes_next(
    policy: PacingPolicy, now: Situation, then: Situation
) -> None:
    memory = policy.plan(now).memory
    assert all(type(number) is int for number in memory)
    plan = policy.plan(replace(then, memory=memory))
    assert 0 <= plan.goal_micros <= plan.allowance_micros <= then.spendable_micros
    assert 0 <= plan.participation_ppm <= PPM
    assert plan.multiplier_ppm >= 0
    assert len(plan.memory) == len(memory)


@each
@some
@given(now=situations(last=True))
def test_the_last_tick_may_spend_all_that_is_left(policy: PacingPolicy, now: Situation) -> None:
    assert policy.plan(now).allowance_micros == now.spendable_micros


@each
@some
@given(now=situations())
def test_who_has_nothing_left_plans_nothing(policy: PacingPolicy, now: Situation) -> None:
    poor = replace(now, flight=replace(now.flight, micros=0))
    assert policy.plan(poor).allowance_micros == 0


@each
@some
@given(days=st.integers(1, 60), budget=BUDGET)
def test_a_flight_that_fills_every_plan_ends_with_its_budget_spent(
    policy: PacingPolicy, days: int, budget: int
) -> None:
    left = budget
    for day in range(days):
        ahead = Span(days - day, 10 * (days - day), left)
        now = situation(
            tick=day, flight=ahead, budget_micros=budget, spent_micros=budget - left, last_bids=1, last_wins=1
        )
        left -= policy.plan(now).allowance_micros
        assert left >= 0
    assert left == 0


@each
def test_a_market_with_enough_to_buy_takes_its_budget_and_never_more(policy: PacingPolicy) -> None:
    # At the tick for which it was published: a throttle that starts at a tenth has no time to open in 48 plans.
    where = market(ambient="none", shards=2, tick_minutes=policy.published_minutes)
    pacing = policy.model_dump()
    spent = play([campaign([line_item(lifetime_budget=60, pacing=pacing)])], where).of(0, "spend_micros")
    assert 60_000_000 - where.shards * 25_000 < spent <= 60_000_000


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
