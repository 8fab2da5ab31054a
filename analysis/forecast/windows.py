"""What caps let through: in each window, the lower of what a viewer meets and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import exp

import numpy as np

from analysis.forecast.chances import Floats
from analysis.forecast.sessions import Number

_NEGLIGIBLE = 1e-9  # of all households, how many may be larger than any that is counted

Windows = Sequence[tuple[Number, Floats]]


def capped(windows: Windows, limits: Sequence[int]) -> Floats:
    """Return the expected impressions of each kind under caps of those *limits*, the shortest window first.

    A window begins anew, whatever was before: of N that come in it, min(N, c) are shown, and a sum of
    E[min(N, c)] over windows and viewers is what a cap lets through. For a cap within another, what the days
    let through is what the week is given; caps within a day are one here, for they were counted together.
    Days of one viewer are independent, given how much the viewer watches, but for a session that runs through
    midnight. A window in two of a longer cap is counted in that in which it begins.
    """
    found = list(windows)
    for limit in limits:
        together = groupby(found, key=lambda each: each[0][0])
        found = [summed([*group], limit) for _, group in together]
    return np.asarray(np.sum([mean(chance) for _, chance in found], axis=0))


def summed(windows: Windows, limit: int) -> tuple[Number, Floats]:
    """Return the distribution of the sum of *windows*, *limit* at most, and the windows around."""
    total = np.zeros((limit + 1, windows[0][1].shape[1]))
    total[0] = 1.0
    for _, chance in windows:
        total = _added(total, chance)
    return windows[0][0][1:], total


def _added(one: Floats, other: Floats) -> Floats:
    most = len(one) - 1
    found = np.zeros_like(one)
    for count, chance in enumerate(other):
        if count <= most:
            found[count:] += one[: most + 1 - count] * chance
        found[most] += one[max(most + 1 - count, 0) :].sum(axis=0) * chance
    return found


def mean(chance: Floats) -> Floats:
    """Return the mean of a distribution, by kind."""
    return np.asarray(np.arange(len(chance)) @ chance)


def of_households(person: Floats, size: float) -> Floats:
    """Return the distribution in a household, 1 + a Poisson number of persons, *size* in the mean.

    *person* is that of one of them, whoever it is: counts × regions. Activity is drawn for each person, so
    that those of a household are independent, given where it is.
    """
    found, some, share, left, others = np.zeros_like(person), person, exp(1 - size), 1.0, 0
    while left > _NEGLIGIBLE:
        found += share * some
        left, others = left - share, others + 1
        share *= (size - 1) / others
        some = _added(some, person)
    return found
