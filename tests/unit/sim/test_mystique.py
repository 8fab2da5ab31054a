"""Mystique, minute by minute: every formula with numbers worked out by hand, and its edges."""

import pytest

from sim.pacing import Day, Plan, Situation, Span
from sim.pacing.mystique import Mystique
from tests.situations import situation

DOLLAR = 1_000_000
BUDGET = 1440 * DOLLAR
"""On a linear target a dollar a minute."""
LINEAR = Mystique(target="linear", pacing_signal_for_initialization=0.3)


def at(
    minute: int, spent: float = 0, last: float = 0, *, memory: tuple[int, ...] = (), **terms: int
) -> Situation:
    """Return the situation at a minute of a day of $1,440, with dollars *spent* today and in the *last* minute."""
    number, budget = terms.get("day", 1), terms.get("budget", BUDGET)
    micros = round(spent * DOLLAR)
    today = Span(1440 - minute, 1440 - minute, budget - micros)
    return situation(
        tick=minute,
        tick_minutes=1,
        traffic=1,
        flight=today._replace(ticks=10 * 1440 - minute, micros=100 * BUDGET),
        today=today,
        day=Day(number, minute, 1440, 1440, 1440 - minute, 1440 - minute, micros, (60,) * 24, (60,) * 24),
        last_spend_micros=round(last * DOLLAR),
        memory=memory,
        terms=terms.get("terms", 0),
    )


def signal(plan: Plan) -> float:
    """Return the pacing signal of a soft plan."""
    return plan.multiplier_ppm / 1e6


def after(policy: Mystique, minute: int, spent: float, last: float) -> float:
    """Return the signal that follows the first of the day in one correction, at *minute*."""
    return signal(policy.plan(at(minute, spent, last, memory=policy.plan(at(0)).memory)))


@pytest.mark.parametrize(
    ("minute", "spent", "last", "correction"),
    [
        # On the target, at its slope: both errors are nothing.
        (60, 60, 1, 0),
        # Nothing spent in an hour: e = -1/24, g = -1, τ = -60, so w1 = w2 = ½.
        (60, 0, 0, 0.5 * 0.025 * (1 / 24) / 0.25 + 0.5 * 0.025 / 1.5),
        # Behind by 5 %, twice as fast as the target: τ = 72 minutes, w1 = 0.9.
        (360, 288, 2, 0.9 * 0.025 * 0.05 / 0.25 - 0.1 * 0.025 / 1.5),
        # Behind by 0.1 %, twice as fast: τ = 1.44 minutes, w1 = 0.2 τ = 0.288.
        (360, 358.56, 2, 0.288 * 0.025 * 0.001 / 0.25 - 0.712 * 0.025 / 1.5),
        # Half the day behind: the correction of spend is at its most.
        (1000, 0, 0, 0.5 * 0.025 + 0.5 * 0.025 / 1.5),
        # Ahead by 5 %, and a third too fast: τ < 0; 0.025 g / 1.5 is below the least, 0.01.
        (360, 432, 4 / 3, -0.5 * 0.025 * 0.05 / 0.25 - 0.5 * 0.01),
        # Ahead, and at the slope of the target: it is never hit, w1 is at its most.
        (360, 432, 1, -0.9 * 0.025 * 0.05 / 0.25),
    ],
)
def test_the_signal_is_corrected_by_both_errors(
    minute: int, spent: float, last: float, correction: float
) -> None:
    assert after(LINEAR, minute, spent, last) == pytest.approx(0.3 + correction, abs=1e-6)


def test_the_signal_stays_from_the_least_to_one() -> None:
    assert signal(Mystique().plan(at(0))) == 1e-4
    assert after(Mystique(target="linear"), 360, 432, 4) == 1e-4
    assert after(Mystique(target="linear", pacing_signal_for_initialization=0.999), 600, 0, 0) == 1


