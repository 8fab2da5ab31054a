"""Leases and divisions: nothing is lost, nothing is spent twice, small budgets are not starved."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.forecast import SHARE_BITS
from sim.engine.leases import UNLIMITED, rotation, split
from sim.engine.ledger import Account, divide

micros = st.integers(0, 10**13)
bids = st.integers(0, 10**7)


def _shares(weights: list[int]) -> np.ndarray:
    total = max(sum(weights), 1)
    return np.array([[(w << SHARE_BITS) // total] for w in weights], np.int64)


@given(micros, bids, st.lists(st.integers(0, 1000), min_size=1, max_size=40), st.integers(0, 2**64 - 1))
def test_leases_are_whole_bids_and_lease_out_all_that_buys_one(
    total: int, bid: int, weights: list[int], address: int
) -> None:
    leases = split(np.array([total]), np.array([bid]), _shares(weights), np.array([address], np.uint64))
    assert (leases >= 0).all()
    assert (leases % max(bid, 1) == 0).all()
    assert int(leases.sum()) == total // max(bid, 1) * max(bid, 1)


@given(st.lists(st.integers(1, 1000), min_size=2, max_size=40), st.integers(0, 2**64 - 1))
def test_leases_follow_the_expected_traffic(weights: list[int], address: int) -> None:
    leases = split(np.array([10**9]), np.array([1]), _shares(weights), np.array([address], np.uint64))[:, 0]
    # Rounding of shares and the remainder that goes around: a bid a shard, and 2**-20 of the whole.
    slack = 2 + 10**9 / 2**SHARE_BITS * len(weights)
    for lease, weight in zip(leases.tolist(), weights, strict=True):
        assert abs(lease - 10**9 * weight / sum(weights)) <= slack


def test_a_remainder_goes_to_other_shards_from_tick_to_tick() -> None:
    shares = _shares([1] * 16)
    seen = set()
    for tick in range(200):
        leases = split(np.array([100]), np.array([100]), shares, rotation(7, tick, [99]))
        seen.add(int(np.argmax(leases[:, 0])))
    assert seen == set(range(16))


def test_a_budget_that_does_not_exist_is_not_divided() -> None:
    leases = split(np.array([UNLIMITED]), np.array([7]), _shares([1, 2]), np.array([3], np.uint64))
    assert leases.tolist() == [[UNLIMITED], [UNLIMITED]]


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
    assert (account.left, account.left_today) == (75, 5)
    account.lifetime = 10
    assert account.left == 0
