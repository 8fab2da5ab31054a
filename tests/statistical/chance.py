"""How far chance takes a sample of known size from its theory, and the assertions that it goes no farther.

Every tolerance follows from the size of the sample and from ALPHA, the risk that a test fails though the
theory holds. A test that makes several comparisons says so with `among`, and each gets its part of the risk.
Seeds are fixed, so that a test which passes once passes always.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

ALPHA = 1e-5


def deviate(among: int = 1) -> float:
    """Return the standard normal deviate that chance exceeds, on either side, once in among / ALPHA tests."""
    return NormalDist().inv_cdf(1 - ALPHA / 2 / among)


def chi_square_range(freedom: int, among: int = 1) -> tuple[float, float]:
    """Return between which values chi-square lies but for ALPHA.

    By Wilson and Hilferty (1931): the cube root of chi-square over its degrees of freedom is nearly normal. Far
    out it gives some room too much: at one in a thousand 4 % for one degree, 2 % for five and 1 % for ten.
    """
    spread = deviate(among) * math.sqrt(2 / (9 * freedom))
    low, high = (freedom * max(1 - 2 / (9 * freedom) + way, 0.0) ** 3 for way in (-spread, spread))
    return low, high


def surprise(hits: int, n: int, rate: float) -> float:
    """Return n times the divergence of hits / n from *rate*: chance exceeds s with at most 2 exp(-s).

    Chernoff's bound (Hoeffding 1963), which holds for every n and rate, however rare or sure.
    """
    total = 0.0
    for seen, expected in ((hits / n, rate), (1 - hits / n, 1 - rate)):
        if seen > 0:
            total += seen * math.log(seen / expected) if expected > 0 else math.inf
    return n * total


def expect_rate(hits: int, n: int, rate: float, among: int = 1, what: object = "") -> None:
    """Assert that *hits* of *n* independent trials are what *rate* brings."""
    assert n > 0, f"{what}: nothing was seen"
    found, allowed = surprise(int(hits), int(n), rate), math.log(2 * among / ALPHA)
    assert found <= allowed, (
        f"{what}: {hits} of {n} is {hits / n:.6f}, not {rate:.6f} ({found:.1f} > {allowed:.1f})"
    )


def expect_standard(deviations: ArrayLike, among: int = 0, what: object = "") -> None:
    """Assert that *deviations*, each standard normal in theory, all are."""
    values = np.atleast_1d(np.asarray(deviations, np.float64)).ravel()
    limit = deviate(max(among, len(values)))
    worst = int(np.abs(values).argmax())
    assert np.abs(values).max() <= limit, f"{what}: {values[worst]:.2f} at {worst}, beyond {limit:.2f}"


def expect_shares(counts: ArrayLike, shares: Sequence[float], among: int = 1, what: object = "") -> None:
    """Assert that *counts* fall into classes as *shares* have it, and not more evenly than chance does."""
    seen, parts = np.asarray(counts, np.float64), np.asarray(shares, np.float64)
    assert seen.shape == parts.shape, what
    assert seen[parts == 0].sum() == 0, f"{what}: {seen} where {parts} has none"
    seen, parts = seen[parts > 0], parts[parts > 0]
    expect_chi_square(seen, seen.sum() * parts / parts.sum(), len(seen) - 1, among, what)


def expect_even(values: NDArray[np.integer], classes: int, among: int = 1, what: object = "") -> None:
    """Assert that *values* from 0 to *classes* - 1 come equally often."""
    expect_shares(np.bincount(values, minlength=classes), [1] * classes, among, what)


def expect_independent(
    rows: NDArray[np.integer], columns: NDArray[np.integer], among: int = 1, what: object = ""
) -> None:
    """Assert that two classifications of the same things have nothing to do with each other."""
    across, down = int(columns.max()) + 1, int(rows.max()) + 1
    table = np.bincount(rows.astype(np.int64) * across + columns, minlength=across * down)
    table = table.reshape(down, across).astype(np.float64)
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    assert freedom > 0, f"{what}: one class is no classification"
    expect_chi_square(table, expected, freedom, among, what)


def expect_chi_square(
    seen: NDArray[np.float64], expected: NDArray[np.float64], freedom: int, among: int = 1, what: object = ""
) -> None:
    """Assert that *seen* counts are as far from *expected* ones as chance takes them, no more and no less."""
    assert expected.min() >= 5, f"{what}: {expected.min():.1f} expected in a class are too few for chi-square"
    found = float(((seen - expected) ** 2 / expected).sum())
    low, high = chi_square_range(freedom, among)
    assert low <= found <= high, f"{what}: chi-square {found:.1f} of {freedom}, not {low:.1f} to {high:.1f}"


def expect_normal(values: NDArray[np.float64], mean: float, sigma: float, what: object = "") -> None:
    """Assert that *values* are normal, by their mean, their spread, and how many fall into each 64th."""
    n = len(values)
    standard = (values - mean) / sigma
    # The mean of n has the standard error 1 / √n, the variance √(2 / n).
    expect_standard([standard.mean() * math.sqrt(n), (standard.var() - 1) * math.sqrt(n / 2)], 3, what)
    edges = [NormalDist().inv_cdf(k / 64) for k in range(1, 64)]
    expect_even(np.searchsorted(edges, standard), 64, 3, what)


def classes_of(values: NDArray[np.float64], classes: int) -> NDArray[np.int64]:
    """Return in which of *classes* equal parts of the interval from 0 to 1 each of *values* lies."""
    return (values * classes).astype(np.int64)
