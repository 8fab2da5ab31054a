"""Money is exact: decimals in, whole micros out, and nothing absurd."""

from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from entities.registry import BudgetSchema, LineItemCreate, amount_micros, bid_micros


def line_item(max_cpm: Any) -> LineItemCreate:
    return LineItemCreate.model_validate({"name": "a", "max_cpm": max_cpm})


def budget(amount: Any) -> BudgetSchema:
    return BudgetSchema.model_validate({"budget_type": "lifetime", "amount": amount})


@given(st.integers(1, 10_000_000))
def test_every_cpm_on_the_tick_is_kept_to_the_micro(micros: int) -> None:
    cpm = Decimal(micros).scaleb(-3)
    assert line_item(cpm).row().max_bid_micros == micros
    assert line_item(str(cpm)).max_cpm == cpm
    assert line_item(float(cpm)).row().max_bid_micros == micros  # a YAML number


@given(st.integers(0, 10**15))
def test_every_amount_is_kept_to_the_micro(micros: int) -> None:
    amount = Decimal(micros).scaleb(-6)
    assert budget(amount).row().amount_micros == micros
    assert budget(str(amount)).row().amount_micros == micros


@given(st.integers(0, 10**15), st.integers(1, 10**6 - 1))
def test_an_amount_between_two_micros_is_refused(micros: int, part: int) -> None:
    with pytest.raises(ValidationError, match=r"amount .*finer than 0\.000001"):
        budget((Decimal(micros).scaleb(-6) + Decimal(part).scaleb(-12)).min(Decimal("999999999.9999995")))


def test_the_examples_prices() -> None:
    assert bid_micros(Decimal("25.00")) == 25_000
    assert amount_micros(Decimal(120_000)) == 120_000_000_000


@pytest.mark.parametrize(
    "cpm", ["NaN", "sNaN", "inf", "-inf", float("nan"), float("inf"), -1, 0, "-0", "0.0001", 10_001, "1e999999999",
            True, None, "", "abc", "$5", [25], pytest.param(10**5000, id="huge"), "1" * 5000, 2**63, "25,00"]
)  # fmt: skip
def test_a_cpm_out_of_range_is_refused_with_the_range(cpm: Any) -> None:
    with pytest.raises(
        ValidationError, match=r"max_cpm .*: an amount from 0\.001 to 10,000, in steps of 0\.001"
    ):
        line_item(cpm)


@pytest.mark.parametrize("cpm", ["25.0001", 0.0015, "1.00000000000000000000000000000000000001", 1 / 3])
def test_a_cpm_finer_than_the_tick_is_refused(cpm: Any) -> None:
    with pytest.raises(ValidationError, match=r"max_cpm .*: finer than 0\.001"):
        line_item(cpm)


@pytest.mark.parametrize("amount", ["NaN", "inf", -1, "-0.000001", "1000000000.01", 1e30, False, {}, "ten"])
def test_an_amount_out_of_range_is_refused_with_the_range(amount: Any) -> None:
    with pytest.raises(ValidationError, match=r"amount .*: an amount from 0 to 1,000,000,000"):
        budget(amount)


def test_the_ends_of_the_ranges_are_allowed() -> None:
    assert [line_item(cpm).row().max_bid_micros for cpm in ("0.001", 10_000)] == [1, 10_000_000]
    assert [budget(amount).row().amount_micros for amount in (0, "1e9", "-0")] == [0, 10**15, 0]


def test_the_callers_decimal_context_does_not_matter() -> None:
    with localcontext() as context:
        context.prec = 3
        assert line_item("9999.999").row().max_bid_micros == 9_999_999
        assert budget("123456789.123456").row().amount_micros == 123_456_789_123_456
