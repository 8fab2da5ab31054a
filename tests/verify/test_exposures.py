"""The theory of exposures against published values, and its rows on small markets."""

from __future__ import annotations

import math

import pytest

from analysis.verify import run
from analysis.verify.theory.exposures import (
    capped,
    capped_household,
    negative_binomial,
    poisson,
    reach,
    total,
)

SMALL = 20_000


@pytest.mark.parametrize(("mean", "exact"), [(2, 0.864665), (3, 0.950213), (6.3, 0.998164)])
def test_poisson_reach(mean: float, exact: float) -> None:
    assert reach(poisson(mean)) == pytest.approx(exact, abs=5e-7)
    assert math.fsum(poisson(mean)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("mean", "shape", "exact"),
    [(1, 0.5, 0.422650), (2, 0.5, 0.552786), (3, 1, 0.75), (5, 1, 0.833333), (5, 0.5, 0.698489)],
)
def test_negative_binomial_reach(mean: float, shape: float, exact: float) -> None:
    assert reach(negative_binomial(mean, shape)) == pytest.approx(exact, abs=5e-7)
    assert math.fsum(negative_binomial(mean, shape)) == pytest.approx(1)


def test_capped_exposures() -> None:
    exact = {(3, None): 2.327875, (3, 0.5): 1.438004, (3, 1): 1.734375, (5, 1): 2.106481}
    for (mean, shape), value in exact.items():
        counts = poisson(mean) if shape is None else negative_binomial(mean, shape)
        assert capped(counts, 3) == pytest.approx(value, abs=5e-7)
    assert 7 * capped(poisson(0.9), 1) == pytest.approx(4.154012, abs=5e-7)


def test_sums_over_exposures() -> None:
    assert total(poisson(3), lambda _: 1.0) == pytest.approx(3)
    assert total(poisson(3), lambda j: float(j <= 3)) == pytest.approx(2.327875, abs=5e-7)


def test_a_household_of_one_is_a_person() -> None:
    assert capped_household(3, 1) == pytest.approx(reach(poisson(3)))
    # 1 + Poisson(1.5) persons, summed up.
    sizes = enumerate(poisson(1.5), start=1)
    assert capped_household(3, 2.5) == pytest.approx(
        math.fsum(share * (1 - math.exp(-3 * size)) for size, share in sizes)
    )


@pytest.mark.parametrize("subject", ["exposures", "identities", "conversions"])
def test_the_rows_hold_at_any_size(subject: str) -> None:
    found = run.chosen([subject])
    assert found
    wrong = [one.row for one in run.verify(found, SMALL) if not one.row.passes]
    assert wrong == []
