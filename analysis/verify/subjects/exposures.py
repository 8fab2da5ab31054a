"""Reach and frequency.

Viewers meet ad breaks without memory, so that exposures are Poisson or negative binomial; caps cut them off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.theory import exposures

ROUNDED = 1e-5
"""A viewer's activity is rounded to 1/4096, and so are the rates of the hours, to far less."""


def checks() -> Iterator[Check]:
    """Yield a check for each mean and shape, and for caps of a life and of a day."""
    for mean in (2, 3):
        yield Check(f"Poisson exposures, {mean} a viewer", partial(_counts, mean, None))
    for mean, shape in ((1, 0.5), (2, 0.5), (3, 1), (5, 1), (5, 0.5)):
        told = f"negative binomial exposures, {mean} a viewer, shape {shape:g}"
        yield Check(told, partial(_counts, mean, shape))
    for mean, kind in ((3, None), (3, 0.5), (5, 1)):
        told = "Poisson" if kind is None else f"shape {kind:g}"
        yield Check(f"a lifetime cap of 3, {mean} exposures a viewer, {told}", partial(_lifetime, mean, kind))
    yield Check("a cap of 1 a day, 0.9 Poisson exposures a day, 7 days", _daily)


def alike(
    mean: float, shape: float | None = None, days: int = 1, settings: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the settings of viewers who meet *mean* breaks in all, with activity of that gamma *shape*."""
    activity = {"activity": "equal"} if shape is None else {"activity": "gamma", "activity_shape": shape}
    whole = {"days": days, "viewing.breaks_a_day": mean / days, **(settings or {})}
    whole |= {f"population.{name}": value for name, value in activity.items()}
    return {f"market.{path}": value for path, value in whole.items()}


def cap(most: int, unit: str) -> dict[str, Any]:
    """Return a lone bidder that may be seen so often per *unit*."""
    return {"name": "Lone", "frequency_caps": [{"max_impressions": most, "unit": unit}]}


def viewers(market: PlayedRun) -> int:
    """Return how many viewers a market has."""
    return market.scenario.market.population.viewers


def law(mean: float, shape: float | None) -> list[float]:
    """Return the probabilities of 0, 1, … exposures."""
    if shape is None:
        return exposures.poisson(mean)
    return exposures.negative_binomial(mean, shape)


def _counts(mean: float, shape: float | None, size: int) -> Iterator[Row]:
    market = play(size, [{"name": "Lone"}], alike(mean, shape), columns=("viewer_id",))
    n, chances = viewers(market), law(mean, shape)
    seen = np.bincount(market.won["viewer_id"], minlength=n)
    reach = exposures.reach(chances)
    yield rows.share("reach", reach, market.total("new_viewers"), n, bound=ROUNDED)
    yield rows.share("seen exactly once", chances[1], int((seen == 1).sum()), n, bound=ROUNDED)
    frequency = seen[seen > 0].astype(np.float64)
    yield rows.mean("frequency of those reached", mean / reach, frequency, bound=ROUNDED)


def _lifetime(mean: float, shape: float | None, size: int) -> Iterator[Row]:
    market = play(size, [cap(3, "lifetime")], alike(mean, shape), columns=("viewer_id",))
    n, chances = viewers(market), law(mean, shape)
    seen = np.bincount(market.won["viewer_id"], minlength=n).astype(np.float64)
    yield rows.mean("impressions per viewer", exposures.capped(chances, 3), seen, bound=ROUNDED)
    yield rows.share(
        "reach, as without the cap", exposures.reach(chances), market.total("new_viewers"), n, bound=ROUNDED
    )


def _daily(size: int) -> Iterator[Row]:
    market = play(size, [cap(1, "day")], alike(6.3, days=7), columns=("viewer_id",))
    n = viewers(market)
    seen = np.bincount(market.won["viewer_id"], minlength=n).astype(np.float64)
    daily = exposures.reach(exposures.poisson(0.9))
    yield rows.mean("impressions per viewer", 7 * daily, seen, bound=ROUNDED)
    reach = exposures.reach(exposures.poisson(6.3))
    yield rows.share("reach", reach, market.total("new_viewers"), n, bound=ROUNDED)
