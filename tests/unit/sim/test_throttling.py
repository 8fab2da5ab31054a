"""Throttling, window by window: how the rate moves, what a day is allotted, slow start and fast finish."""

import math

import pytest

from sim.pacing import Day, Plan, Situation, Span
from sim.pacing.throttling import Throttling
from tests.situations import situation

DOLLAR = 1_000_000
HOURS = (10,) * 12 + (30,) * 12
"""Traffic of the hours of a day, an hour's in every minute of it: afternoons have three times the mornings'."""


def at(minute: int, spent: int = 0, *, daily: int = 600, day: int = 1, **changes: object) -> Situation:
    """Return the situation at a minute of a day with *daily* dollars, of which *spent* micros are spent."""
    done = sum(HOURS[m // 60] for m in range(minute))
    whole = 60 * sum(HOURS)
    span = Span(1440 - minute, whole - done, daily * DOLLAR - spent)
    now = situation(
        tick=minute,
        tick_minutes=1,
        traffic=HOURS[minute // 60],
        flight=span._replace(micros=10 * daily * DOLLAR),
        today=span,
        day=Day(day, minute, 1440, whole, 1440 - minute, whole - done, spent, tuple(60 * h for h in HOURS)),
    )
    return now._replace(**changes)  # type: ignore[arg-type]


def rates(policy: Throttling, plans: int, spent: int) -> list[float]:
    """Return the rates of *plans* minutes, from minute 0, with *spent* micros spent in each of them."""
    plan, found = Plan(0, 0), []
    for minute in range(plans):
        plan = policy.plan(at(minute, spent if minute else 0, memory=plan.memory))
        found.append(plan.participation_ppm / 1e6)
    return found


def test_a_rate_of_a_tenth_is_one_after_24_updates() -> None:
    updates = math.log(1 / 0.1) / math.log(1.1)
    assert updates == pytest.approx(24.2, abs=0.05)
    found = rates(Throttling(), 30, spent=0)
    assert found[0] == 0.1
    for done, rate in enumerate(found):
        assert rate == pytest.approx(min(0.1 * 1.1**done, 1), abs=2e-6)
    assert found[24] < 1 == found[25]


def test_who_spends_too_fast_takes_part_less_and_never_in_nothing_at_all() -> None:
    found = rates(Throttling(), 200, spent=100 * DOLLAR)
    assert found[:3] == pytest.approx([0.1, 0.09, 0.081])
    assert found[-1] == 1e-6


def test_it_is_too_fast_only_above_the_allocation() -> None:
    # At 06:00 a day of twelve tens and ten thirties (to 22 h) has seen 60 of 420 parts of its traffic.
    policy, allocation = Throttling(), 600 * DOLLAR * 60 // 420
    plan = policy.plan(at(0))
    for spent, rate in ((allocation, 0.11), (allocation + 1, 0.09)):
        assert policy.plan(at(360, spent, memory=plan.memory)).participation_ppm == rate * 1e6


@pytest.mark.parametrize(
    ("minute", "hours", "share"),
    [
        (360, 22, 60 / 420),
        (720, 22, 120 / 420),
        (1080, 22, 300 / 420),
        (1320, 22, 1),
        (1380, 22, 1),
        (720, 24, 0.25),
    ],
)
def test_the_goal_leads_along_the_forecast_to_the_end_of_its_hours(
    minute: int, hours: int, share: float
) -> None:
    policy = Throttling(forecast_hours=hours)
    plan = policy.plan(at(minute)._replace(memory=policy.plan(at(0)).memory))
    step = 0 if share == 1 else HOURS[minute // 60] / sum(60 * h for h in HOURS[:hours])
    assert plan.goal_micros == pytest.approx(600 * DOLLAR * (share + step), abs=1)
    assert plan.allowance_micros == 600 * DOLLAR


def test_every_day_begins_slowly_and_new_terms_go_on() -> None:
    policy = Throttling(initial_ptr=0.3)
    morning = policy.plan(at(0))
    noon = policy.plan(at(720, memory=morning.memory))
    assert noon.participation_ppm == 330_000
    assert policy.plan(at(0, day=2, memory=noon.memory)).participation_ppm == 300_000
    assert policy.plan(at(721, memory=noon.memory, terms=1)).participation_ppm == 330_000


def test_a_budget_cut_at_noon_is_allocated_anew_and_blacks_nothing_out() -> None:
    policy = Throttling()
    noon = policy.plan(at(720, 200 * DOLLAR, memory=policy.plan(at(0)).memory))
    # Of 240 dollars 200 are spent. Without a new beginning it would stand above its allocation until 20:00.
    cut = policy.plan(at(721, 200 * DOLLAR, daily=240, memory=noon.memory, terms=1))
    assert cut.allowance_micros == 40 * DOLLAR
    after = policy.plan(at(722, 200 * DOLLAR, daily=240, memory=cut.memory, terms=1))
    assert after.participation_ppm > cut.participation_ppm
    late = policy.plan(at(1020, 200 * DOLLAR, daily=240, memory=cut.memory, terms=1))
    left = 30 * (1320 - 721)
    assert late.goal_micros == pytest.approx(40 * DOLLAR * 30 * (1021 - 721) / left, abs=1)


def test_without_a_daily_budget_a_day_has_its_part_of_the_flights_traffic() -> None:
    policy = Throttling()
    now = at(0)
    flight = Span(2 * 1440, 3 * now.day.traffic, 900 * DOLLAR)
    plan = policy.plan(now._replace(today=None, flight=flight))
    assert plan.allowance_micros == 300 * DOLLAR
    # The next minute it is the same part: what the day has spent and what is left of the flight add up to it.
    later = at(1, 7 * DOLLAR, memory=plan.memory)
    left = Span(2 * 1440 - 1, flight.traffic - 10, flight.micros - 7 * DOLLAR)
    assert policy.plan(later._replace(today=None, flight=left)).allowance_micros == 293 * DOLLAR


def test_a_flight_that_begins_in_the_evening_is_allocated_to_midnight() -> None:
    evening = at(1380)
    hours = (0,) * 23 + (1800,)
    day = Day(1, 1380, 60, 1800, 60, 1800, 0, hours)
    plan = Throttling().plan(evening._replace(day=day))
    assert plan.goal_micros == 10 * DOLLAR
