"""What comes of many hours of viewing: starts, session lengths, devices, titles, breaks, and the people."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.audience.content import Content
from sim.audience.pods.structured import StructuredPods
from sim.audience.population import ACTIVITY_ONE, Population, people
from sim.audience.viewing import PRESENCE_ONE, Habits, viewing
from sim.events import NO_GENRE
from sim.layout import SESSION, VIEWER, Viewing
from sim.streams import salts
from tests.audiences import met
from tests.statistical.chance import (
    expect_even,
    expect_independent,
    expect_rate,
    expect_shares,
    expect_standard,
)

SALTS = salts(20261102)
DEVICES, GENRES = 4, 10
EVERY_TITLE = {"pre_roll": {"share": 1, "slots": {1: 1}}}


def audience(n: int, **traits: Any) -> NDArray[np.void]:
    """Return *n* mean viewers of one region, with *traits* over it."""
    viewers = np.zeros(n, VIEWER)
    viewers["id"] = np.arange(n)
    viewers["activity"] = ACTIVITY_ONE
    for name, values in traits.items():
        viewers[name] = values
    return viewers


def nobody_watches(viewers: NDArray[np.void]) -> NDArray[np.void]:
    sessions = np.zeros(len(viewers), SESSION)
    sessions["end"] = np.iinfo(np.int32).min
    return sessions


def habits_of(
    habits: Habits | None = None,
    population: Population | None = None,
    pods: dict[str, Any] | None = None,
) -> Viewing:
    """Return habits with which everyone starts a session in every hour in which nothing is on."""
    tables = viewing(
        habits or Habits(),
        population or Population(),
        Content(),
        StructuredPods.model_validate(pods or {}),
        SALTS,
    )
    return tables._replace(starts=np.array([PRESENCE_ONE]), carried=np.array([0]))


# Starts.

BEGIN = [0.02, 0.06]  # starts of a mean viewer an hour, by region
CARRIED = [0.0, 0.2]
ACTIVITIES = [ACTIVITY_ONE // 2, ACTIVITY_ONE, 3 * ACTIVITY_ONE]
HOURS = 60


class Starts(NamedTuple):
    """Who started in which hour, hours × viewers, and at which second of it."""

    started: NDArray[np.bool_]
    second: NDArray[np.int64]
    region: NDArray[np.int64]
    group: NDArray[np.int64]


@cache
def starts() -> Starts:
    n = 12_000
    region, group = np.arange(n) % 2, np.arange(n) // 2 % 3
    viewers = audience(n, region=region, kind=region, activity=np.array(ACTIVITIES)[group])
    sessions = nobody_watches(viewers)
    # Sessions of a second, so that all are free to start in every hour.
    tables = habits_of()._replace(
        starts=np.array([round(p * PRESENCE_ONE) for p in BEGIN]),
        carried=np.array([round(p * PRESENCE_ONE) for p in CARRIED]),
        lengths=np.array([1]),
    )
    started, second = [], []
    for hour in range(HOURS):
        before = sessions["number"].copy()
        met(hour, tables, viewers, sessions)
        started.append(sessions["number"] > before)
        second.append(sessions["start"].astype(np.int64) - 3600 * hour)
    return Starts(np.array(started), np.array(second), region, group)


def test_viewers_start_as_often_as_their_activity_says() -> None:
    found = starts()
    for region in range(2):
        for group, activity in enumerate(ACTIVITIES):
            share = activity / ACTIVITY_ONE
            mine = found.started[:, (found.region == region) & (found.group == group)]
            # Those who are taken to be watching already cannot start; the others start more often.
            idle = max(1 - share * CARRIED[region], 1 / 20)
            rate = min(share * BEGIN[region] / idle, 1)
            expect_rate(mine.sum(), mine.size, rate, 6, f"region {region}, activity {share}")


def test_starts_come_at_any_second_whoever_starts_and_however_rarely() -> None:
    found = starts()
    second = found.second[found.started]
    assert second.min() >= 0
    assert second.max() < 3600
    expect_even(second // 20, 180, 3)
    # The half of the draw that thins the starts says nothing about the other, which places them.
    likely = np.broadcast_to(found.group + 3 * found.region, found.started.shape)[found.started]
    expect_independent(likely, second // 100, 3, "how often with when")
    expect_independent(second[:-1] // 300, second[1:] // 300, 3, "when with when the next one does")


def test_a_start_says_nothing_about_the_next_hour_or_the_next_day() -> None:
    found = starts()
    alike = (found.group == 2) & (found.region == 1)
    likely = found.started[:, alike].astype(int)
    for lag in (1, 24):
        expect_independent(likely[:-lag].ravel(), likely[lag:].ravel(), 3, f"{lag} hours apart")
    expect_independent(likely[:, :-1].ravel(), likely[:, 1:].ravel(), 3, "viewer and next viewer")


# Sessions.


class Sessions(NamedTuple):
    """Sessions that began, whatever was on before."""

    seconds: NDArray[np.int64]
    start: NDArray[np.int64]
    device: NDArray[np.int64]
    favourite: NDArray[np.int64]


@cache
def sessions_of(longest: float = 600.0, minutes: float = 66.0) -> Sessions:
    n, rounds = 25_000, 4
    viewers = audience(n, device=np.arange(n) % DEVICES)
    sessions = nobody_watches(viewers)
    tables = habits_of(Habits(session_minutes=minutes, longest_minutes=longest))
    found = []
    for hour in range(0, 30 * rounds, 30):  # the longest session is over by then
        met(hour, tables, viewers, sessions)
        found.append(sessions.copy())
    all_of_them = np.concatenate(found)
    assert (all_of_them["number"] == np.repeat(np.arange(1, rounds + 1), n)).all()
    seconds = all_of_them["end"].astype(np.int64) - all_of_them["start"]
    start = all_of_them["start"].astype(np.int64) % 3600
    return Sessions(
        seconds, start, all_of_them["device"].astype(np.int64), np.tile(viewers["device"], rounds)
    )


@pytest.mark.parametrize(("longest", "minutes"), [(600.0, 66.0), (600.0, 300.0), (1440.0, 600.0)])
def test_sessions_have_their_mean(longest: float, minutes: float) -> None:
    seconds = sessions_of(longest, minutes).seconds
    error = seconds.std() / math.sqrt(len(seconds))
    expect_standard((seconds.mean() - 60 * minutes) / error, 3)
    assert seconds.min() >= 60
    assert seconds.max() <= 60 * longest


def test_sessions_end_without_memory() -> None:
    minutes = (sessions_of().seconds - 60) / 60
    asked = [(been, more) for been in (0, 20, 65, 130, 200) for more in (5, 30, 65)]
    for been, more in asked:
        still = minutes[minutes >= been]
        expect_rate(
            (still >= been + more).sum(), len(still), math.exp(-more / 65), len(asked), f"{more} after {been}"
        )


def test_the_length_of_a_session_says_nothing_about_its_start_or_device() -> None:
    found = sessions_of()
    length = np.digitize(found.seconds, np.quantile(found.seconds, [0.2, 0.4, 0.6, 0.8]))
    expect_independent(length, found.start // 300, 3, "start")
    expect_independent(length, found.device, 3, "device")
    expect_independent(length[:-1], length[1:], 3, "the next viewer's")


def test_devices_follow_the_mix_and_the_favourite() -> None:
    found, population = sessions_of(), Population()
    mix = np.array(Habits().device_weights()) / sum(Habits().device_weights())
    for favourite in range(DEVICES):
        mine = found.device[found.favourite == favourite]
        loyal = population.device_loyalty * (np.arange(DEVICES) == favourite)
        shares = loyal + (1 - population.device_loyalty) * mix
        expect_shares(
            np.bincount(mine, minlength=DEVICES), shares.tolist(), DEVICES, f"favourite {favourite}"
        )


# Titles: one pre-roll each.


@cache
def titles(loyalty: float) -> NDArray[np.void]:
    n = 25_000
    viewers = audience(n, genre=np.arange(n) % GENRES)
    sessions = nobody_watches(viewers)
    tables = habits_of(population=Population(genre_loyalty=loyalty), pods=EVERY_TITLE)
    pods = np.concatenate([met(hour, tables, viewers, sessions)[0] for hour in range(4)])
    first: NDArray[np.void] = pods[pods["placement"] == 0]
    assert len(first) > 100_000
    return first[np.lexsort((first["second"], first["viewer"]))]


def weights() -> NDArray[np.float64]:
    found = np.array(Content().weights())
    return found / found.sum()


def test_genres_follow_the_mix_and_the_favourite() -> None:
    for loyalty in (0.0, 0.2):
        found = titles(loyalty)
        for favourite in range(GENRES):
            mine = found["genre"][found["viewer"] % GENRES == favourite]
            shares = loyalty * (np.arange(GENRES) == favourite) + (1 - loyalty) * weights()
            expect_shares(
                np.bincount(mine, minlength=GENRES), shares.tolist(), 2 * GENRES, f"favourite {favourite}"
            )


def test_a_second_genre_is_another_one_of_the_same_mix() -> None:
    found = titles(0.0)
    two = found["second_genre"] != NO_GENRE
    expect_rate(two.sum(), len(found), Content().second_genre)
    for first in range(GENRES):
        others = found["second_genre"][two & (found["genre"] == first)]
        shares = np.where(np.arange(GENRES) == first, 0, weights())
        expect_shares(np.bincount(others, minlength=GENRES), shares.tolist(), GENRES, f"after {first}")


def test_few_titles_are_of_the_top_ten_whatever_else_they_are() -> None:
    found = titles(0.0)
    top = (found["title_tier"] == 0).astype(int)
    expect_rate(top.sum(), len(top), Content().top_10, 4)
    expect_independent(found["genre"], top, 4, "genre")
    expect_independent((found["second_genre"] != NO_GENRE).astype(int), top, 4, "second genre")
    expect_independent(top[:-1], top[1:], 4, "the next title")


def test_a_title_says_nothing_about_the_next_one() -> None:
    found = titles(0.0)
    same = found["viewer"][:-1] == found["viewer"][1:]
    one = (found["genre"] != NO_GENRE) & (found["second_genre"] != NO_GENRE)
    expect_independent(found["genre"][:-1][same], found["genre"][1:][same], 2, "genre")
    expect_independent(one[:-1][same].astype(int), one[1:][same].astype(int), 2, "second genre")


@cache
def breaks_of_an_hour() -> NDArray[np.int64]:
    """Return the slots at each place of sessions of an hour: sessions × titles × pre-roll and two mid-rolls."""
    n = 20_000
    viewers = audience(n)
    sessions = nobody_watches(viewers)
    tables = habits_of()._replace(lengths=np.array([3600]))
    begun, _ = met(0, tables, viewers, sessions)
    rest, _ = met(1, tables._replace(starts=np.array([0])), viewers, sessions)
    slots = np.zeros((n, 6), np.int64)  # places are ten minutes apart
    for pods in (begun, rest):
        place = (pods["second"] - sessions["start"][pods["viewer"]]) // 600
        assert ((place % 3 > 0) == pods["placement"]).all()
        slots[pods["viewer"], place] = pods["slots"]
    return slots.reshape(n, 2, 3)


def test_breaks_come_up_as_often_as_they_should_and_have_their_slots() -> None:
    settings = StructuredPods()
    for j, place in enumerate((settings.pre_roll, settings.mid_roll, settings.mid_roll)):
        whole = sum(place.slots.values())
        shares = [1 - place.share, *(place.share * place.slots.get(k, 0.0) / whole for k in range(1, 4))]
        for title in range(2):
            counts = np.bincount(breaks_of_an_hour()[:, title, j], minlength=4)
            expect_shares(counts, shares, 6, f"place {j} of title {title}")


def test_breaks_have_nothing_to_do_with_one_another() -> None:
    places = breaks_of_an_hour().reshape(-1, 6).T
    pairs = [(a, b) for a in range(6) for b in range(a)]
    for a, b in pairs:
        expect_independent(places[a], places[b], len(pairs), f"places {b} and {a}")


# People.

PEOPLE = Population(viewers=150_000)
REGIONS = [0.47, 0.29, 0.07, 0.17]


@cache
def everyone() -> NDArray[np.void]:
    return people(PEOPLE, 20261102, REGIONS, Habits().device_weights(), Content().weights())


def test_households_are_as_large_as_they_should_be() -> None:
    sizes = np.bincount(everyone()["household"])[:-1]  # the last one may be cut
    mean = PEOPLE.household_size - 1
    shares = [math.exp(-mean) * mean**k / math.factorial(k) for k in range(6)]
    counts = np.bincount((sizes - 1).clip(0, 6), minlength=7)
    expect_shares(counts, [*shares, 1 - sum(shares)])


def test_traits_have_their_shares_and_go_their_own_ways() -> None:
    viewers = everyone()
    shares = {
        "age_band": PEOPLE.age_bands,
        "gender": PEOPLE.genders,
        "device": Habits().device_weights(),
        "genre": Content().weights(),
    }
    for name, wanted in shares.items():
        counts = np.bincount(viewers[name], minlength=len(wanted))
        expect_shares(counts, list(wanted), 5, name)
    _, first = np.unique(viewers["household"], return_index=True)
    expect_shares(np.bincount(viewers["region"][first], minlength=4), REGIONS, 5, "region of households")
    assert (viewers["region"] == viewers["region"][first][viewers["household"]]).all()

    # One of a household, as its members share their region.
    activity = np.digitize(viewers["activity"], np.quantile(viewers["activity"], [0.25, 0.5, 0.75]))
    traits = {name: viewers[name][first].astype(np.int64) for name in (*shares, "region")}
    traits["activity"] = activity[first]
    names = list(traits)
    pairs = [(a, b) for i, a in enumerate(names) for b in names[:i]]
    for a, b in pairs:
        expect_independent(traits[a], traits[b], len(pairs), f"{a} with {b}")


def test_activity_is_a_gamma_of_its_shape() -> None:
    relative = everyone()["activity"] / ACTIVITY_ONE
    n, shape = len(relative), PEOPLE.activity_shape
    assert relative.mean() == pytest.approx(1, abs=1e-4)
    # A gamma of mean 1 has the variance 1/k, whose sample value has the relative error √((2 + 6/k) / n); the
    # share below the mean divided by k is that of a standard gamma below 1, as a series: e⁻¹ Σ 1/Γ(k + 1 + i).
    error = math.sqrt((2 + 6 / shape) / n)
    expect_standard((relative.var() * shape - 1) / error, 2)
    below = math.exp(-1) * sum(1 / math.gamma(shape + 1 + i) for i in range(40))
    expect_rate((relative <= 1 / shape).sum(), n, below, 2)
