"""What every pacing policy promises about its plans."""

from __future__ import annotations

from analysis.contracts import markets
from analysis.contracts.checks import Check, Draw, promised
from analysis.contracts.situations import day_by_day, in_columns, situation
from sim.pacing import PacingPolicy, Plan, Situation
from sim.units import PPM

_MINUTES = (1, 5, 15, 30, 60)


def _its_declarations_are_ones_that_the_market_knows(policy: PacingPolicy, draw: Draw) -> None:
    del draw
    for name, allowed in (
        ("shape", ("time", "traffic")),
        ("published_minutes", _MINUTES),
        ("released", (True, False)),
        ("counts_outcomes", (True, False)),
    ):
        value, words = getattr(policy, name), ", ".join(map(str, allowed))
        promised(value in allowed, f"{name} is {value!r}; it must be one of {words}")


def _a_plan_asks_for_no_more_than_there_is(policy: PacingPolicy, draw: Draw) -> None:
    now = situation(draw)
    _within(policy.planned(now), now)


def _the_same_situation_gives_the_same_plan(policy: PacingPolicy, draw: Draw) -> None:
    now = situation(draw)
    first = policy.planned(now)
    for other in (policy, type(policy).model_validate(policy.model_dump())):
        again = other.planned(now._replace())
        promised(again == first, f"{first} became {again} for the same situation")


def _what_it_remembers_serves_whatever_comes_next(policy: PacingPolicy, draw: Draw) -> None:
    memory = policy.planned(situation(draw)).memory
    then = situation(draw)._replace(memory=memory)
    plan = policy.planned(then)
    _within(plan, then)
    promised(len(plan.memory) == len(memory), f"memory of {len(memory)} became one of {len(plan.memory)}")


def _the_last_tick_may_spend_all_that_is_left(policy: PacingPolicy, draw: Draw) -> None:
    now = situation(draw, last=True)
    allowed = policy.planned(now).allowance_micros
    promised(
        allowed == now.spendable_micros, f"allowed {allowed:,} of {now.spendable_micros:,} in the last tick"
    )


def _goals_in_columns_if_it_has_any_are_those_of_its_plans(policy: PacingPolicy, draw: Draw) -> None:
    if not policy.in_columns:
        return
    known = [situation(draw, last=draw(0, 9) == 0) for _ in range(draw(1, 20))]
    goals = policy.aimed(in_columns(known), known[0].tick).tolist()
    for now, goal in zip(known, goals, strict=True):
        plan = policy.planned(now)
        promised(plan == Plan(goal, goal), f"the goal in columns is {goal:,}, and alone it is {plan}")


def _who_has_nothing_left_plans_nothing(policy: PacingPolicy, draw: Draw) -> None:
    now = situation(draw)
    poor = now._replace(flight=now.flight._replace(micros=0))
    allowed = policy.planned(poor).allowance_micros
    promised(allowed == 0, f"allowed {allowed:,} where nothing is left")


def _a_flight_that_fills_every_plan_ends_with_its_budget_spent(policy: PacingPolicy, draw: Draw) -> None:
    days, budget = draw(1, 60), draw(0, 10**13)
    left = budget
    for day in range(days):
        left -= policy.planned(day_by_day(day, days, budget, left)).allowance_micros
        promised(left >= 0, f"spent {-left:,} more than {budget:,}")
    promised(left == 0, f"left {left:,} of {budget:,} after {days} ticks")


def _a_market_with_enough_to_buy_takes_its_budget_and_never_more(policy: PacingPolicy, draw: Draw) -> None:
    # At the tick for which it was published: a throttle that starts at a tenth does not open in 48 plans.
    del draw
    spent = markets.played(pacing=policy, minutes=policy.published_minutes).spend_micros
    least = markets.BUDGET_MICROS - markets.SHARDS * markets.MAX_BID_MICROS
    promised(
        least < spent <= markets.BUDGET_MICROS, f"spent {spent:,} of {markets.BUDGET_MICROS:,} micros in 48 h"
    )


def _within(plan: Plan, now: Situation) -> None:
    most = now.spendable_micros
    promised(plan.goal_micros >= 0, f"goal_micros is {plan.goal_micros:,}")
    promised(
        plan.goal_micros <= plan.allowance_micros,
        f"goal_micros {plan.goal_micros:,} is above allowance_micros {plan.allowance_micros:,}",
    )
    promised(plan.allowance_micros <= most, f"allowance_micros {plan.allowance_micros:,} is above {most:,}")
    promised(plan.multiplier_ppm >= 0, f"multiplier_ppm is {plan.multiplier_ppm:,}")
    promised(0 <= plan.participation_ppm <= PPM, f"participation_ppm is {plan.participation_ppm:,}")


PACING: tuple[Check[PacingPolicy], ...] = (
    Check(_its_declarations_are_ones_that_the_market_knows, 1),
    Check(_a_plan_asks_for_no_more_than_there_is),
    Check(_the_same_situation_gives_the_same_plan),
    Check(_what_it_remembers_serves_whatever_comes_next),
    Check(_the_last_tick_may_spend_all_that_is_left),
    Check(_who_has_nothing_left_plans_nothing),
    Check(_goals_in_columns_if_it_has_any_are_those_of_its_plans),
    Check(_a_flight_that_fills_every_plan_ends_with_its_budget_spent, 30),
    Check(_a_market_with_enough_to_buy_takes_its_budget_and_never_more, 1),
)
"""The contract of a pacing policy."""
