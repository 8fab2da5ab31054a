"""Reach and frequency.

Viewers meet ad breaks without memory, so that exposures are Poisson or negative binomial; caps cut them off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.theory import exposures

ROUNDED = 1e-5
"""A viewer's activity is rounded to 1/4096, and so are the rates of the hours, to far less."""


def alike(
    mean: float, shape: float | None = None, days: int = 1, settings: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the settings of viewers who meet *mean* breaks in all, with activity of that gamma *shape*."""
    market = {"days": days, "viewing.breaks_a_day": mean / days, "population.activity": "equal"}
    if shape is not None:
        market |= {"population.activity": "gamma", "population.activity_shape": shape}
    return {f"market.{path}": value for path, value in (market | dict(settings or {})).items()}


def capped_market(size: int, most: int, unit: str, settings: Mapping[str, Any]) -> PlayedRun:
    """Return a market whose lone bidder may be seen *most* times per *unit*."""
    bidder = {"name": "Lone", "frequency_caps": [{"max_impressions": most, "unit": unit}]}
    return play(size, [bidder], settings, columns=("viewer_id", "identity"))


def exposures_of(market: PlayedRun) -> NDArray[np.float64]:
    """Return how often each viewer saw an ad."""
    seen = np.bincount(market.won["viewer_id"], minlength=market.market.population.viewers)
    return seen.astype(np.float64)


def _law(mean: float, shape: float | None) -> list[float]:
    return exposures.poisson(mean) if shape is None else exposures.negative_binomial(mean, shape)


@check("Poisson exposures, {} a viewer", (2, None), (3, None))
@check("negative binomial exposures, {} a viewer, shape {:g}", (1, 0.5), (2, 0.5), (3, 1), (5, 1), (5, 0.5))
def _counts(size: int, mean: float, shape: float | None) -> Iterator[rows.Row]:
    market = play(size, [{"name": "Lone"}], alike(mean, shape), columns=("viewer_id",))
    seen, chances = exposures_of(market), _law(mean, shape)
    n, reach = len(seen), exposures.reach(chances)
    yield rows.share("reach", reach, market.total("new_viewers"), n, bound=ROUNDED)
    yield rows.share("seen exactly once", chances[1], int((seen == 1).sum()), n, bound=ROUNDED)
    yield rows.mean("frequency of those reached", mean / reach, seen[seen > 0], bound=ROUNDED)


@check("a lifetime cap of 3, {} exposures a viewer, Poisson", (3, None))
@check("a lifetime cap of 3, {} exposures a viewer, shape {:g}", (3, 0.5), (5, 1))
def _lifetime(size: int, mean: float, shape: float | None) -> Iterator[rows.Row]:
    market = capped_market(size, 3, "lifetime", alike(mean, shape))
    seen, chances = exposures_of(market), _law(mean, shape)
    yield rows.mean("impressions per viewer", exposures.capped(chances, 3), seen, bound=ROUNDED)
    reach, found = exposures.reach(chances), market.total("new_viewers")
    yield rows.share("reach, as without the cap", reach, found, len(seen), bound=ROUNDED)


@check("a cap of 1 a day, 0.9 Poisson exposures a day, 7 days")
def _daily(size: int) -> Iterator[rows.Row]:
    market = capped_market(size, 1, "day", alike(6.3, days=7))
    seen = exposures_of(market)
    daily, reach = (exposures.reach(exposures.poisson(mean)) for mean in (0.9, 6.3))
    yield rows.mean("impressions per viewer", 7 * daily, seen, bound=ROUNDED)
    yield rows.share("reach", reach, market.total("new_viewers"), len(seen), bound=ROUNDED)
