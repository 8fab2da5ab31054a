"""Money is conserved and stays within budgets, or the check says where not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import laws
from tests.unit.laws.market import nowhere

N = laws.NO_LIMIT


def whole(*rows: list[int]) -> np.ndarray:
    return np.array(rows, np.int64)


def test_accounts_agree() -> None:
    one = np.array([1, 2, 3])
    assert laws.conservation({"charged": one, "spend": one, "drawn": one}, nowhere).holds


@pytest.mark.parametrize("account", ["charged", "spend", "drawn"])
def test_an_account_that_disagrees_is_found(account: str) -> None:
    accounts = {name: np.array([1, 2, 3]) for name in ("charged", "spend", "drawn")}
    accounts[account][1] = 5
    verdict = laws.conservation(accounts, nowhere)
    assert (verdict.law, verdict.broken) == (1, 1)
    assert verdict.findings[0].where == "place 1"
    assert f"{account} 5" in str(verdict.findings[0].value)


LIFETIME = np.zeros((1, 4), np.int64)
DAYS = whole([1, 1, 2, 2])

BUDGETS = {
    "to the micro": (whole([3, 3, 0, 4]), whole([10, 10, 10, 10]), LIFETIME, 0),
    "one micro too much": (whole([3, 3, 0, 5]), whole([10, 10, 10, 10]), LIFETIME, 1),
    "nothing after it is spent": (whole([3, 3, 5, 1]), whole([10, 10, 10, 10]), LIFETIME, 2),
    "cut below what is spent": (whole([3, 3, 0, 0]), whole([10, 10, 4, 4]), LIFETIME, 0),
    "spent after the cut": (whole([3, 3, 1, 0]), whole([10, 10, 4, 4]), LIFETIME, 1),
    "raised again": (whole([3, 3, 0, 2]), whole([10, 10, 4, 8]), LIFETIME, 0),
    "anew each day": (whole([3, 3, 3, 3]), whole([6, 6, 6, 6]), DAYS, 0),
    "too much on the second day": (whole([1, 1, 3, 4]), whole([6, 6, 6, 6]), DAYS, 1),
    "cut within the day": (whole([4, 0, 3, 0]), whole([6, 3, 3, 3]), DAYS, 0),
    "spent after the day's cut": (whole([4, 1, 3, 0]), whole([6, 3, 3, 3]), DAYS, 1),
    "no budget of the kind": (whole([9, 9, 9, 9]), whole([N, N, N, N]), LIFETIME, 0),
}


@pytest.mark.parametrize("name", BUDGETS)
def test_budgets(name: str) -> None:
    spend, limit, periods, broken = BUDGETS[name]
    verdict = laws.budgets(spend, limit, periods, nowhere)
    assert (verdict.law, verdict.broken) == (2, broken)
    assert verdict.checked == int((limit < N).sum())


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 30), st.booleans()), min_size=1, max_size=12),
)
def test_budgets_agree_with_a_ledger(steps: list[tuple[int, int, bool]]) -> None:
    spent = broken = 0
    periods = []
    for micros, limit, new_day in steps:
        periods.append(periods[-1] + new_day if periods else 0)
        if new_day and len(periods) > 1:
            spent = 0
        broken += spent + micros > max(limit, spent)
        spent += micros
    spend, limits, _ = zip(*steps, strict=True)
    assert laws.budgets(whole(spend), whole(limits), whole(periods), nowhere).broken == broken


PRICES = {
    "bids": 2,
    "bid_sum_micros": 40_000,
    "clearing_sum_micros": 30_000,
    "floor_sum_micros": 20_000,
    "spend_micros": 30_000,
}


@pytest.mark.parametrize(
    ("column", "value"),
    [("bid_sum_micros", 40_001), ("bid_sum_micros", 29_999), ("bids", 1), ("clearing_sum_micros", 19_999),
     ("floor_sum_micros", 30_001), ("spend_micros", 30_001)],
)  # fmt: skip
def test_sums_of_prices_out_of_order_are_found(column: str, value: int) -> None:
    rows = {name: np.array([number]) for name, number in PRICES.items()}
    most = np.array([20_000])
    assert laws.price_sums(rows, most, nowhere).holds
    rows[column][0] = value
    verdict = laws.price_sums(rows, most, nowhere)
    assert (verdict.law, verdict.broken) == (6, 1)
