"""Viewing without sessions: Poisson and negative binomial counts, and what caps leave of them, by theory."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import kernels
from sim.audience.content import Content
from sim.audience.pods.structured import StructuredPods
from sim.audience.population import ACTIVITY_ONE, Population, people
from sim.audience.viewing import DUE_ONE, GAP_ONE, Habits, viewing
from sim.events import FREQUENCY_BUCKETS
from sim.layout import SESSION, TABLE_BITS, VIEWER, Viewing
from sim.streams import salts
from sim.tables import memoryless
from tests.audiences import met
from tests.bookings import Played, campaign, line_item, market, play
from tests.statistical.chance import (
    expect_chi_square,
    expect_even,
    expect_independent,
    expect_rate,
    expect_standard,
)

POISSON = Habits(exposure="poisson", breaks_a_day=6)


def poisson(mean: float, most: int) -> list[float]:
    """Return the probabilities of 0, 1, … *most* - 1, and of *most* or more."""
    shares = [math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(most)]
    return [*shares, 1 - math.fsum(shares)]


def negative_binomial(mean: float, shape: float, most: int) -> list[float]:
    """Return the same of a gamma mixture of Poisson counts."""
    q = mean / (mean + shape)
    shares = [
        math.exp(math.lgamma(shape + n) - math.lgamma(shape) - math.lgamma(n + 1) + n * math.log(q))
        * (1 - q) ** shape
        for n in range(most)
    ]
    return [*shares, 1 - math.fsum(shares)]


def expect_counts(counts: NDArray[np.integer], shares: list[float], among: int, what: object) -> None:
    """Assert that *counts* come as often as *shares* say, the last one standing for as many or more."""
    seen = np.bincount(counts.clip(0, len(shares) - 1), minlength=len(shares)).astype(np.float64)
    expect_chi_square(seen, len(counts) * np.array(shares), len(shares) - 1, among, what)


# The hour.

DUE = [0.4, 1.5]
"""Breaks of a mean viewer an hour, by region."""
ACTIVITIES = [ACTIVITY_ONE // 4, ACTIVITY_ONE, 3 * ACTIVITY_ONE]
HOURS, VIEWERS = 40, 12_000


def tables(due: list[float]) -> Viewing:
    made = viewing(POISSON, Population(), Content(), StructuredPods(), salts(20261102))
    return made._replace(due=np.array([round(rate * DUE_ONE) for rate in due]))


@cache
def exposed() -> tuple[NDArray[np.void], NDArray[np.int64], NDArray[np.int64]]:
    """Return all breaks of many hours, and the region and the group of activity of each viewer."""
    viewers = np.zeros(VIEWERS, VIEWER)
    viewers["id"] = np.arange(VIEWERS)
    viewers["kind"] = viewers["region"] = region = np.arange(VIEWERS) % 2
    group = np.arange(VIEWERS) // 2 % 3
    viewers["activity"] = np.array(ACTIVITIES)[group]
    sessions = np.zeros(VIEWERS, SESSION)
    pods = [met(hour, tables(DUE), viewers, sessions, kernels.poisson_breaks)[0] for hour in range(HOURS)]
    return np.concatenate(pods), region, group


def by_hour(within: int = 1) -> NDArray[np.int64]:
    """Return breaks by part of an hour and viewer, with *within* parts in an hour."""
    pods = exposed()[0]
    part = pods["second"].astype(np.int64) * within // 3600
    counts = np.bincount(part * VIEWERS + pods["viewer"], minlength=HOURS * within * VIEWERS)
    return counts.reshape(HOURS * within, VIEWERS)


def test_the_breaks_of_an_hour_are_poisson() -> None:
    counts, (_, region, group) = by_hour(), exposed()
    for r, due in enumerate(DUE):
        for g, activity in enumerate(ACTIVITIES):
            mean = due * activity / ACTIVITY_ONE
            mine = counts[:, (region == r) & (group == g)].ravel()
            most = max(n for n in range(1, 30) if poisson(mean, n)[-1] * len(mine) > 20)
            expect_counts(mine, poisson(mean, most), 6, f"region {r}, activity {activity}")


def test_breaks_come_at_any_second_and_know_nothing_of_one_another() -> None:
    pods, region, group = exposed()
    second = pods["second"] % 3600
    expect_even(second // 20, 180, 4, "seconds")
    busy = by_hour(within=3)[:, (region == 1) & (group == 2)].clip(0, 3)
    for lag in (1, 3, 72):  # the next part of an hour, the next hour, the next day
        expect_independent(busy[:-lag].ravel(), busy[lag:].ravel(), 4, f"{lag} parts of an hour apart")


def test_a_break_is_a_session_with_a_pod_of_its_own() -> None:
    pods = exposed()[0]
    order = np.lexsort((pods["id"], pods["viewer"]))
    first = np.concatenate([[0], np.flatnonzero(np.diff(pods["viewer"][order])) + 1])
    number = np.arange(len(pods)) - np.repeat(first, np.diff([*first, len(pods)]))
    assert (pods["session"][order] == number + 1).all()
    assert (pods["id"][order] & 0xFFFFFF == number).all()
    assert (pods["placement"] == 0).all()
    assert (pods["slots"] == 1).all()


def test_the_table_of_gaps_is_an_exponential_from_zero_on() -> None:
    table = memoryless(GAP_ONE)
    assert table[0] == 0
    assert int(table[:-1].sum() + table[1:].sum()) == 2 * GAP_ONE << TABLE_BITS  # its mean
    steps = np.arange(1, (1 << TABLE_BITS) - 1) / (1 << TABLE_BITS)
    assert table[1:-2] / GAP_ONE == pytest.approx(-np.log1p(-steps), abs=1 / GAP_ONE)


# The weeks of a population.


@pytest.mark.parametrize("shape", [None, 0.5, 1.0])
def test_a_day_s_breaks_are_poisson_or_negative_binomial(shape: float | None) -> None:
    n = 60_000
    population = (
        Population(viewers=n, activity="equal")
        if shape is None
        else Population(viewers=n, activity_shape=shape)
    )
    viewers = people(population, 20261102, [1], [1], [1])
    flat = Habits(exposure="poisson", breaks_a_day=3, weekdays=(1,) * 7)
    habits = viewing(flat, population, Content(), StructuredPods(), salts(1))
    sessions = np.zeros(n, SESSION)
    for hour in range(24):
        now = habits._replace(due=habits.due[hour : hour + 1].repeat(12))
        met(hour, now, viewers, sessions, kernels.poisson_breaks)
    shares = poisson(3, 10) if shape is None else negative_binomial(3, shape, 20)
    expect_counts(sessions["pods"], shares, 3, shape)
    # NBD reach 1 - (1 + m/k)**-k, Poisson reach 1 - e**-m.
    reach = 1 - math.exp(-3) if shape is None else 1 - (1 + 3 / shape) ** -shape
    expect_rate((sessions["pods"] > 0).sum(), n, reach, 3, shape)


PEOPLE = 40_000


@cache
def run(caps: str, days: int = 3, **population: Any) -> Played:
    """Return a market in which every break shows the one ad there is, until a cap says no."""
    settings: dict[str, Any] = {
        "start": "2026-11-02",
        "days": days,
        "population": {"viewers": PEOPLE, **population},
        "viewing": {"exposure": "poisson", "breaks_a_day": 0.9, "weekdays": [1] * 7},
        "regions": {"here": {"timezone": "America/New_York", "share": 1}},
        "floors": {"cpm": 0},
        "ambient": "none",
        "outcomes": {"error": 0, "invalid": 0},
        "auction": "second_price",
    }
    frequency_caps = [{"max_impressions": 3 if caps == "lifetime" else 1, "unit": caps}] if caps else []
    item = line_item(lifetime_budget=10**6, pacing="asap", frequency_caps=frequency_caps)
    return play([campaign([item], end="2026-11-08")], market(**settings))


def mean_of(played: Played, expected: float, variance: float, among: int) -> None:
    found = played.of(0, "impressions") / PEOPLE
    expect_standard((found - expected) / math.sqrt(variance / PEOPLE), among)


@pytest.mark.parametrize("shape", [None, 0.5])
def test_a_lifetime_cap_leaves_the_least_of_it_and_the_count(shape: float | None) -> None:
    played = run("lifetime", **({"activity": "equal"} if shape is None else {"activity_shape": shape}))
    shares = poisson(2.7, 3) if shape is None else negative_binomial(2.7, shape, 3)
    expected = sum(n * share for n, share in enumerate(shares))
    mean_of(played, expected, sum(n * n * share for n, share in enumerate(shares)) - expected**2, 4)
    expect_rate(played.of(0, "new_viewers"), PEOPLE, 1 - shares[0], 4)


def test_a_cap_of_one_a_day_pays_each_day_once() -> None:
    played = run("day", days=7, activity="equal")
    daily = 1 - math.exp(-0.9)
    mean_of(played, 7 * daily, 7 * daily * (1 - daily), 2)  # 4.154012
    expect_rate(played.of(0, "new_viewers"), PEOPLE, 1 - math.exp(-6.3), 2)


def test_frequency_is_that_of_the_count() -> None:
    played = run("", activity="equal")
    shares = poisson(2.7, 10)
    seen = dict(zip(FREQUENCY_BUCKETS, played.hours[-1].frequency[0].tolist(), strict=True))
    expected = [shares[1], shares[2], sum(shares[3:6]), sum(shares[6:10]), shares[10]]
    rest = PEOPLE - sum(seen.values())
    expect_chi_square(
        np.array([rest, *seen.values()], float), PEOPLE * np.array([shares[0], *expected]), 5, 1, seen
    )


def test_traffic_is_where_the_forecast_has_it() -> None:
    played = run("", activity="equal")
    curve = np.array(Habits().hours)
    for first in range(0, 24, 6):
        seen = sum(sum(played.by_hour(0, "impressions")[hour : hour + 6]) for hour in range(first, 72, 24))
        expected = PEOPLE * 3 * 0.9 * curve[first : first + 6].sum() / curve.sum()
        expect_standard((seen - expected) / math.sqrt(expected), 4, f"from {first} o'clock")
