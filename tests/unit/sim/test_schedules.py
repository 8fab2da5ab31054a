"""Even and front-loaded, tick by tick: the published vector, the curve's three statements, and their limits."""

from itertools import accumulate, pairwise

import pytest
from pydantic import ValidationError

from sim.pacing import Day, PacingPolicy, Span
from sim.pacing.even import Even
from sim.pacing.front_loaded import FrontLoaded
from tests.situations import situation


def delivered(policy: PacingPolicy, periods: int, micros: int) -> list[int]:
    """Return what is spent in each of *periods* days of one tick where every allowance is used."""
    spent: list[int] = []
    memory: tuple[int, ...] = ()
    for day in range(periods):
        left, ahead = micros - sum(spent), periods - day
        now = situation(flight=Span(ahead, 10 * ahead, left), day=Day(day, 0, 1, 10, 1, 10, 0), memory=memory)
        plan = policy.plan(now)
        spent.append(plan.allowance_micros)
        memory = plan.memory
    return spent


def test_evenly_is_google_ad_managers_vector() -> None:
    published = [1050, 1044.17, 1037.64, 1030.23, 1021.64, 1011.43, 998.78, 982.14, 957.58, 866.39]
    spent = delivered(Even(), 10, 10_000_000_000)
    assert [round(micros / 1e6, 2) for micros in spent] == published
    assert sum(spent) == 10_000_000_000


def test_without_a_safeguard_evenly_is_the_same_in_every_period() -> None:
    assert delivered(Even(ahead=0), 7, 700) == [100] * 7


@pytest.mark.parametrize("periods", [2, 10, 46, 240, 1001])
def test_front_loaded_is_what_is_said_of_it(periods: int) -> None:
    micros = 10**12
    spent = delivered(FrontLoaded(), periods, micros)
    done = [0, *accumulate(spent)]
    even = micros / periods
    # Begins as much as 40 % above even: as a rate, which a long first period has already left.
    first = 0.2 / periods + 0.2 / periods**2
    assert spent[0] == pytest.approx((1.4 - first) * even, rel=1e-6)
    # The first half as much as 25 % above.
    if periods % 2 == 0:
        assert done[periods // 2] == pytest.approx(1.25 * micros / 2, rel=1e-6)
    # Declines, to five percent above the even share of what is left, and the last period is the rest.
    assert all(one >= other for one, other in pairwise(spent))
    for period in range(periods - 1):
        share = (micros - done[period]) / (periods - period)
        assert 1.05 * share * (1 - 1e-9) <= spent[period] <= 1.43 * share
    assert done[-1] == micros


def test_the_lead_of_front_loaded_is_five_percent_at_nine_tenths_of_the_flight() -> None:
    policy, at = FrontLoaded(), (8**0.5 - 1) / 2  # of t² + t = 1.75
    assert at == pytest.approx(0.914, abs=5e-4)
    thousandth = round(1000 * at)
    assert policy.expected(10**9, thousandth, 1000) / 10**6 == pytest.approx(1.05 * thousandth, rel=1e-3)
    assert [policy.expected(1000, done, 10) for done in (0, 5, 10)] == [0, 625, 1000]


@pytest.mark.parametrize("half", [0.1, 0.31, 0.5])
def test_a_curve_that_would_not_decline_is_refused(half: float) -> None:
    with pytest.raises(ValidationError, match=r"half is .*; with start 0.4 it must be from 0.15 to 0.3, or"):
        FrontLoaded(half=half)


@pytest.mark.parametrize(("start", "half"), [(0, 0), (0.4, 0.15), (0.4, 0.3), (1, 0.5), (0.5, 0.375)])
def test_the_steepest_and_the_flattest_curves_decline_to_the_whole_budget(start: float, half: float) -> None:
    spent = delivered(FrontLoaded(start=start, half=half, ahead=0), 100, 10**12)
    assert all(one >= other - 2 for one, other in pairwise(spent))
    assert sum(spent[:50]) == pytest.approx((1 + half) * 10**12 / 2, rel=1e-6)
    assert sum(spent) == 10**12


@pytest.mark.parametrize("policy", [Even(), FrontLoaded()], ids=lambda policy: policy.kind)
def test_what_an_hour_misses_is_made_good_in_the_day(policy: PacingPolicy) -> None:
    # Ten days of 24 hours; nothing was delivered before noon of the first.
    begin = situation(flight=Span(240, 2400, 10**9), day=Day(1, 0, 24, 240, 24, 240, 0), budget_micros=10**9)
    noon = situation(
        flight=Span(228, 2280, 10**9),
        day=Day(1, 720, 24, 240, 12, 120, 0),
        budget_micros=10**9,
        memory=policy.plan(begin).memory,
    )
    assert policy.plan(noon).goal_micros == pytest.approx(2 * policy.plan(begin).goal_micros, rel=0.01)
