"""What policies that steer the bid aim at, and which ticks teach them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from sim.pacing import PacingPolicy, Plan, Situation, Span
from sim.pacing.adaptive import Adaptive
from sim.pacing.budget_ros import BudgetRos
from sim.pacing.dual_mirror_descent import DualMirrorDescent
from sim.pacing.pace import Pace
from sim.pacing.pid import Pid
from sim.pacing.steering import WORDS, course
from sim.pacing.water_level import WaterLevel
from tests.situations import PLAIN, situation

DOLLAR = 1_000_000


def then(before: Situation, plan: Plan, *, matched: int, spend: int, bids: int | None = None) -> Situation:
    """Return the situation one tick later, with what came of the plan."""
    spent = before.spent_micros + spend
    flight = before.flight
    return before._replace(
        tick=before.tick + 1,
        flight=Span(flight.ticks - 1, flight.traffic - before.traffic, flight.micros - spend),
        spent_micros=spent,
        last_matched=matched,
        last_bids=matched if bids is None else bids,
        last_wins=matched,
        last_impressions=matched,
        last_spend_micros=spend,
        last_worth_micros=spend,
        multiplier_ppm=plan.multiplier_ppm,
        memory=plan.memory,
    )


def test_the_target_is_the_share_of_the_traffic_and_stays() -> None:
    now, policy = PLAIN, Adaptive()
    for spend in (0, 5 * DOLLAR, 0):
        plan = policy.plan(now)
        assert plan.goal_micros == DOLLAR
        assert plan.allowance_micros == now.spendable_micros
        now = then(now, plan, matched=10, spend=spend)


def test_a_daily_budget_is_a_target_where_it_is_lower() -> None:
    now = situation(today=Span(24, 240, 12 * DOLLAR))
    assert Adaptive().plan(now).goal_micros == DOLLAR // 2
    now = situation(today=Span(24, 240, 48 * DOLLAR))
    assert Adaptive().plan(now).goal_micros == DOLLAR


def test_without_a_forecast_ticks_are_alike() -> None:
    now = situation(traffic=0, flight=Span(12, 0, 24 * DOLLAR))
    assert Adaptive().plan(now).goal_micros == 2 * DOLLAR


def test_new_terms_begin_a_new_target_and_keep_what_was_learned() -> None:
    policy = Adaptive(epsilon=0.1)
    plan = policy.plan(PLAIN)
    now = then(PLAIN, plan, matched=10, spend=3 * DOLLAR)
    cut = now._replace(terms=1, flight=now.flight._replace(micros=5 * DOLLAR), budget_micros=8 * DOLLAR)
    plan = policy.plan(cut)
    assert plan.goal_micros == -(-5 * DOLLAR * 10 // 230)
    assert plan.memory[WORDS] == 2 * 10**11  # ε (Z/G - 1) of the tick before


def test_in_the_maximum_bid_a_step_is_the_mean_of_the_auctions() -> None:
    # Ten auctions for $1 in all, of which $3 were spent, at a maximum of $0.025: (0.1 - 0.3) / 0.025.
    policy = Adaptive(epsilon=0.1, unit="max_bid")
    now = then(PLAIN, policy.plan(PLAIN), matched=10, spend=3 * DOLLAR)
    assert policy.plan(now).memory[WORDS] == 8 * 10**11
    assert policy.plan(now).multiplier_ppm == 555_556


def uneven(policy: PacingPolicy, days: int = 10, *, thin: int = 2, thick: int = 38) -> tuple[float, float]:
    """Return what a policy spends of $400, and what μ moves by.

    Half of the ticks are nights with *thin* auctions each, where every bid spends, and half evenings with
    *thick* ones, where caps let half of it through.
    """
    ticks, spent = [thin, thick] * (12 * days), 0
    start = situation(tick=0, traffic=thin, flight=Span(len(ticks), sum(ticks), 400 * DOLLAR))
    now = start._replace(
        budget_micros=400 * DOLLAR,
        spent_micros=0,
    )
    first = None
    for tick, traffic in enumerate(ticks):
        plan = policy.plan(now._replace(traffic=traffic))
        first = plan.memory[WORDS] if first is None else first
        share = plan.multiplier_ppm / 1_000_000 * (1.5 if traffic == thin else 0.75)
        spend = round(400 * DOLLAR / sum(ticks) * traffic * 1.6 * share)
        spent += spend
        now = then(now._replace(tick=tick, traffic=traffic), plan, matched=traffic, spend=spend)
    return spent / (400 * DOLLAR), (plan.memory[WORDS] - (first or 0)) / 10**12


@pytest.mark.parametrize("unit", ["goal", "max_bid"])
def test_a_thin_night_weighs_no_more_than_its_auctions(unit: str) -> None:
    # Each step is ε (G - Z)/Ḡ, so that the sum of Z is the budget and what μ moved by, over ε; of 240 ticks that
    # is μ/(240 ε). Were each tick to weigh the same, the nights would hold the bid at 0.53 of what evenings need.
    epsilon, ticks = 0.05, 240
    scale = 1 if unit == "goal" else 25_000 / (400 * DOLLAR / (ticks / 2 * 40))
    policy = Adaptive(epsilon=epsilon * scale, mu_1=0.25, unit=unit)
    spent, moved = uneven(policy)
    assert spent == pytest.approx(1 + moved / epsilon / ticks, abs=0.01)
    assert spent == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize("policy", [Pid(), WaterLevel()])
def test_a_controller_spends_its_budget_though_nights_differ_from_evenings(policy: PacingPolicy) -> None:
    # With errors that weigh alike, nights at 1.5 and evenings at 0.75 of the target would spend 0.79 of it.
    spent, _ = uneven(policy)
    assert spent == pytest.approx(1, abs=0.02)


def test_a_first_day_of_an_hour_makes_no_step_of_one() -> None:
    # A daily budget alone from 23:00 on: the flight that is known is one tick, and from then on a day.
    now = situation(traffic=10, flight=Span(1, 10, DOLLAR), today=Span(1, 10, DOLLAR))
    plan = Adaptive().plan(now)
    assert course(now._replace(memory=plan.memory)).horizon == now.day.ticks


def test_ticks_of_which_nothing_is_known_are_one_with_the_next() -> None:
    # Three ticks without news, then all their spend: as much as was meant, so that nothing changes.
    policy, now = Adaptive(epsilon=0.1, mu_1=1), PLAIN
    plan = policy.plan(now)
    for _ in range(2):
        now = then(now, plan, matched=0, spend=0)
        plan = policy.plan(now)
        assert plan.memory[WORDS] == 10**12
    now = then(now, plan, matched=30, spend=3 * DOLLAR)
    assert policy.plan(now).memory[WORDS] == 10**12
    assert course(now).met == 10


@pytest.mark.parametrize(
    "policy", [Adaptive(mu_1=1), DualMirrorDescent(), Pid(), WaterLevel(), Pace(), BudgetRos()]
)
def test_what_teaches_nothing_changes_nothing(policy: PacingPolicy) -> None:
    plan = policy.plan(PLAIN)
    # A budget that was gone or a cap that was full; and a tick before closed hours, of which only the sum is told.
    blocked = then(PLAIN, plan, matched=10, spend=0, bids=0)
    paid = then(PLAIN, plan, matched=10, spend=DOLLAR)
    rested = paid._replace(last_spend_micros=0, last_bids=0, last_matched=0)
    for now in (blocked, rested):
        assert policy.plan(now).multiplier_ppm == plan.multiplier_ppm
        assert policy.plan(now).memory[WORDS:] == plan.memory[WORDS:]


@pytest.mark.parametrize(
    "policy", [Adaptive(), DualMirrorDescent(), Pid(), WaterLevel(), Pace(), BudgetRos()]
)
def test_who_spends_twice_the_target_bids_less(policy: PacingPolicy) -> None:
    plan = policy.plan(PLAIN)
    later = policy.plan(then(PLAIN, plan, matched=10, spend=2 * DOLLAR))
    assert later.multiplier_ppm < plan.multiplier_ppm


@pytest.mark.parametrize(
    ("policy", "parameters", "why"),
    [
        (Adaptive, {"epsilon": 0}, "greater than 0"),
        (Adaptive, {"mu_1": 5, "mu_max": 4}, "mu_1 is 5; it must not be above mu_max, 4"),
        (Adaptive, {"mu_max": 10**6}, "less than or equal to 999999"),
        (DualMirrorDescent, {"step": "newton"}, "'euclidean' or 'entropy'"),
        (DualMirrorDescent, {"step": "entropy", "mu_1": 0}, "with a step of entropy it must be from 1e-06"),
        (DualMirrorDescent, {"eta": -1}, "greater than 0"),
        (Pid, {"k_p": -1}, "greater than or equal to 0"),
        (Pid, {"phi_min": 1}, "less than or equal to 0"),
        (Pid, {"controls": "win_rate"}, "x_ref is 1; a win rate must be below 1"),
        (Pid, {"controls": "ecpc"}, "'spend', 'win_rate', 'cost_per_click' or 'cost_per_completed_view'"),
        (WaterLevel, {"gamma": 0}, "greater than 0"),
        (WaterLevel, {"controls": "win_rate", "x_ref": 2}, "a win rate must be below 1"),
        (Pace, {"lower": 0}, "greater than or equal to 0.000001"),
        (Pace, {"lower": 2}, "less than or equal to 1"),
        (BudgetRos, {"target_ros": 0}, "greater than or equal to 0.001"),
        (BudgetRos, {"combine": "max"}, "'min', 'product' or 'dual'"),
    ],
)
def test_parameters_have_their_ranges(
    policy: type[PacingPolicy], parameters: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValidationError, match=why):
        policy.model_validate(parameters)
