"""Each arm against a baseline on the same seeds: paired differences with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from analysis.study.statistics.intervals import Method, Values, checked, interval, standard_error

Covers = Literal["each", "all"]
"""Whether each interval covers at its level, or all of them together do."""
_ROUNDING = 8 * float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Difference:
    """An arm less the baseline, in the unit of the metric."""

    arm: int
    """The row of the arm."""
    mean: float
    standard_error: float
    low: float
    high: float
    method: Literal["t", "percentile", "bca", "sequential"]
    level: float
    """Of this interval alone: higher than asked for where all intervals cover together."""
    comparisons: int
    """How many differences were asked for at once: of 20 intervals at 95 %, one is expected to miss."""
    seeds: int
    saved: float | None
    """How many times more seeds would be needed without pairing; None where the difference does not vary."""


def paired(
    values: Values,
    baseline: int = 0,
    *,
    level: float = 0.95,
    method: Method = "auto",
    covers: Covers = "each",
    seed: int = 0,
) -> tuple[Difference, ...]:
    """Return the difference of every other arm to the row *baseline* of *values*, in the order of rows.

    The values of a seed are subtracted before anything else is done: what both arms owe to their common luck
    goes (common random numbers; Law, Simulation Modeling and Analysis, 5th ed., 10.2.1 and 11.2). *saved* is
    (var(a) + var(b)) / var(a - b): the variance of a difference of as many independent runs, over that of
    these. It is not defined where the difference is the same in every seed, as where a budget binds in both.

    With *covers* of `all`, each interval has the level 1 - (1 - level) / comparisons, so that all of them
    hold at once with at least *level*, however the arms depend on each other (Bonferroni; Law, 10.3.1).

    Args:
        values: Arms × seeds.
        baseline: The row that the others are held against.
        level: How often an interval should cover, between 0 and 1.
        method: `auto`, `t`, `percentile` or `bca`; see `intervals.interval`.
        covers: `each` or `all`.
        seed: Where resamples are drawn.

    Raises:
        InputError: Fewer than two seeds, or a level that is none.
    """
    values = checked(values, level)
    arms, seeds = values.shape
    if not 0 <= baseline < arms:
        raise ValueError(f"there is no row {baseline} in {arms}")
    comparisons = arms - 1
    own = level if covers == "each" else 1 - (1 - level) / max(1, comparisons)
    found = []
    for arm in range(arms):
        if arm == baseline:
            continue
        difference = np.sort(values[arm] - values[baseline])
        low, high, how = interval(difference, own, method, seed)
        found.append(
            Difference(
                arm=arm,
                mean=float(np.mean(difference)),
                standard_error=standard_error(difference),
                low=low,
                high=high,
                method=how,
                level=own,
                comparisons=comparisons,
                seeds=seeds,
                saved=_saved(values[arm], values[baseline]),
            )
        )
    return tuple(found)


def _saved(arm: Values, baseline: Values) -> float | None:
    difference = arm - baseline
    if np.ptp(difference) <= _ROUNDING * max(np.abs(arm).max(), np.abs(baseline).max()):
        return None
    apart = np.var(arm, ddof=1) + np.var(baseline, ddof=1)
    return float(apart / np.var(difference, ddof=1))