def test_a_runaway_stops_and_goes_on_from_the_last_signal_above_zero() -> None:
    first = LINEAR.plan(at(0))
    # Fourteen dollars in a minute are a gradient error of 13; above the target they are a runaway.
    stopped = LINEAR.plan(at(100, 120, 14, memory=first.memory))
    assert stopped.multiplier_ppm == 0 == stopped.participation_ppm
    e, g = 120 / 1440 - 101 / 1440, -1.0
    tau = -1440 * e / g  # 19 minutes
    assert tau == pytest.approx(19)
    again = LINEAR.plan(at(101, 120, 0, memory=stopped.memory))
    assert signal(again) == pytest.approx(0.3 - 0.9 * 0.025 * e / 0.25 + 0.1 * 0.025 / 1.5, abs=1e-6)
    # Below the target it is only fast, and at a gradient error of 12 not yet a runaway.
    assert after(LINEAR, 200, 120, 14) > 0.28
    assert after(LINEAR, 100, 120, 13) > 0.28


def test_a_budget_that_is_gone_freezes_the_signal() -> None:
    plan = LINEAR.plan(at(100, 150, 2, memory=LINEAR.plan(at(0)).memory))
    for gone in (1440, 1440 - 0.024999):  # to the last micro, or to less than a bid of $0.025
        frozen = LINEAR.plan(at(900, gone, 50, memory=plan.memory))
        assert frozen.multiplier_ppm == plan.multiplier_ppm
        assert frozen.goal_micros <= frozen.allowance_micros == round((1440 - gone) * DOLLAR)


def test_the_last_minutes_and_the_next_morning_have_the_mean_of_the_day() -> None:
    # A day that is always behind: signals rise by the same each minute that the errors are the same.
    plan, found = LINEAR.plan(at(0)), []
    for minute in range(1, 30):
        plan = LINEAR.plan(at(minute, 0, 0, memory=plan.memory))
        found.append(signal(plan))
    mean = (0.3 + sum(found)) / 30
    # Above 95 % of the budget a signal no longer counts.
    late = LINEAR.plan(at(1000, 0.96 * 1440, 1, memory=plan.memory))
    assert signal(late) != pytest.approx(mean, abs=0.01)
    last = [LINEAR.plan(at(minute, 0.97 * 1440, 1, memory=late.memory)) for minute in (1436, 1437, 1439)]
    assert signal(last[0]) != pytest.approx(mean, abs=0.01)
    assert [signal(one) for one in last[1:]] == pytest.approx([mean, mean], abs=1e-6)
    assert signal(LINEAR.plan(at(0, day=2, memory=late.memory))) == pytest.approx(mean, abs=1e-6)


@pytest.mark.parametrize(("budget", "first"), [(10_000, 1e-4), (10_001, 1)])
def test_a_large_budget_begins_at_one(budget: int, first: float) -> None:
    assert signal(Mystique().plan(at(0, budget=budget * DOLLAR))) == first


def test_soft_scales_bids_and_hard_takes_part() -> None:
    soft, hard = (LINEAR.model_copy(update={"mode": mode}).plan(at(0)) for mode in ("soft", "hard"))
    assert (soft.multiplier_ppm, soft.participation_ppm) == (300_000, 1_000_000)
    assert (hard.multiplier_ppm, hard.participation_ppm) == (1_000_000, 300_000)
    assert soft.memory == hard.memory


def test_slopes_are_learned_from_the_mean_signals_of_the_hours() -> None:
    means = [0.25, 0.125, 1.0] + [0.5] * 21
    # Factors 2, 2 (not 4), ½, 1 …; then half of each, and a quarter of the hours on both sides of it.
    smooth = [1.75, 1.625, 1.0, 0.875] + [1.0] * 19 + [1.25]
    assert sum(smooth) == 25.5
    learned = Mystique().learned([1.0] * 24, 0.5, means)
    assert learned == pytest.approx([slope * 24 / 25.5 for slope in smooth])


