"""Conversions.

How many exposures and clicks are followed by one, how late, and how many of them are click-through.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify import rows
from analysis.verify.play import play
from analysis.verify.rows import Row
from analysis.verify.subjects import Check
from analysis.verify.subjects.exposures import ROUNDED, alike, viewers
from analysis.verify.theory import exposures
from sim.events import CONVERSIONS
from sim.units import PPM

MEAN = 3
FIRST_HOUR = [1, *[0] * 23]


def checks() -> Iterator[Check]:
    """Yield the checks of delays, of responses, and of clicks beside exposures."""
    yield Check("one conversion in five exposures, 6 hours late on average, a lookback of a day", _delays)
    yield Check("exposures of flat traffic over 4 days, a lookback of 2", _flat)
    for words, terms in (
        ("a response that saturates", {"saturation": 0.5}),
        (
            "a response that saturates and wears out",
            {"saturation": 0.5, "wear_out": 0.4, "wear_out_after": 2},
        ),
    ):
        yield Check(words, partial(_response, terms))
    yield Check("one click in ten exposures, both followed by conversions", _clicks)


def _played(
    size: int, days: int, mean: float, terms: Mapping[str, Any], settings: Mapping[str, Any] | None = None
) -> PlayedRun:
    given = {f"conversions.{name}": value for name, value in terms.items()} | dict(settings or {})
    return play(size, [{"name": "Lone"}], alike(mean, days=days, settings=given), columns=("viewer_id",))


def _found(market: PlayedRun, column: str) -> NDArray[np.int64]:
    """Return a column of CONVERSIONS, hour by hour."""
    place = CONVERSIONS.index(column)
    return np.array([hour.conversions[0, place] for hour in market.hours if hour.conversions is not None])


def _delays(size: int) -> Iterator[Row]:
    # All exposures of a day are in its first hour, so that a conversion's hour tells its delay.
    mean, lookback, late = 6, 24, 9
    terms = {"view_rate": 0.2, "mean_hours": mean, "lookback_hours": lookback}
    market = _played(size, 2, 10, terms, {"viewing.hours": FIRST_HOUR})
    found = _found(market, "view_through")
    n, converted = int(_found(market, "touches").sum()), int(found.sum())
    yield rows.share("conversions per exposure", 0.2, converted, n)
    stay = mean / (1 + mean)
    exact = (stay**late - stay**lookback) / (1 - stay**lookback)
    after = int(found.reshape(-1, 24)[:, late:].sum())
    yield rows.share(f"share that is {late} hours late or more", exact, after, converted)
    parts = int(_found(market, "multi_touch_view_ppm").sum()) / PPM
    yield rows.certain("parts of all touches, per conversion", 1.0, parts / converted, converted)


def _flat(size: int) -> Iterator[Row]:
    mean, lookback, hours = 10, 48, 96
    terms = {"view_rate": 0.3, "mean_hours": mean, "lookback_hours": lookback}
    market = _played(size, hours // 24, 20, terms)
    touches, n = _found(market, "touches"), int(_found(market, "touches").sum())
    # What is seen in the last hours converts after the end.
    stay = mean / (1 + mean)
    whole = 1 - stay**lookback
    early = [(1 - stay ** min(hours - hour, lookback)) / whole for hour in range(hours)]
    exact = 0.3 * math.fsum(share * int(seen) for share, seen in zip(early, touches, strict=True)) / n
    yield rows.share("conversions per exposure", exact, int(_found(market, "view_through").sum()), n)


def _response(given: Mapping[str, float], size: int) -> Iterator[Row]:
    terms = {"view_rate": 0.4, "lookback_hours": 1, **given}
    market = _played(size, 1, MEAN, terms, {"viewing.hours": FIRST_HOUR})
    n, conversions = viewers(market), market.scenario.market.conversions
    worth, worn = given["saturation"], given.get("wear_out", 0.0)

    def response(exposure: int) -> float:
        fresh = (1 - worn) ** max(0, exposure - conversions.wear_out_after)
        return float(0.4 * fresh / (1 + worth * (exposure - 1)))

    chances = exposures.poisson(MEAN)
    exact = exposures.total(chances, response)
    # A viewer's conversions given the exposures are a sum of independent trials.
    most = range(len(chances))
    sums = np.cumsum([0.0, *(response(j) for j in most[1:])])
    trials = np.cumsum([0.0, *(response(j) * (1 - response(j)) for j in most[1:])])
    variance = math.fsum(share * (sums[j] ** 2 + trials[j]) for j, share in enumerate(chances)) - exact**2
    found = int(_found(market, "view_through").sum()) / n
    tolerance = rows.SIGMAS * math.sqrt(variance / n) + ROUNDED
    yield Row("conversions per viewer", exact, found, tolerance, n)


def _clicks(size: int) -> Iterator[Row]:
    click, view_rate, click_rate = 0.1, 0.2, 0.5
    terms = {"view_rate": view_rate, "click_rate": click_rate, "lookback_hours": 1}
    devices = dict.fromkeys(("tv", "desktop", "phone", "tablet"), click)
    market = _played(size, 1, MEAN, terms, {"viewing.hours": FIRST_HOUR, "outcomes.click": devices})
    n = int(_found(market, "touches").sum())
    views, clicks = (int(_found(market, name).sum()) for name in ("view_through", "click_through"))
    # No other of a viewer's exposures was clicked either: E[X (1 - c)^X] = m (1 - c) exp(-m c).
    without = (1 - click) * math.exp(-MEAN * click)
    yield _of_exposures("view-through per exposure", view_rate * without, views, n)
    through = view_rate * (1 - without) + click_rate * click
    yield _of_exposures("click-through per exposure", through, clicks, n)


def _of_exposures(name: str, exact: float, count: int, n: int) -> Row:
    # Exposures of one viewer share their clicks: no more than all of them may go together, and a Poisson
    # number of mean m is squared m + 1 times its own mean.
    tolerance = rows.SIGMAS * math.sqrt(exact * (1 + MEAN) / n)
    return Row(name, exact, count / n, tolerance, n)
