"""The weather: its sizes and how days hang together, the same for all who live in it, and what viewing makes of it."""

from __future__ import annotations

import datetime as dt
import math
from statistics import fmean, pstdev
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from entities.enums import Genre
from sim.audience.viewing import weeks_of
from sim.events import INVENTORY
from sim.market.conditions import conditions
from sim.market.holidays import day_of
from sim.market.rhythm import WARM_UP_HOURS, Rhythm, hours_of
from sim.market.weather.daily import DailyWeather
from sim.streams import Purpose, salts
from tests.bookings import campaign, line_item, market, play
from tests.statistical.chance import deviate, expect_rate

SALT, FIRST, DAYS = 987_654_321, dt.date(2026, 1, 1).toordinal(), 4000


def log_factors(weather: DailyWeather, region: str = "east", salt: int = SALT) -> NDArray[np.float64]:
    """Return the log of the factor of viewing on DAYS days, around its mean."""
    factors = [weather.viewing(FIRST + day, region, salt) for day in range(DAYS)]
    return np.log(factors) + (weather.everywhere**2 + weather.by_region**2) / 2


@pytest.mark.parametrize("persistence", [0.0, 0.6, 0.9])
def test_days_hang_together_as_an_ar_1(persistence: float) -> None:
    logs = log_factors(DailyWeather(persistence=persistence)) / math.hypot(0.07, 0.05)
    # Of an AR(1) the mean is as sure as that of so many independent days, and the variance as that of others.
    n = DAYS * (1 - persistence) / (1 + persistence)
    assert abs(logs.mean()) < deviate(3) / math.sqrt(n)
    n = DAYS * (1 - persistence**2) / (1 + persistence**2)
    assert abs((logs**2).mean() - 1) < deviate(3) * math.sqrt(2 / n)
    lag = (logs[1:] * logs[:-1]).mean() / (logs**2).mean()
    assert abs(lag - persistence) < deviate(3) * math.sqrt(max(1 - persistence**2, 1 / DAYS) / DAYS)


def test_regions_share_what_is_everywhere() -> None:
    east, west = (log_factors(DailyWeather(persistence=0), region) for region in ("east", "west"))
    shared = 0.07**2 / (0.07**2 + 0.05**2)
    found = np.corrcoef(east, west)[0, 1]
    assert abs(math.atanh(found) - math.atanh(shared)) < deviate() / math.sqrt(DAYS - 3)


def test_releases_come_as_often_as_they_should_and_fade() -> None:
    weather = DailyWeather(release_weeks=1)
    weeks = range(0, 7 * 2000, 7)
    pushes = [weather.genre(FIRST + day, genre, SALT) - 1 for day in weeks for genre in Genre]
    pushed = [push / 0.15 for push in pushes if push > 0]
    expect_rate(len(pushed), len(pushes), 0.1, 2)
    assert abs(fmean(pushed) - 1) < deviate(2) / math.sqrt(len(pushed))
    one = DailyWeather(release=1.0, release_weeks=4)
    week = [one.genre(FIRST + 4 + day, Genre.drama, SALT) for day in range(7)]
    assert len(set(week)) == 1  # from a Monday on, a week long
    first, second = (DailyWeather(release=1.0, release_weeks=n) for n in (1, 2))
    was, comes = (first.genre(FIRST + 4 + day, Genre.drama, SALT) - 1 for day in (0, 7))
    assert second.genre(FIRST + 11, Genre.drama, SALT) - 1 == pytest.approx(comes + was / 2)


def test_outside_demand_knows_the_calendar() -> None:
    calm = DailyWeather(demand=0, weekdays=(1,) * 7)

    def on(date: str) -> float:
        return calm.outside(dt.date.fromisoformat(date).toordinal(), SALT)

    assert on("2026-11-25") == pytest.approx(1.3)  # the day before Thanksgiving
    assert on("2026-11-26") == on("2026-11-18") == 1
    assert on("2026-11-19") == pytest.approx(1 + 0.3 / 7)
    assert on("2026-09-30") == on("2027-03-31") == pytest.approx(1.2)
    assert on("2026-09-16") == on("2026-10-01") == 1
    assert on("2026-12-31") == pytest.approx(1.2)
    assert on("2026-12-24") == pytest.approx(1.3 * (1 + 0.2 * 7 / 14))
    monday = dt.date(2026, 8, 3).toordinal()
    assert [DailyWeather(demand=0).outside(monday + day, SALT) for day in range(7)] == [
        *DailyWeather().weekdays
    ]


