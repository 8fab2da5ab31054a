"""Inside the hour: an allowance is released with the traffic, and early slots are no likelier to be won."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import kernels
from sim.engine.release import Release, parts_of, shares, within_hour
from sim.events import FUNNEL
from sim.layout import SHARE_BITS, UNLIMITED
from tests.bookings import Played, campaign, line_item, market, play

ONE = 1 << SHARE_BITS
traffic = st.integers(0, 2**24)
WHOLE_HOUR = slice(0, 3600)
NONE = np.zeros(1, np.int64)


def _hour(before: int, now: int, after: int) -> np.ndarray:
    return within_hour(*(np.array([each]) for each in (before, now, after)))


def _cumulative(before: int, now: int, after: int, tick: slice = WHOLE_HOUR) -> list[int]:
    return shares(_hour(before, now, after), parts_of(tick), tick.stop)[:, 0].tolist()


@given(traffic, traffic, traffic)
def test_an_hours_traffic_rises_to_all_of_it(before: int, now: int, after: int) -> None:
    sums = _hour(before, now, after)[:, 0]
    assert sums[0] == 0
    assert sums[-1] == 4 * 60**3 * now
    assert (np.diff(sums) >= 0).all()


@given(traffic, traffic, traffic, st.sampled_from([60, 30, 20, 15, 10, 5]))
def test_the_shares_of_a_tick_end_with_all_of_it(before: int, now: int, after: int, minutes: int) -> None:
    for begin in range(0, 3600, 60 * minutes):
        found = _cumulative(before, now, after, slice(begin, begin + 60 * minutes))
        assert len(found) == minutes
        assert found == sorted(found)
        assert found[0] >= 0
        assert found[-1] == ONE


def test_level_traffic_is_level_inside_the_hour() -> None:
    assert _cumulative(7, 7, 7) == [ONE * minute // 60 for minute in range(1, 61)]
    assert _cumulative(0, 0, 0) == [ONE * minute // 60 for minute in range(1, 61)]


def test_traffic_that_rises_comes_late_in_the_hour() -> None:
    # 1, 2, 3: the rate goes from 1.5 to 2.5 on a straight line.
    found = _cumulative(1, 2, 3)
    assert found[29] == pytest.approx(ONE * (1.5 + 2.0) / 2 / 2 / 2, abs=1)
    assert _cumulative(3, 2, 1)[29] == pytest.approx(ONE - found[29], abs=1)


def test_an_hour_between_empty_ones_has_its_traffic_in_the_middle() -> None:
    found = _cumulative(0, 6, 0)
    # The rate is 3 at both ends and 7.5 in the middle.
    assert found[9] == pytest.approx(ONE * (3 / 6 + 3 * (3 / 36 - 2 / 216)) / 6, abs=1)


def test_ticks_of_a_minute_are_released_at_once() -> None:
    assert parts_of(slice(60, 120)).tolist() == [60]
    assert parts_of(slice(300, 600)).tolist() == [300, 360, 420, 480, 540]


bids = st.integers(0, 10**7)
cumulative = st.lists(st.integers(0, ONE), min_size=0, max_size=59).map(lambda marks: [*sorted(marks), ONE])


@given(
    st.lists(st.integers(0, UNLIMITED), min_size=1, max_size=16), bids, cumulative, st.integers(0, 2**64 - 1)
)
def test_parts_release_the_lease_in_step_with_the_traffic(
    leases: list[int], bid: int, marks: list[int], address: int
) -> None:
    added = kernels.releases(
        np.array(leases)[:, None],
        np.array([bid]),
        np.array([bid]),
        NONE,
        np.array(marks)[:, None],
        np.array([address], np.uint64),
    )[:, :, 0]
    assert (added >= 0).all()
    assert added.sum(axis=1).tolist() == leases
    for lease, released in zip(leases, np.cumsum(added, axis=1).tolist(), strict=True):
        for mark, micros in zip(marks, released, strict=True):
            due = lease * mark >> SHARE_BITS
            assert min(due, lease) <= micros <= min(due + max(bid, 1) - 1, lease)


def test_a_single_bid_comes_as_early_as_the_traffic_does() -> None:
    marks = np.array([[ONE // 8], [ONE // 4], [ONE // 2], [ONE]])
    seen = np.zeros(4)
    for tick in range(1000):
        addresses = kernels.rotation(np.uint64(tick), np.array([99], np.uint64))
        hundred = np.array([100])
        added = kernels.releases(np.full((4, 1), 100), hundred, hundred, NONE, marks, addresses)
        affordable = np.cumsum(added[:, :, 0], axis=1) >= 100
        seen += affordable.sum(axis=0)
    # Five standard deviations of a share of 4,000 draws.
    assert np.abs(seen / 4000 - [1 / 8, 1 / 4, 1 / 2, 1]).max() < 5 * np.sqrt(0.25 / 4000)


def test_what_is_not_released_over_the_tick_is_there_at_once() -> None:
    bid, price, address = np.array([25_000]), np.array([20_000]), np.array([5], np.uint64)
    level = np.arange(1, 61)[:, None] * ONE // 60
    added = kernels.releases(np.array([[10**9]]), bid, price, np.array([ONE]), level, address)
    assert added[0, :, 0].tolist() == [10**9, *[0] * 59]


def test_what_is_carried_was_released_before() -> None:
    level = np.full((3, 1), 60)
    of_tick = shares(within_hour(*level), parts_of(WHOLE_HOUR), 3600)
    release = Release(lambda _: of_tick, np.array([True]), kernels)
    for allowance, share in ((1000, 1 / 4), (10**17, 1 / 4), (1000, 0), (1000, 1), (0, 0)):
        carried, allowed = np.array([round(allowance * share)]), np.array([allowance])
        release.learn(np.array([[allowance]]), np.ones((1, len(FUNNEL)), np.int64))
        address = np.array([7], np.uint64)
        terms = release.terms(1, np.array([1]), carried, allowed)
        added = kernels.releases(np.array([[allowance]]), *terms, address)
        released = np.cumsum(added[0, :, 0])
        assert released[-1] == allowance
        assert released[0] == pytest.approx(allowance * (share + (1 - share) / 60), abs=2 + allowance / 2**19)
        assert released[29] == pytest.approx(allowance * (1 + share) / 2, abs=2 + allowance / 2**19)


def _slots(pacing: str, **terms: object) -> Played:
    where = market(ambient="none", days=2, population={"viewers": 12_000})
    return play([campaign([line_item(pacing=pacing, **terms)])], where)


def _by_ten_minutes(played: Played) -> np.ndarray:
    second = np.concatenate([hour.events["ts"] for hour in played.hours])
    return np.bincount(second % 3600 // 600, minlength=6)


@pytest.mark.parametrize("pacing", ["even", "traffic_shaped", "front_loaded"])
def test_slots_are_as_likely_to_be_won_late_in_the_hour_as_early(pacing: str) -> None:
    everything = _by_ten_minutes(_slots("asap", lifetime_budget=10**6))
    won = _by_ten_minutes(_slots(pacing, lifetime_budget=1200)) / everything
    assert 0.05 < won.mean() < 0.5
    assert np.abs(won / won.mean() - 1).max() < 0.05


def test_asap_spends_its_hour_at_once() -> None:
    everything = _by_ten_minutes(_slots("asap", lifetime_budget=10**6))
    won = _by_ten_minutes(_slots("asap", daily_budget=10)) / everything
    assert won[0] > 20 * won[-1]
