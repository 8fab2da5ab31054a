"""Performance over seeds as RLiable reports it: interquartile means with stratified bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.study.statistics.intervals import AT_ONCE, RESAMPLES, Values, checked
from sim.streams import Purpose, generator


@dataclass(frozen=True)
class Interquartile:
    """An arm's mean over the middle half of its scores."""

    arm: int
    """The row of the arm."""
    mean: float
    low: float
    high: float
    seeds: int
    markets: int


def interquartile(
    scores: Values, *, level: float = 0.95, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Interquartile, ...]:
    """Return the interquartile mean of each arm, in the order of rows, with its interval.

    The lowest and highest quarter of an arm's scores are left out, rounded down, over all seeds and markets
    taken together; so an outlier moves it little, and it uses half of the runs, where a median uses one. The
    interval is the percentile bootstrap, with seeds drawn within each market by itself (Agarwal et al. 2021,
    Deep Reinforcement Learning at the Edge of the Statistical Precipice, NeurIPS, section 4).

    Args:
        scores: Arms × seeds, or arms × seeds × markets; of several markets in one scale, or the middle half
            would be that of the scales.
        level: How often an interval should cover, between 0 and 1.
        resamples: How many samples are drawn.
        seed: Where they are drawn.

    Raises:
        InputError: Fewer than two seeds, or a level that is none.
    """
    scores = np.asarray(scores, np.float64)
    cube = scores[:, :, None] if scores.ndim == 2 else scores
    arms, seeds, markets = cube.shape
    checked(cube.reshape(arms, -1) if seeds > 1 else cube[:, :, 0], level)
    cube = np.sort(cube, axis=1)
    centres = _middle(cube.reshape(arms, -1))
    drawn = np.empty((arms, resamples))
    luck, market = generator(seed, Purpose.resample), np.arange(markets)
    block = max(1, AT_ONCE // (seeds * markets))
    for start in range(0, resamples, block):
        count = min(block, resamples - start)
        picked = luck.integers(seeds, size=(count, seeds, markets))
        for arm in range(arms):
            drawn[arm, start : start + count] = _middle(cube[arm][picked, market].reshape(count, -1))
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=1)
    return tuple(
        Interquartile(arm, float(centres[arm]), float(low[arm]), float(high[arm]), seeds, markets)
        for arm in range(arms)
    )


def _middle(samples: Values) -> NDArray[np.float64]:
    # Of each row, as scipy.stats.trim_mean(row, 0.25) has it.
    size = samples.shape[1]
    cut = size // 4
    middle: NDArray[np.float64] = np.sort(samples, axis=1)[:, cut : size - cut].mean(axis=1)
    return middle
