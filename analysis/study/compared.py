"""Arms held against each other: means, and paired differences with intervals, metric by metric."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.study.metrics import EVERYONE, METRICS, SHOWN, Metric
from analysis.study.statistics.paired import Covers, Difference, paired
from analysis.study.statistics.sequential import half_widths
from entities.errors import InputError
from entities.messages import hint, quoted
from sim.market.changes import goes_by


@dataclass(frozen=True)
class Row:
    """One arm by one metric."""

    arm: str
    mean: float | None
    """Over the seeds that it shares with the baseline; None where no seed has a value."""
    difference: Difference | None
    """To the baseline, over seeds in which both have a value; None for itself, and below two seeds."""


@dataclass(frozen=True)
class Compared:
    """All arms by one metric."""

    metric: Metric
    line_item: str
    seeds: int
    """The least that an arm shares with the baseline."""
    rows: tuple[Row, ...]


def compared(
    results: pl.DataFrame,
    arms: Sequence[str],
    baseline: str,
    metrics: Sequence[str] = SHOWN,
    line_item: str = EVERYONE,
    *,
    level: float = 0.95,
    covers: Covers = "each",
    watched: bool = False,
) -> list[Compared]:
    """Return *arms* held against the *baseline* by some *metrics*, from the tidy table of their study.

    A difference is taken seed by seed, of the same viewers, rivals, weather and luck, and never over hours or
    days, which a budget couples. Intervals of a study that was *watched*, and stopped where they were narrow,
    are wider to make up for it. InputError for a metric or line item that the study has not.
    """
    for name in metrics:
        if name not in METRICS:
            raise InputError(f"no metric {quoted(name)}; {hint(name, METRICS)}")
    there = results["line_item"].unique().sort().to_list()
    named = [one for one in there if goes_by(line_item, one)]
    if line_item and len(named) != 1:
        raise InputError(f"no line item {quoted(line_item)} in every arm; {hint(line_item, there[1:])}")
    path = named[0] if line_item else EVERYONE
    own = level if covers == "each" else 1 - (1 - level) / max(1, len(arms) - 1)
    found = []
    for metric in map(METRICS.__getitem__, metrics):
        whose = EVERYONE if metric.of_market else path
        of_it = results.filter(line_item=whose, metric=metric.name)
        base = of_it.filter(pl.col("value").is_not_null(), arm=baseline).select("seed", base="value")
        rows = [
            _row(of_it, base, arm, own, len(arms) - 1, watched=watched)
            if arm != baseline
            else Row(arm, _mean(base["base"]), None)
            for arm in arms
        ]
        seeds = min((row.difference.seeds for row in rows if row.difference), default=0)
        found.append(Compared(metric, whose, seeds, tuple(rows)))
    return found


def _row(
    found: pl.DataFrame, base: pl.DataFrame, arm: str, level: float, comparisons: int, *, watched: bool
) -> Row:
    # Each arm has the seeds that it shares with the baseline: one that fails takes none from the others.
    values = found.filter(pl.col("value").is_not_null(), arm=arm).select("seed", own="value")
    both = base.join(values, on="seed").sort("seed")
    if len(both) < 2:
        return Row(arm, _mean(values["own"]), None)
    pair = both.select("base", "own").to_numpy().T.astype(np.float64)
    (difference,) = paired(pair, 0, level=level)
    if watched:
        difference = _widened(difference, pair[1] - pair[0])
    return Row(arm, float(pair[1].mean()), dataclasses.replace(difference, comparisons=comparisons))


def _widened(difference: Difference, sample: NDArray[np.float64]) -> Difference:
    half = float(half_widths(sample[None], difference.level)[0])
    mean = difference.mean
    return dataclasses.replace(difference, low=mean - half, high=mean + half, method="sequential")


def _mean(values: pl.Series) -> float | None:
    return float(values.to_numpy().mean()) if len(values) else None


def as_rows(found: Sequence[Compared]) -> Iterator[dict[str, object]]:
    """Yield what was compared as flat records, for JSON and frames."""
    for one in found:
        for row in one.rows:
            apart = row.difference
            yield {
                "metric": one.metric.name,
                "unit": one.metric.unit,
                "line_item": one.line_item or None,
                "arm": row.arm,
                "mean": row.mean,
                "difference": apart and apart.mean,
                "low": apart and apart.low,
                "high": apart and apart.high,
                "standard_error": apart and apart.standard_error,
                "level": apart and apart.level,
                "method": apart and apart.method,
                "seeds": apart.seeds if apart else one.seeds,
                "saved_by_pairing": apart and apart.saved,
            }
