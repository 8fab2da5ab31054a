"""Conversions.

How many exposures and clicks are followed by one, how late, and how many of them are click-through.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.subjects import check
from analysis.verify.subjects.exposures import ROUNDED, alike
from analysis.verify.theory import exposures
from sim.units import PPM

MEAN = 3
FIRST_HOUR = {"viewing.hours": [1, *[0] * 23]}


def _played(
    size: int, days: int, mean: float, terms: Mapping[str, Any], settings: Mapping[str, Any] | None = None
) -> PlayedRun:
    given = {f"conversions.{name}": value for name, value in terms.items()} | dict(settings or {})
    return play(size, [{"name": "Lone"}], alike(mean, days=days, settings=given), columns=("viewer_id",))


def _sums(market: PlayedRun, *columns: str) -> list[int]:
    return [int(market.converted[column].sum()) for column in columns]


@check("one conversion in five exposures, 6 hours late on average, a lookback of a day")
def _delays(size: int) -> Iterator[rows.Row]:
    # All exposures of a day are in its first hour, so that a conversion's hour is its delay.
    mean, lookback, late = 6, 24, 9
    terms = {"view_rate": 0.2, "mean_hours": mean, "lookback_hours": lookback}
    market = _played(size, 2, 10, terms, FIRST_HOUR)
    n, converted, parts = _sums(market, "touches", "view_through", "multi_touch_view_ppm")
    yield rows.share("conversions per exposure", 0.2, converted, n)
    stay = mean / (1 + mean)
    exact = (stay**late - stay**lookback) / (1 - stay**lookback)
    after = int(market.converted["view_through"][0].reshape(-1, 24)[:, late:].sum())
    yield rows.share(f"share that is {late} hours late or more", exact, after, converted)
    yield rows.certain("parts of all touches, per conversion", 1.0, parts / PPM / converted, converted)


@check("exposures of flat traffic over 4 days, a lookback of 2")
def _flat(size: int) -> Iterator[rows.Row]:
    mean, lookback, hours = 10, 48, 96
    terms = {"view_rate": 0.3, "mean_hours": mean, "lookback_hours": lookback}
    market = _played(size, hours // 24, 20, terms)
    touches, (n, converted) = market.converted["touches"][0], _sums(market, "touches", "view_through")
    # What is seen in the last hours converts after the end.
    stay = mean / (1 + mean)
    in_time = [(1 - stay ** min(hours - hour, lookback)) / (1 - stay**lookback) for hour in range(hours)]
    exact = 0.3 * math.fsum(share * int(seen) for share, seen in zip(in_time, touches, strict=True)) / n
    yield rows.share("conversions per exposure", exact, converted, n)


@check("a response that saturates", {"saturation": 0.5})
@check("a response that saturates and wears out", {"saturation": 0.5, "wear_out": 0.4, "wear_out_after": 2})
def _response(size: int, given: Mapping[str, float]) -> Iterator[rows.Row]:
    market = _played(size, 1, MEAN, {"view_rate": 0.4, "lookback_hours": 1, **given}, FIRST_HOUR)
    n, after = market.market.population.viewers, market.market.conversions.wear_out_after

    def response(exposure: int) -> float:
        fresh = (1 - given.get("wear_out", 0.0)) ** max(0, exposure - after)
        return float(0.4 * fresh / (1 + given["saturation"] * (exposure - 1)))

    chances = exposures.poisson(MEAN)
    exact = exposures.total(chances, response)
    # A viewer's conversions given the exposures are a sum of independent trials.
    rates = np.array([0.0, *(response(j) for j in range(1, len(chances)))])
    squares = np.cumsum(rates) ** 2 + np.cumsum(rates * (1 - rates))
    variance = math.fsum(share * square for share, square in zip(chances, squares, strict=True)) - exact**2
    found = _sums(market, "view_through")[0] / n
    yield rows.Row("conversions per viewer", exact, found, rows.SIGMAS * math.sqrt(variance / n) + ROUNDED, n)


@check("one click in ten exposures, both followed by conversions")
def _clicks(size: int) -> Iterator[rows.Row]:
    click, view_rate, click_rate = 0.1, 0.2, 0.5
    terms = {"view_rate": view_rate, "click_rate": click_rate, "lookback_hours": 1}
    devices = dict.fromkeys(("tv", "desktop", "phone", "tablet"), click)
    market = _played(size, 1, MEAN, terms, {**FIRST_HOUR, "outcomes.click": devices})
    n, views, clicks = _sums(market, "touches", "view_through", "click_through")
    # No other of a viewer's exposures was clicked either: E[X (1 - c)^X] = m (1 - c) exp(-m c).
    without = (1 - click) * math.exp(-MEAN * click)
    through = view_rate * (1 - without) + click_rate * click
    for name, exact, count in (("view", view_rate * without, views), ("click", through, clicks)):
        # Exposures of one viewer share their clicks: no more than all of them may go together, and a Poisson
        # number of mean m is squared m + 1 times its own mean.
        tolerance = rows.SIGMAS * math.sqrt(exact * (1 + MEAN) / n)
        yield rows.Row(f"{name}-through per exposure", exact, count / n, tolerance, n)
