"""The tolerances themselves: against published tables, and against samples that are fair or not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.statistical import chance
from tests.statistical.chance import (
    chi_square_range,
    deviate,
    expect_even,
    expect_independent,
    expect_normal,
    expect_rate,
    expect_shares,
    expect_standard,
    surprise,
)

N = 20_000


def rng() -> np.random.Generator:
    return np.random.default_rng(20261102)


@pytest.mark.parametrize(
    ("freedom", "low", "high", "room"),
    [  # the 0.05 % and 99.95 % points of tables of chi-square
        (1, 0.000_000_393, 12.116, 1.05),
        (2, 0.001_000, 15.202, 1.04),
        (5, 0.158, 22.105, 1.02),
        (10, 1.265, 31.420, 1.01),
        (30, 10.804, 62.162, 1.01),
        (100, 59.896, 153.167, 1.01),
    ],
)
def test_chi_square_lies_where_tables_have_it(
    monkeypatch: pytest.MonkeyPatch, freedom: int, low: float, high: float, room: float
) -> None:
    monkeypatch.setattr(chance, "ALPHA", 1e-3)
    below, above = chi_square_range(freedom)
    assert high / 1.01 <= above <= high * room
    assert below <= low * 1.03


def test_each_of_several_comparisons_gets_its_part_of_the_risk() -> None:
    assert deviate() == pytest.approx(4.4172, abs=1e-3)
    assert deviate(1000) == pytest.approx(5.7307, abs=1e-3)  # ALPHA / 1000 on two sides
    assert chi_square_range(9, 1000)[1] > chi_square_range(9)[1]


def test_the_surprise_at_a_rate_bounds_its_probability() -> None:
    assert surprise(50, 100, 0.5) == 0
    assert surprise(0, 10, 0.0) == surprise(10, 10, 1.0) == 0
    assert surprise(1, 10**9, 0.0) == surprise(10**9 - 1, 10**9, 1.0) == np.inf
    # Ten tails in a row come with 2**-10, and so do ten heads.
    assert surprise(10, 10, 0.5) == surprise(0, 10, 0.5) == pytest.approx(10 * np.log(2))


def test_fair_samples_pass() -> None:
    draw = rng()
    for trial in range(50):
        classes = draw.integers(10, size=N)
        expect_even(classes, 10, what=trial)
        expect_shares(draw.multinomial(N, [0.5, 0.3, 0.2]), [5, 3, 2], what=trial)
        expect_independent(classes, draw.integers(4, size=N), what=trial)
        expect_rate(draw.binomial(N, 0.0001), N, 0.0001, what=trial)
        expect_rate(draw.binomial(N, 0.6), N, 0.6, what=trial)
        expect_standard(draw.standard_normal(100), what=trial)
        expect_normal(draw.normal(3, 2, N), 3, 2, what=trial)


classes = rng().integers(10, size=N)
UNFAIR: dict[str, Callable[[], None]] = {
    "a class too often": lambda: expect_even(np.append(classes, [0] * 400), 10),
    "too even": lambda: expect_even(np.arange(N) % 10, 10),
    "a class that cannot be": lambda: expect_shares([5000, 5000, 1], [1, 1, 0]),
    "too few to say": lambda: expect_even(np.arange(20), 20),
    "dependent": lambda: expect_independent(classes, np.where(classes == 3, 0, rng().integers(4, size=N))),
    "too independent": lambda: expect_independent(np.arange(N) % 5, np.arange(N) // 5 % 5),
    "one class": lambda: expect_independent(classes, classes * 0),
    "too rare": lambda: expect_rate(11_600, N, 0.6),
    "too often": lambda: expect_rate(30, N, 0.0001),
    "once where never": lambda: expect_rate(1, N, 0.0),
    "nothing seen": lambda: expect_rate(0, 0, 0.5),
    "far out": lambda: expect_standard([0.0, 5.0]),
    "shifted": lambda: expect_normal(rng().normal(0.05, 1, N), 0, 1),
    "wide": lambda: expect_normal(rng().normal(0, 1.05, N), 0, 1),
    "not normal": lambda: expect_normal(rng().uniform(-np.sqrt(3), np.sqrt(3), N), 0, 1),
}


@pytest.mark.parametrize("sample", UNFAIR)
def test_unfair_samples_fail(sample: str) -> None:
    with pytest.raises(AssertionError):
        UNFAIR[sample]()
