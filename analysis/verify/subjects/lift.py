"""Cause and effect of an ad: holdouts, ghosts, and intervals of lift that cover what was planted."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.booking.books import book_listings
from analysis.delivery.lift import METHODS, Difference, difference
from analysis.runs.played import PlayedRun, play_in_memory
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import Subject
from analysis.verify.theory.lift import HOURS, Experiment
from entities.enums.lift import LIFT
from scenarios.loader import load

lift = Subject("lift", "Cause and effect of an ad")

SEEDS, VIEWERS, LEVEL = 400, 600, 0.95
AUCTIONS = 1_000_000
"""From so many on there are all seeds, and of fewer a part."""
ONCE = [{"unit": "lifetime", "max_impressions": 1}]
FLIGHT = [{"start": "2026-11-02", "end": "2026-11-02"}]


def _bidder(holdout: float, **terms: Any) -> dict[str, Any]:
    return {"name": "Bidder", "bidding": "fixed_cpm", "holdout": holdout, **terms}


def _markets(planted: Experiment, seeds: int) -> Iterator[PlayedRun]:
    # The same small market under many seeds: loaded and booked once.
    settings = {
        "population.viewers": VIEWERS,
        "viewing.breaks_a_day": planted.breaks,
        "shards": 1,
        "conversions.organic_rate": planted.organic,
        "conversions.view_rate": planted.effect,
        "conversions.exposure": "billed",
        "conversions.mean_hours": 1,
        "conversions.lookback_hours": HOURS,
    }
    given = {f"market.{path}": value for path, value in settings.items()}
    given["bidders"] = [_bidder(planted.holdout, frequency_caps=ONCE, flights=FLIGHT)]
    loaded = load("exact", [f"{path}={json.dumps(value)}" for path, value in given.items()])
    book = book_listings(loaded.listings.values(), loaded.scenario.market)
    for seed in range(seeds):
        yield play_in_memory(loaded.scenario.model_copy(update={"seed": seed}), book, keep=("slot_id",))


def _measured(market: PlayedRun) -> dict[str, Difference]:
    counted = market.hours[-1].lift
    assert counted is not None  # the market has conversions
    of = dict(zip(LIFT, counted[0].tolist(), strict=True))

    def converted(arm: str, group: str) -> tuple[int, int]:
        return of[f"{arm}_{group}converters"], of[f"{arm}_{group}viewers"]

    return {
        method: difference(*converted("treated", group), *converted("held_out", group), LEVEL)
        for method, group in METHODS.items()
    }


@lift.check(
    f"{SEEDS} seeds, {VIEWERS} viewers, half held out, effect {{}} of an ad beside 0.1 a day",
    *(0.0, 0.1),
)
def _intervals(size: int, effect: float) -> rows.Comparisons:
    planted = Experiment(organic=0.1, effect=effect, breaks=2, holdout=0.5)
    seeds = min(SEEDS, SEEDS * size // AUCTIONS)
    measured = [_measured(market) for market in _markets(planted, seeds)]
    for method in METHODS:
        found, exact = [each[method] for each in measured], planted.lift(method)
        yield rows.mean(f"lift, {method}", exact, np.array([each.value for each in found]))
        covered = sum(each.low <= exact <= each.high for each in found)
        yield rows.share(f"intervals that cover it, {method}", LEVEL, covered, seeds)


@lift.check("a holdout of {}, 10 breaks a day", 0.2, 0.5)
def _ghosts(size: int, holdout: float) -> rows.Comparisons:
    market = play(size, [_bidder(holdout)], {"viewing.breaks_a_day": 10}, columns=("viewer_id", "ghost"))
    viewers = market.scenario.market.population.viewers
    ghost = market.recorded["ghost"] == 1
    away, served = (np.unique(market.recorded["viewer_id"][some]) for some in (ghost, ~ghost))
    yield rows.share("viewers held out", holdout, len(away), len(away) + len(served))
    yield rows.certain("viewers who are both", 0, len(np.intersect1d(away, served)), viewers)
    # Of a viewer all slots are in one arm; their number is Poisson.
    ghosts, impressions = market.total("ghosts"), market.total("impressions")
    spread = holdout * (1 - holdout) * (1 + 1 / (10 * market.scenario.market.days)) / viewers
    exact = holdout / (1 - holdout)
    tolerance = rows.SIGMAS * math.sqrt(spread) / (1 - holdout) ** 2
    yield rows.Comparison("ghosts per impression", exact, ghosts / impressions, tolerance, viewers)
