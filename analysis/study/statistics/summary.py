"""What a metric comes to in each arm: means over seeds, with intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.study.statistics.intervals import Method, Values, checked, interval, standard_error


@dataclass(frozen=True)
class Mean:
    """An arm's mean over seeds, in the unit of the metric."""

    arm: int
    """The row of the arm."""
    mean: float
    deviation: float
    """Between seeds, with n - 1 below the line."""
    standard_error: float
    low: float
    high: float
    seeds: int


def means(values: Values, *, level: float = 0.95, method: Method = "t", seed: int = 0) -> tuple[Mean, ...]:
    """Return the mean of every row of *values*, arms × seeds, in the order of rows.

    Intervals are of each arm alone (Law, Simulation Modeling and Analysis, 5th ed., 9.4.1). They say how far
    an arm would move with other seeds, not whether two arms differ: their luck is common, so that intervals
    may overlap where every seed has one arm ahead. For that, see `paired`.

    Raises:
        InputError: Fewer than two seeds, or a level that is none.
    """
    values = checked(values, level)
    seeds = values.shape[1]
    found = []
    for arm, row in enumerate(values):
        sample = np.sort(row)
        low, high, _ = interval(sample, level, method, seed)
        error = standard_error(sample)
        found.append(Mean(arm, float(np.mean(sample)), error * seeds**0.5, error, low, high, seeds))
    return tuple(found)
