"""Replays: what one auction costs, whose budget is kept, and what scale and length of ticks do not change."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.replay.log import Log
from analysis.replay.replay import ReplayTerms, replay
from sim.auction import AuctionFormat
from sim.auction.first_price import FirstPrice
from sim.pacing import Day, PacingPolicy, Plan, Situation
from sim.pacing.adaptive import Adaptive
from sim.pacing.asap import Asap
from sim.pacing.budget_ros import BudgetRos
from sim.pacing.dual_mirror_descent import DualMirrorDescent
from sim.pacing.fixed_multiplier import FixedMultiplier
from sim.pacing.pace import Pace
from sim.pacing.pid import Pid
from sim.pacing.throttling import Throttling
from sim.pacing.water_level import WaterLevel
from sim.units import PPM
from tests.logs import UNIT, uniform, written

FORMATS = [member() for member in AuctionFormat.members().values()]
POLICIES = [member() for member in PacingPolicy.members().values()]
STEERING = [
    Adaptive(epsilon=0.05),
    DualMirrorDescent(step="entropy", eta=0.05),
    Pace(),
    Pid(k_p=0.01, k_i=0.01),
    WaterLevel(gamma=0.01),
    BudgetRos(eta=0.01, alpha=0.01),
]
each = pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.kind)
steering = pytest.mark.parametrize("policy", STEERING, ids=lambda policy: policy.kind)
some = settings(max_examples=40)


def test_a_bid_wins_where_it_is_not_below_the_price() -> None:
    log = written([10, 10, 10, 0], [9, 10, 11, 0])
    second = replay(log, Asap(), ReplayTerms(100))
    assert [row.spend_micros for row in second.ticks] == [9, 10, 0, 0]
    first = replay(log, Asap(), ReplayTerms(100, FirstPrice()))
    assert [row.spend_micros for row in first.ticks] == [10, 10, 0, 0]
    assert (first.of("wins"), first.of("bids"), first.of("value_micros")) == (2, 4, 20)


def test_the_last_bid_is_what_is_left() -> None:
    # min(v/(1 + μ), what is left): Balseiro and Gur.
    log = written([10, 10, 10], [6, 4, 1])
    assert [row.spend_micros for row in replay(log, Asap(), ReplayTerms(10)).ticks] == [6, 4, 0]
    assert [row.spend_micros for row in replay(log, Asap(), ReplayTerms(9)).ticks] == [6, 0, 1]
    assert [row.spend_micros for row in replay(log, Asap(), ReplayTerms(12, FirstPrice())).ticks] == [
        10,
        0,
        2,
    ]


def test_bids_are_cut_where_a_highest_one_is_given() -> None:
    log = written([10, 10], [6, 5])
    assert [row.wins for row in replay(log, Asap(), ReplayTerms(100, max_bid_micros=5)).ticks] == [0, 1]


def test_a_fixed_multiplier_spends_as_theory_has_it() -> None:
    # Bids αv with v, d ~ U[0, 1]: spend α²/6, wins α/2. E[d²; win] = α³/12.
    n, alpha = 200_000, 0.5
    done = replay(uniform(n, rows_per_tick=n), FixedMultiplier(multiplier=alpha), ReplayTerms(n * UNIT))
    assert done.of("wins") / n == pytest.approx(alpha / 2, abs=5 * (0.25 * 0.75 / n) ** 0.5)
    deviation = (alpha**3 / 12 - (alpha**2 / 6) ** 2) ** 0.5
    assert done.of("spend_micros") / n / UNIT == pytest.approx(alpha**2 / 6, abs=5 * deviation / n**0.5)


def test_throttling_takes_part_in_its_share_and_luck_has_a_seed() -> None:
    log, policy = uniform(20_000, rows_per_tick=20_000), Throttling(initial_ptr=0.25)
    bids = [replay(log, policy, ReplayTerms(10**12, seed=seed)).of("bids") for seed in (1, 1, 2)]
    assert bids[0] == bids[1] != bids[2]
    assert bids[0] / 20_000 == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / 20_000) ** 0.5)


@each
@some
@given(data=st.data())
def test_no_budget_is_passed_and_all_sums_agree(policy: PacingPolicy, data: st.DataObject) -> None:
    amounts = st.integers(0, 60 * UNIT)
    rows = data.draw(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=40))
    log = written(*zip(*rows, strict=True), rows_per_tick=data.draw(st.integers(1, 8)))  # type: ignore[arg-type]
    terms = ReplayTerms(
        budget_micros=data.draw(st.integers(1, 200 * UNIT)),
        auction=data.draw(st.sampled_from(FORMATS)),
        tick_minutes=data.draw(st.sampled_from((None, 1, 60))),
    )
    left = terms.budget_micros
    for row in replay(log, policy, terms).ticks:
        left -= row.spend_micros
        assert row.left_micros == left >= 0
        assert row.spend_micros <= row.allowance_micros
        assert row.wins <= row.bids <= row.auctions
        assert row.spend_micros <= row.bid_sum_micros


@steering
def test_ten_times_the_money_is_ten_times_the_money(policy: PacingPolicy) -> None:
    # In multiples of the scale of multipliers no bid is rounded, so that nothing else can differ.
    small = uniform(400, rows_per_tick=5)
    log, more = (
        Log(small.values * PPM * scale, small.prices * PPM * scale, small.bounds) for scale in (1, 10)
    )
    budget = 400 * UNIT * PPM // 24
    once, tenfold = replay(log, policy, ReplayTerms(budget)), replay(more, policy, ReplayTerms(10 * budget))
    for one, ten in zip(once.ticks, tenfold.ticks, strict=True):
        assert one.multiplier_ppm == ten.multiplier_ppm
        assert 10 * one.spend_micros == ten.spend_micros
        assert (one.bids, one.wins) == (ten.bids, ten.wins)


@steering
def test_a_multiplier_comes_back_from_as_low_as_it_goes(policy: PacingPolicy) -> None:
    # Two thousand auctions at full price for a hundredth of the money, then two thousand that are free.
    log = written([UNIT] * 4000, [1] * 4000, rows_per_tick=1)
    log.prices[:1000] = UNIT // 2
    low = replay(log, policy, ReplayTerms(40 * UNIT))
    rates = [row.multiplier_ppm for row in low.ticks]
    assert min(rates) >= 1
    assert rates[-1] > min(rates)


class Watched(Asap):
    """Keeps what it was told."""

    def plan(self, now: Situation) -> Plan:
        """Return the plan of who hurries."""
        TOLD.append(now)
        return super().plan(now)


TOLD: list[Situation] = []


def test_a_policy_is_told_days_and_hours_of_the_clock() -> None:
    TOLD.clear()
    log = written([1] * 100, [0] * 100, rows_per_tick=2)
    replay(log, Watched.model_construct(), ReplayTerms(1000, tick_minutes=60))
    assert [now.day.number for now in TOLD] == [0] * 24 + [1] * 24 + [2] * 2
    assert TOLD[25].day == Day(1, 60, 24, 48, 23, 46, 0, (2,) * 24)
    assert (TOLD[49].flight.ticks, TOLD[49].flight.traffic) == (1, 2)
    assert (TOLD[1].last_matched, TOLD[1].last_bids, TOLD[1].last_worth_micros) == (2, 2, 2)


def test_without_minutes_a_log_is_one_day() -> None:
    TOLD.clear()
    replay(written([1] * 48, [0] * 48), Watched.model_construct(), ReplayTerms(1000))
    assert {now.day.number for now in TOLD} == {0}
    assert [now.day.minute for now in TOLD] == [30 * tick for tick in range(48)]
    assert np.unique(TOLD[0].day.hours).tolist() == [2]
