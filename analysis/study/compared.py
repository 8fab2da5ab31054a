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


@dataclass(frozen=True)
class Row:
    """One arm by one metric."""

    arm: str
    mean: float | None
    """Over the seeds; None where no seed has a value."""
    difference: Difference | None
    """To the baseline, over seeds in which all arms have a value; None for itself, and below two seeds."""


@dataclass(frozen=True)
class Compared:
    """All arms by one metric."""

    metric: Metric
    line_item: str
    seeds: int
    """In how many seeds every arm has a value."""
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
    own = [one for one in there if one == line_item or one.endswith(f" / {line_item}")]
    if line_item and len(own) != 1:
        raise InputError(f"no line item {quoted(line_item)} in every arm; {hint(line_item, there[1:])}")
    path = own[0] if line_item else EVERYONE
    found = []
    for metric in map(METRICS.__getitem__, metrics):
        whose = EVERYONE if metric.of_market else path
        of_it = results.filter(line_item=whose, metric=metric.name)
        values = _values(of_it, arms)
        base, seeds = arms.index(baseline), values.shape[1]
        differences = iter(paired(values, base, level=level, covers=covers) if seeds > 1 else ())
        if watched:
            differences = (_widened(each, values[each.arm] - values[base]) for each in differences)
        rows = [
            Row(arm, _mean(of_it, arm), None if arm == baseline else next(differences, None)) for arm in arms
        ]
        found.append(Compared(metric, whose, seeds, tuple(rows)))
    return found


def _values(found: pl.DataFrame, arms: Sequence[str]) -> NDArray[np.float64]:
    # Arms × seeds in which every arm has a value.
    if set(arms) - set(found["arm"]):
        return np.zeros((len(arms), 0))
    wide = found.pivot("arm", index="seed", values="value").sort("seed")
    return wide.select(arms).drop_nulls().to_numpy().T.astype(np.float64)


def _widened(difference: Difference, sample: NDArray[np.float64]) -> Difference:
    half = float(half_widths(sample[None], difference.level)[0])
    mean = difference.mean
    return dataclasses.replace(difference, low=mean - half, high=mean + half, method="sequential")


def _mean(found: pl.DataFrame, arm: str) -> float | None:
    value = found.filter(arm=arm)["value"].mean()
    return None if value is None else float(value)  # type: ignore[arg-type]  # a mean of floats is one


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