def test_slopes_are_clipped_and_hours_that_say_nothing_stay() -> None:
    slopes = [11.0, 0.15] + [1.0] * 22
    means: list[float | None] = [0.1, 1.0, None, 0.0001] + [0.5] * 20
    learned = Mystique(smoothing_factor=0).learned(slopes, 0.5, means)
    moved = [12.0, 0.1, 1.0, 1.0] + [1.0] * 20
    assert learned == pytest.approx([slope * 24 / sum(moved) for slope in moved])
    assert Mystique().learned([1.0] * 24, 0.0001, [0.5] * 24) == pytest.approx([1.0] * 24)


def test_tomorrow_follows_what_today_has_taught() -> None:
    policy = Mystique(smoothing_factor=0, pacing_signal_for_initialization=0.5)
    plan = policy.plan(at(0))
    for minute in range(1, 120):
        # On the target in the first hour; then nothing more is spent, and the signal rises.
        spent = min(minute, 60)
        plan = policy.plan(at(minute, spent, float(minute <= 60), memory=plan.memory))
    first, second = (sum_ / 60 / 1e9 for sum_ in plan.memory[32:34])
    mean = (first + second) / 2
    assert first == pytest.approx(0.5)
    assert second > 0.6
    morning = policy.plan(at(0, day=2, memory=plan.memory))
    slopes = [mean / first, mean / second] + [1.0] * 22
    learned = [slope * 24 / sum(slopes) for slope in slopes]
    assert [slope / 1e9 for slope in morning.memory[8:32]] == pytest.approx(learned, abs=1e-8)
    # Two hours into the day both hours' slopes are due.
    goal = policy.plan(at(120, day=2, memory=morning.memory)).goal_micros
    assert goal / BUDGET == pytest.approx((learned[0] + learned[1]) / 24 + learned[2] / 1440, abs=1e-6)
    linear = LINEAR.plan(at(0, day=2, memory=plan.memory))
    assert linear.memory[8:32] == (10**9,) * 24


def test_hours_that_cannot_deliver_have_no_part_in_the_target() -> None:
    # Of four evening hours two are over: half is due, and each minute another 240th.
    now = at(1320, memory=LINEAR.plan(at(0)).memory)
    evening = now.day._replace(ticks=240, ticks_left=120, clock=(0,) * 20 + (60,) * 4)
    plan = LINEAR.plan(now._replace(day=evening))
    assert plan.goal_micros == pytest.approx(BUDGET * (0.5 + 1 / 240), abs=1)
    # Who does not say in which hours it can deliver can in those that have traffic.
    silent = evening._replace(hours=(0,) * 20 + (60,) * 4, clock=())
    assert LINEAR.plan(now._replace(day=silent)) == plan


def test_where_clocks_go_back_the_hour_that_comes_twice_is_two() -> None:
    # At 01:30 for the second time 150 of 1,500 minutes are over.
    now = at(90, memory=LINEAR.plan(at(0)).memory)
    long = now.day._replace(ticks=1500, ticks_left=1350, clock=(60, 120) + (60,) * 22)
    assert LINEAR.plan(now._replace(day=long)).goal_micros == pytest.approx(BUDGET * 151 / 1500, abs=1)


def test_a_budget_cut_at_noon_has_a_target_of_its_own() -> None:
    noon = LINEAR.plan(at(720, 720, 1, memory=LINEAR.plan(at(0)).memory))
    cut = LINEAR.plan(at(721, 720, 1, memory=noon.memory, budget=791_900_000, terms=1))
    assert signal(cut) == signal(noon)
    assert cut.allowance_micros == 71_900_000
    # Ten cents a minute to midnight; who spends just that is not corrected, though $720 of $791.90 are spent.
    later = LINEAR.plan(at(730, 720.9, 0.1, memory=cut.memory, budget=791_900_000, terms=1))
    assert signal(later) == signal(cut)


def test_without_a_daily_budget_a_day_has_an_even_share_of_the_flight() -> None:
    now = at(0)._replace(today=None, flight=Span(5 * 1440, 5 * 1440, 5 * BUDGET))
    assert LINEAR.plan(now).allowance_micros == BUDGET
