"""Weather and its forecast: how much days differ, what a script makes of them, how far a forecast is off."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.runs.played import PlayedRun
from analysis.verify.play import play, uniform
from analysis.verify.rows import SIGMAS, Comparison, Comparisons
from analysis.verify.subjects import Subject
from analysis.verify.theory import weather as theory
from sim.events import FUNNEL, INVENTORY

weather = Subject("weather", "Weather, scripted supply and the forecast")

DAYS = 400
"""Days of a market of which days are compared."""
AVAILS, MATCHED = INVENTORY.index("avails"), FUNNEL.index("requests_matched")
EVENT = {"at": "2026-11-02 00:00", "until": "2026-11-03 00:00"}


def _played(size: int, **settings: Any) -> PlayedRun:
    return play(size, [uniform()], {"days": DAYS, **settings}, columns=("line_item",))


def _days(hours: list[int]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.array(hours, np.float64).reshape(-1, 24).sum(axis=1)
    return found


def _by_day(run: PlayedRun) -> NDArray[np.float64]:
    return _days([int(hour.inventory[..., AVAILS].sum()) for hour in run.hours])


@weather.check("days whose log deviates by {}, correlated by {} with the day before", (0.3, 0.6), (0.2, 0.0))
def ar_1(size: int, deviation: float, correlation: float) -> Comparisons:
    """Yield how far days are off their mean, and how much they hang together."""
    kind = {"kind": "daily", "everywhere": deviation, "by_region": 0, "persistence": correlation}
    slots = _by_day(_played(size, weather=kind))
    logs, days = np.log(slots / slots.mean()), len(slots)
    # A day's slots are Poisson, which adds to the variance of their log the mean of one by their number.
    chance = math.exp(deviation**2) / slots.mean()
    total = deviation**2 + chance
    whole = correlation * deviation**2 / total
    error = theory.deviation_error(math.sqrt(total), whole, days)
    yield Comparison("deviation of the log", math.sqrt(total), float(logs.std()), SIGMAS * error, days)
    found = float(np.corrcoef(logs[1:], logs[:-1])[0, 1])
    bound = SIGMAS * theory.correlation_error(whole, days)
    yield Comparison("correlation with the day before", whole, found, bound, days)


@weather.check("viewing of a day at {} of the usual", 0.5, 3.0)
def quiet_day(size: int, times: float) -> Comparisons:
    """Yield the slots of a day on which more or less is watched, over those of another."""
    slots = _by_day(_played(size, days=2, changes=[EVENT | {"viewing": times}]))
    ratio, n = float(slots[0] / slots[1]), int(slots.sum())
    error = times * math.sqrt(1 / (slots[1] * times) + 1 / slots[1])
    yield Comparison("slots over those of the next day", times, ratio, SIGMAS * error, n)


@weather.check("a forecast from history with an error of {}", 0.1, 0.4)
def forecast_error(size: int, error: float) -> Comparisons:
    """Yield by how much of what comes the forecast is off."""
    run = _played(size, forecast={"kind": "history", "weeks": 1, "error": error})
    told = _days([int(hour.pacing.forecast_avails[0]) for hour in run.hours])
    came = _days([int(hour.funnel[0, MATCHED]) for hour in run.hours])
    off = np.abs(told - came) / came.mean()
    # What chance adds to a day's slots adds up with the error as variances do.
    whole = math.hypot(error, 1 / math.sqrt(came.mean()))
    bound = SIGMAS * float(off.std()) / math.sqrt(len(off))
    yield Comparison("mean error of a day", theory.off_by_a_factor(whole), float(off.mean()), bound, len(off))
