"""A small market played live: two arms on the same luck, each seed once however often it is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from analysis.booking.books import book_scenario
from analysis.runs.playing import play
from analysis.study.measured import Measured
from analysis.study.metrics import EVERYONE, METRICS, Metric, values
from analysis.study.replication import Booked
from analysis.study.statistics.paired import Difference, paired
from scenarios.loader import load
from sim.market.weather import Weather
from sim.pacing import PacingPolicy
from sim.units import MICROS

BASE = "laboratory"
_SMALL = (
    "market.population.viewers=1000",
    "market.days=2",
    "market.shards=1",
    "market.regions={us_east: {timezone: America/New_York, share: 1}}",
    "market.forecast={kind: history, weeks: 1}",
    "campaign[Flight].end_date=2026-11-03",
)
"""A market that plays in less than a tenth of a second; the budget of Terms binds in it."""
METRICS_SHOWN = ("value_for_money", "delivery", "ecpm", "reach", "impressions", "uneven_hours", "revenue")
MOST_PLAYED = 2_000
"""Replications that are remembered, each of a kilobyte or two."""


class Terms(NamedTuple):
    """What an arm is asked."""

    policy: str = "even"
    cap: int = 0
    """Impressions a viewer and day at most; 0 for no cap."""
    budget: int = 50
    """In the currency of the market."""
    floor: int = 10
    """CPM."""
    weather: str = "daily"

    @property
    def settings(self) -> list[str]:
        """Return it as `--set` takes it."""
        item = "line_item[Launch]"
        caps = f"[{{max_impressions: {self.cap}, unit: day}}]" if self.cap else "[]"
        return [
            f"{item}.pacing={self.policy}",
            f"{item}.frequency_caps={caps}",
            f"{item}.lifetime_budget={self.budget}",
            f"market.floors.cpm={self.floor}",
            f"market.weather={self.weather}",
        ]


class Played(NamedTuple):
    """One arm with one seed."""

    values: dict[str, float | None]
    """By metric, of all line items: the market has one that is ours."""
    spent: tuple[float, ...]
    """To date at the end of each hour, in currency."""


class Apart(NamedTuple):
    """How two arms differ by one metric."""

    metric: Metric
    a: float
    b: float
    """The means."""
    apart: Difference
    """B less A."""


@dataclass(frozen=True)
class Duel:
    """Two arms on the same seeds."""

    a: Terms
    b: Terms
    seeds: int
    courses: pl.DataFrame
    """arm (`A` or `B`), seed, hour (from 1, at its end), spent to date."""
    differences: tuple[Apart, ...]
    """By each metric that both arms have in every seed."""


def policies() -> list[str]:
    """Return the kinds of pacing policies, in alphabetical order."""
    return list(PacingPolicy.members())


def weathers() -> list[str]:
    """Return the kinds of weather, in alphabetical order."""
    return list(Weather.members())


def duel(a: Terms, b: Terms, seeds: int) -> Duel:
    """Return what comes of two arms that meet the same viewers, rivals and luck in each of *seeds* seeds."""
    arms = {"A": a, "B": b}
    played = {name: [_played(terms, seed) for seed in range(1, seeds + 1)] for name, terms in arms.items()}
    courses = pl.DataFrame(
        [
            (name, seed, hour, spent)
            for name, found in played.items()
            for seed, one in enumerate(found, 1)
            for hour, spent in enumerate(one.spent, 1)
        ],
        schema={"arm": pl.String, "seed": pl.Int64, "hour": pl.Int64, "spent": pl.Float64},
        orient="row",
    )
    differences = []
    for name in METRICS_SHOWN:
        pair = [[one.values.get(name) for one in found] for found in played.values()]
        if seeds < 2 or any(value is None for row in pair for value in row):
            continue
        both = np.array(pair, np.float64)
        (apart,) = paired(both, 0)
        a_mean, b_mean = map(float, both.mean(axis=1))
        differences.append(Apart(METRICS[name], a_mean, b_mean, apart))
    return Duel(a, b, seeds, courses, tuple(differences))


@lru_cache(MOST_PLAYED)
def _played(terms: Terms, seed: int) -> Played:
    arm = _booked(terms)
    scenario = arm.scenario.reseeded(seed)
    measured = Measured(arm.book, scenario.market.horizon.hours)
    play(scenario, arm.book, measured)
    metrics = map(METRICS.__getitem__, METRICS_SHOWN)
    found = {name: value for path, name, value in values(measured, metrics) if path == EVERYONE}
    to_date = measured.spent.sum(axis=0).cumsum() / MICROS
    return Played(found, tuple(to_date.tolist()))


@lru_cache(100)
def _booked(terms: Terms) -> Booked:
    loaded = load(BASE, [*_SMALL, *terms.settings])
    return Booked(BASE, loaded.scenario, book_scenario(loaded))
