"""Caps that leak.

A cap of one for life, which does not always know its viewer, or takes households or devices for one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial

import numpy as np

from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.subjects.exposures import ROUNDED, alike, cap, viewers
from analysis.verify.theory import exposures
from entities.enums import FactKind
from sim.audience.population import people

MEAN = 3


def checks() -> Iterator[Check]:
    """Yield a check for each rate of matching, and for households and devices."""
    for matched in (0.8, 0.5):
        yield Check(f"{matched:.0%} of sessions matched, a lifetime cap of 1", partial(_matched, matched))
    yield Check("a lifetime cap of 1 for each household, of 2.5 persons on average", _household)
    yield Check("a lifetime cap of 1 for each of four devices", _device)


def _matched(matched: float, size: int) -> Iterator[Row]:
    settings = alike(MEAN, settings={"identity.match_rate": matched})
    market = play(size, [cap(1, "lifetime")], settings, columns=("viewer_id",))
    n = viewers(market)
    seen = np.bincount(market.won["viewer_id"], minlength=n).astype(np.float64)
    # One of the exposures that are matched, if there is any, and every other one.
    exact = 1 - math.exp(-MEAN * matched) + MEAN * (1 - matched)
    yield rows.mean("impressions per viewer", exact, seen, bound=ROUNDED)
    reach = exposures.reach(exposures.poisson(MEAN))
    beyond = np.maximum(seen - 1, 0)
    yield rows.mean("beyond the cap, per viewer", exact - reach, beyond, bound=ROUNDED)
    (fact,) = (fact for fact in market.outcome.facts if fact.kind == FactKind.caps_leaked)
    name = "beyond it, untold by the run"
    yield rows.certain(name, 0.0, beyond.sum() / n - (fact.count or 0) / n, market.auctions)


def _household(size: int) -> Iterator[Row]:
    settings = alike(MEAN, settings={"identity.counted_by": "household", "population.household_size": 2.5})
    market = play(size, [cap(1, "lifetime")], settings, columns=("identity",))
    where = market.scenario.market
    homes = people(
        where.population,
        market.scenario.seed,
        [region.share for region in where.regions.values()],
        where.viewing.device_weights(),
        where.content.weights(),
    )["household"]
    last = int(homes[-1])  # which the end of the population may have cut
    seen = np.bincount(market.won["identity"], minlength=last + 1)[:last].astype(np.float64)
    exact = exposures.capped_household(MEAN, 2.5)
    yield rows.mean("impressions per household", exact, seen, bound=ROUNDED)


def _device(size: int) -> Iterator[Row]:
    settings = alike(MEAN, settings={"identity.counted_by": "device"})
    market = play(size, [cap(1, "lifetime")], settings, columns=("viewer_id",))
    seen = np.bincount(market.won["viewer_id"], minlength=viewers(market)).astype(np.float64)
    weights = market.scenario.market.viewing.device_weights()
    exact = math.fsum(1 - math.exp(-MEAN * weight / sum(weights)) for weight in weights)
    yield rows.mean("impressions per viewer", exact, seen, bound=ROUNDED)
