"""Leases and divisions: nothing is lost, nothing is spent twice, small budgets are not starved."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.ledger import Account, divide, fill, least
from sim.kernels import rotation, split
from sim.layout import SHARE_BITS, UNLIMITED

micros = st.integers(0, 10**13)
bids = st.integers(0, 10**7)


def _bounds(weights: list[int]) -> np.ndarray:
    total = sum(weights)
    return np.array([[(sum(weights[:k]) << SHARE_BITS) // total] for k in range(len(weights) + 1)], np.int64)


weighted = st.lists(st.integers(0, 1000), min_size=1, max_size=300).filter(any)


@given(micros, bids, weighted, st.integers(0, 2**64 - 1))
def test_leases_are_whole_bids_and_lease_out_all_that_buys_one(
    total: int, bid: int, weights: list[int], address: int
) -> None:
    leases = split(np.array([total]), np.array([bid]), _bounds(weights), np.array([address], np.uint64))
    assert (leases >= 0).all()
    assert (leases % max(bid, 1) == 0).all()
    assert int(leases.sum()) == total // max(bid, 1) * max(bid, 1)


@given(st.integers(0, 10**9), weighted, st.integers(0, 2**64 - 1))
def test_each_lease_is_within_a_bid_of_its_share(total: int, weights: list[int], address: int) -> None:
    bounds = _bounds(weights)
    leases = split(np.array([total]), np.array([1]), bounds, np.array([address], np.uint64))[:, 0]
    for lease, share in zip(leases.tolist(), np.diff(bounds[:, 0]).tolist(), strict=True):
        assert abs(lease - total * share / 2**SHARE_BITS) < 1 + 1e-6
        assert share > 0 or lease == 0


def test_a_single_bid_goes_where_traffic_is_likely() -> None:
    weights = [0, 1, 2, 0, 5, 0, 8]
    counts = np.zeros(len(weights))
    for tick in range(4000):
        leases = split(
            np.array([100]),
            np.array([100]),
            _bounds(weights),
            rotation(np.uint64(tick), np.array([99], np.uint64)),
        )[:, 0]
        assert leases.sum() == 100
        counts[int(np.argmax(leases))] += 1
    shares = np.array(weights) / sum(weights)
    # Five standard deviations of a share of 4,000 draws.
    assert np.abs(counts / 4000 - shares).max() < 5 * np.sqrt(0.25 / 4000)
    assert (counts[shares == 0] == 0).all()


def test_a_budget_that_does_not_exist_is_not_divided() -> None:
    leases = split(np.array([UNLIMITED]), np.array([7]), _bounds([1, 2]), np.array([3], np.uint64))
    assert leases.tolist() == [[UNLIMITED], [UNLIMITED]]


part = st.tuples(st.integers(0, 10**12), st.integers(0, 1000))


@given(micros, st.lists(part, min_size=1, max_size=12))
def test_what_one_cannot_take_goes_to_the_others(total: int, parts: list[tuple[int, int]]) -> None:
    most, weights = [one[0] for one in parts], [one[1] for one in parts]
    filled = fill(total, most, weights)
    takers = sum(limit for limit, weight in parts if weight)
    assert sum(filled) == min(total, takers)
    assert all(0 <= given <= limit for given, limit in zip(filled, most, strict=True))
    assert all(given == 0 for given, weight in zip(filled, weights, strict=True) if not weight)


def test_the_tightest_limit_counts_and_none_is_no_limit() -> None:
    assert least(None, 7) == least(7, None) == 7
    assert least(7, 3) == least(3, 7) == 3
    assert least(None, None) is None


@given(micros, st.lists(st.integers(0, 10**12), min_size=1, max_size=20))
def test_a_division_gives_away_the_whole_in_proportion(total: int, weights: list[int]) -> None:
    parts = divide(total, weights)
    if sum(weights) == 0:
        assert parts == [0] * len(weights)
        return
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part * sum(weights) - total * weight) < sum(weights)


def test_an_account_without_a_budget_has_no_limit_and_a_cut_one_has_nothing_left() -> None:
    assert (Account(None, None).left, Account(None, None).left_today) == (None, None)
    account = Account(100, 30)
    account.draw(25)
    assert (account.left, account.left_today) == (100, 30)
    account.sync()
    assert (account.left, account.left_today) == (75, 5)
    account.lifetime = 10
    assert account.left == 0
