"""Caps that leak.

A cap of one for life, which does not always know its viewer, or takes households or devices for one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.subjects import check
from analysis.verify.subjects.exposures import ROUNDED, alike, capped_market, exposures_of
from analysis.verify.theory import exposures
from entities.enums import FactKind
from sim.audience.population import people

MEAN = 3


def _once(size: int, **settings: Any) -> PlayedRun:
    return capped_market(size, 1, "lifetime", alike(MEAN, settings=settings))


@check("{:.0%} of sessions matched, a lifetime cap of 1", 0.8, 0.5)
def _matched(size: int, rate: float) -> Iterator[rows.Row]:
    market = _once(size, **{"identity.match_rate": rate})
    seen = exposures_of(market)
    # One of the exposures that are matched, if there is any, and every other one.
    exact = 1 - math.exp(-MEAN * rate) + MEAN * (1 - rate)
    yield rows.mean("impressions per viewer", exact, seen, bound=ROUNDED)
    beyond = np.maximum(seen - 1, 0)
    exact -= exposures.reach(exposures.poisson(MEAN))
    yield rows.mean("beyond the cap, per viewer", exact, beyond, bound=ROUNDED)
    (fact,) = (fact for fact in market.outcome.facts if fact.kind == FactKind.caps_leaked)
    unreported = beyond.sum() / len(seen) - (fact.count or 0) / len(seen)
    yield rows.certain("beyond it, untold by the run", 0.0, unreported, market.auctions)


@check("a lifetime cap of 1 for each household, of 2.5 persons on average")
def _household(size: int) -> Iterator[rows.Row]:
    run = _once(size, **{"identity.counted_by": "household", "population.household_size": 2.5})
    market = run.market
    shares = [region.share for region in market.regions.values()]
    weights = market.viewing.device_weights(), market.content.weights()
    homes = people(market.population, run.seed, shares, *weights)["household"]
    last = int(homes[-1])  # which the end of the population may have cut
    seen = np.bincount(run.won["identity"], minlength=last + 1)[:last].astype(np.float64)
    exact = exposures.capped_household(MEAN, 2.5)
    yield rows.mean("impressions per household", exact, seen, bound=ROUNDED)


@check("a lifetime cap of 1 for each of four devices")
def _device(size: int) -> Iterator[rows.Row]:
    market = _once(size, **{"identity.counted_by": "device"})
    weights = market.market.viewing.device_weights()
    exact = math.fsum(1 - math.exp(-MEAN * weight / sum(weights)) for weight in weights)
    yield rows.mean("impressions per viewer", exact, exposures_of(market), bound=ROUNDED)