@pytest.mark.parametrize(
    ("holiday", "date"),
    [("memorial_day", "2026-05-25"), ("labor_day", "2026-09-07"), ("thanksgiving", "2027-11-25")],
)
def test_movable_holidays(holiday: Any, date: str) -> None:
    assert dt.date.fromordinal(day_of(holiday, int(date[:4]))).isoformat() == date


def daily(where: Any, seed: int) -> NDArray[np.float64]:
    """Return the expected viewing of each day of a market."""
    week = weeks_of(where.viewing, where.population)[0][0]
    back = len(week.spill) - 1
    found = hours_of(week, conditions(where, int(salts(seed)[Purpose.weather]), -back, where.horizon.hours))
    shares = np.array([region.share for region in where.regions.values()])
    hours: NDArray[np.float64] = found.present @ (shares / shares.sum())
    return hours.reshape(-1, 24).sum(axis=1)


SEEDS, WEEKS = 60, 8


def test_the_same_weekday_s_avails_vary_by_5_to_10_percent() -> None:
    where = market(weather="daily", days=7 * WEEKS, start="2026-08-03")
    days = np.array([daily(where, seed) for seed in range(SEEDS)]).reshape(SEEDS, WEEKS, 7)
    # Per seed and weekday an unbiased variance over its weeks, which are nearly independent.
    relative = days.var(axis=1, ddof=1) / days.mean(axis=1) ** 2
    cv = math.sqrt(relative.mean())
    assert 0.05 < cv < 0.10
    shares = np.array([region.share for region in where.regions.values()])
    theory = math.sqrt(0.07**2 + 0.05**2 * (shares**2).sum())
    # Over midnight a session keeps the factor of its beginning, and a week's days hang together.
    assert cv == pytest.approx(theory, rel=0.03 + deviate() * math.sqrt(2 / (SEEDS * (WEEKS - 1) * 2)) / 2)


def test_a_day_s_weather_is_that_of_its_date() -> None:
    week = market(weather="daily", days=7)
    later = market(weather="daily", days=3, start="2026-11-05")
    assert daily(week, 3)[3:6] == pytest.approx(daily(later, 3), rel=0)
    assert (Rhythm(week, 3).viewing(5).starts != Rhythm(week, 4).viewing(5).starts).any()


def test_without_weather_every_hour_is_that_of_the_ordinary_week() -> None:
    where = market(days=9)
    rhythm = Rhythm(where, 1)
    zones = [where.horizon.local(region.timezone) for region in where.regions.values()]
    for hour in range(where.horizon.hours):
        week, now = [zone[hour].hour_of_week for zone in zones], rhythm.viewing(hour)
        for name in ("starts", "carried", "due"):
            kinds = getattr(rhythm.usual, name)[week].repeat(12)  # six age bands of two genders
            assert getattr(now, name).tolist() == kinds.tolist()
        assert now.genres.tolist() == rhythm.usual.genres.tolist()
    rhythm.viewing(-WARM_UP_HOURS)


AVAILS = INVENTORY.index("avails")


def test_all_policies_meet_the_same_weather() -> None:
    where = market(weather="daily", days=4, ambient="rivals")
    found = []
    for pacing in ("asap", "even"):
        item = line_item(lifetime_budget=5, pacing=pacing)
        hours = play([campaign([item], end="2026-11-06")], where).hours
        found.append(np.array([hour.inventory[..., AVAILS] for hour in hours]))
    np.testing.assert_array_equal(*found)


@pytest.mark.parametrize("exposure", ["sessions", "poisson"])
def test_viewing_follows_the_weather(exposure: str) -> None:
    settings: dict[str, Any] = {"days": 7, "population": {"viewers": 8000, "activity": "equal"}}
    settings["viewing"] = {"exposure": exposure}
    wild = {"kind": "daily", "everywhere": 0.4, "by_region": 0.0, "persistence": 0.0}
    item = campaign([line_item(lifetime_budget=1)], end="2026-11-09")
    slots = [
        np.array([hour.inventory[..., AVAILS].sum() for hour in play([item], where, 7).hours]).reshape(7, 24)
        for where in (market(**settings), market(**settings, weather=wild))
    ]
    calm, windy = (each[:, 8:].sum(axis=1) for each in slots)  # of no session that began the day before
    salt = int(salts(7)[Purpose.weather])
    first = dt.date(2026, 11, 2).toordinal()
    theory = [DailyWeather.model_validate(wild).viewing(first + day, "any", salt) for day in range(7)]
    assert pstdev(theory) > 0.2
    assert windy / calm == pytest.approx(theory, rel=0.05)
