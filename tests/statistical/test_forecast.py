"""Forecasts: what they know and what they miss, and that the slots which they expect are those that come."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.events import FUNNEL
from sim.market.forecast.history import HistoryForecast
from sim.market.market import Market
from sim.market.viewed import forecast_of, viewed
from tests.bookings import Played, campaign, line_item, market, play
from tests.statistical.chance import deviate

MATCHED = FUNNEL.index("requests_matched")
QUIET = {"at": "2026-08-04 00:00", "until": "2026-08-05 00:00", "viewing": 0.5}


def forecast(where: Market, salt: int = 1) -> NDArray[np.float64]:
    return forecast_of(where, salt, where.horizon.hours)


def actual(where: Market, salt: int = 1) -> NDArray[np.float64]:
    return viewed(where, salt, 0, where.horizon.hours, scripted=True).hours


@pytest.mark.parametrize("exposure", ["sessions", "poisson"])
@pytest.mark.parametrize("start", ["2026-06-08", "2026-03-09"])  # after a week in which clocks change
def test_history_is_exact_where_every_week_is_like_every_other(exposure: str, start: str) -> None:
    habits = {"exposure": exposure, "by_hour": {"gender": {"male": [*range(1, 25)]}}}
    where = market(days=9, start=start, viewing=habits)
    learned = where.model_copy(update={"forecast": HistoryForecast(weeks=1)})
    found, perfect = forecast(learned), forecast(where)
    if start == "2026-06-08":
        assert found == pytest.approx(perfect, rel=1e-12)
    else:  # one hour of the week was none, and is taken for the hour before
        wrong = ~np.isclose(found, perfect, rtol=1e-12)
        assert wrong.any(axis=(1, 2)).sum() <= 2 * 4


def test_a_perfect_forecast_knows_weather_and_script_and_history_neither() -> None:
    where = market(days=7, weather="daily", changes=[QUIET], start="2026-08-03")
    assert (forecast(where) == actual(where)).all()
    learned = where.model_copy(update={"forecast": HistoryForecast()})
    unscripted = learned.model_copy(update={"changes": ()})
    assert (forecast(learned) == forecast(unscripted)).all()
    past = viewed(where, 1, -672, 0, scripted=False).hours.reshape(4, 168, 4)
    assert forecast(learned)[..., 0] == pytest.approx(past.mean(axis=0))
    assert abs(np.log(forecast(learned) / actual(where))).mean() > 0.02


def test_history_is_without_bias_in_any_weather() -> None:
    where = market(days=7, weather="daily")
    learned = where.model_copy(update={"forecast": HistoryForecast()})
    seeds = 60
    ratios = [forecast(learned, salt).sum() / forecast(where, salt).sum() for salt in range(seeds)]
    # The week to come is noisier than the mean of four, and its reciprocal a little above one.
    assert abs(np.mean(ratios) - 1) < deviate() * np.std(ratios, ddof=1) / math.sqrt(seeds) + 0.003


@pytest.mark.parametrize("error", [0.1, 0.4])
def test_an_error_has_its_size_and_no_bias(error: float) -> None:
    where = market(days=700, timezone="UTC", regions={"one": {"timezone": "UTC", "share": 1}})
    wrong = where.model_copy(update={"forecast": HistoryForecast(weeks=1, error=error)})
    ratios = (forecast(wrong) / forecast(where))[12::24, 0, 0]
    logs, days = np.log(ratios) + error**2 / 2, len(ratios)
    assert abs(logs.mean()) < deviate(3) * error / math.sqrt(days)
    assert abs(logs.std() / error - 1) < deviate(3) / math.sqrt(2 * days)
    assert abs(np.corrcoef(logs[1:], logs[:-1])[0, 1]) < deviate(3) / math.sqrt(days)
    by_day = (forecast(wrong) / forecast(where))[:, 0, 0].reshape(-1, 24)
    assert by_day == pytest.approx(by_day[:, :1].repeat(24, axis=1))


TARGETS: list[dict[str, Any]] = [
    {},
    {"include": {"genre": ["comedy", "drama"], "device": ["tv"]}},
    {"exclude": {"genre": ["drama"], "region": ["us_east"]}, "include": {"placement": ["pre_roll"]}},
    {"include": {"title_tier": ["top_10"], "gender": ["female"]}},
    {"include": {"age_band": ["18-24", "65+"]}, "exclude": {"device": ["phone"]}},
]


@cache
def run(way: str) -> tuple[Market, Played]:
    settings: dict[str, Any] = {
        "days": 4,
        "population": {"viewers": 12_000, "activity": "equal"},
        "ambient": "none",
        **WAYS[way],
    }
    items = [line_item(f"item {n}", lifetime_budget=1, targeting=target) for n, target in enumerate(TARGETS)]
    items.append(line_item("item of an end", lifetime_budget=1, slot_in_pod="first_or_last"))
    where = market(**settings, start="2026-08-03")
    return where, play([campaign(items, start="2026-08-03", end="2026-08-06")], where, seed=6)


WAYS: dict[str, dict[str, Any]] = {
    "sessions": {},
    "poisson": {"viewing": {"exposure": "poisson"}},
    "dynamic pods": {"pods": "dynamic"},
    "weather": {"weather": "daily"},
    "mix by hour": {"viewing": {"by_hour": {"age_band": {"65+": [3] * 12 + [1] * 12}}}},
    "script": {
        "changes": [
            QUIET,
            {"at": "2026-08-05 00:00", "pods": {"mid_roll": {"share": 0.4, "slots": {3: 1}}}},
            {"at": "2026-08-06 00:00", "until": "2026-08-06 12:00", "viewing": 3, "genre": "comedy"},
        ]
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_a_perfect_forecast_expects_the_slots_that_come(way: str) -> None:
    _, played = run(way)
    told = np.array([hour.pacing.forecast_avails for hour in played.hours])
    came = np.array([hour.funnel[:, MATCHED] for hour in played.hours])
    assert told.sum(axis=0) == pytest.approx(came.sum(axis=0), rel=0.03)
    days, slots = (
        told.reshape(-1, 24, told.shape[1]).sum(axis=1),
        came.reshape(-1, 24, told.shape[1]).sum(axis=1),
    )
    assert days == pytest.approx(slots, rel=0.08)
    assert np.abs(told - came)[:, 0].sum() / came[:, 0].sum() < 0.06


def test_line_items_have_the_forecast_in_their_own_unit_too() -> None:
    where, played = run("script")
    told = np.array([hour.pacing.forecast_avails for hour in played.hours], float)
    assert told[48:72, 0].sum() < told[24:48, 0].sum() * 2  # fewer ad breaks, though viewing is usual again
    assert where.forecast.weeks_back == 0
