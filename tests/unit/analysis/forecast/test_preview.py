"""The preview's arithmetic, held against markets that are played, and against sums made otherwise."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis.forecast.cap_windows import cap_windows
from analysis.forecast.chances import chances
from analysis.forecast.drawn import share_let_through
from analysis.forecast.preview import preview
from analysis.forecast.proposal import Proposal, from_terms
from analysis.forecast.sessions import Counts, arrivals
from analysis.forecast.windows import capped, mean, of_households
from analysis.forecast.world import Arm, World, world_of
from analysis.runs.playing import play
from scenarios.loader import load
from sim.book.records import BookedCap
from sim.events import FUNNEL, Hour

VIEWERS = 16_000
SMOKE = ("market.weather=none", f"market.population.viewers={VIEWERS}", "market.shards=1")
TV_DRAMA = {"include": {"device": ["tv"], "genre": ["drama"]}}
HALF_KNOWN = "market.identity.match_rate=0.5"
HOUSEHOLDS, POISSON = "market.identity.counted_by=household", "market.viewing.exposure=poisson"
EQUAL = ("market.days=9", "market.population.activity=equal")
"""Longer, with viewers of few kinds."""
BLOCK = 10
"""Viewers in a row, of whom few share a household with another block."""


def cap(limit: int, unit: str, count: int = 1) -> dict[str, object]:
    return {"max_impressions": limit, "unit": unit, "unit_count": count}


def asked(settings: tuple[str, ...] = (), **terms: Any) -> tuple[World, Proposal]:
    loaded = load("smoke", [*SMOKE, *settings])
    proposal = from_terms({"max_cpm": 28, **terms}, loaded.scenario.market, 1000)
    return world_of(loaded, proposal), proposal


def shown(arm: Arm) -> tuple[float, float, float]:
    """Return the slots that match, the billed impressions, and the standard error of those by viewers."""
    counts: NDArray[np.int64] = np.zeros(VIEWERS, np.int64)
    matched = 0

    def add(hour: Hour) -> None:
        nonlocal matched
        matched += int(hour.funnel[0, FUNNEL.index("requests_matched")])
        won = hour.won
        billed = won[(won["rendered"] == 1) & (won["invalid"] == 0)]
        counts[:] += np.bincount(billed["viewer_id"], minlength=VIEWERS)

    play(arm.scenario, arm.book, add)
    blocks = counts.reshape(-1, BLOCK).sum(axis=1)
    return matched, counts.sum(), blocks.std(ddof=1) * len(blocks) ** 0.5


@pytest.mark.parametrize(
    ("settings", "terms"),
    [
        ((), {"frequency_caps": [cap(3, "day")], "targeting": TV_DRAMA}),
        ((), {"frequency_caps": [cap(1, "hour")]}),
        ((), {"frequency_caps": [cap(1, "hour"), cap(3, "day")]}),
        ((), {"frequency_caps": [cap(2, "day"), cap(3, "lifetime")]}),
        ((), {"frequency_caps": [cap(2, "hour"), cap(3, "day", 2)]}),
        ((), {"frequency_caps": [cap(1, "hour", 4), cap(3, "lifetime")]}),
        ((), {"frequency_caps": [cap(10, "hour"), cap(20, "day")]}),
        ((), {"frequency_caps": [cap(4, "hour"), cap(20, "day")]}),
        ((), {"frequency_caps": [cap(2, "hour", 5), cap(3, "hour", 7)]}),
        ((), {"frequency_caps": [cap(2, "stream")], "targeting": {"include": {"placement": ["mid_roll"]}}}),
        ((HALF_KNOWN,), {"frequency_caps": [cap(2, "stream"), cap(1, "hour"), cap(5, "day")]}),
        ((HOUSEHOLDS,), {"frequency_caps": [cap(3, "day")]}),
        ((HOUSEHOLDS,), {"frequency_caps": [cap(1, "hour"), cap(3, "day")]}),
        ((HOUSEHOLDS,), {"frequency_caps": [cap(1, "hour"), cap(3, "day"), cap(4, "lifetime")]}),
        (("market.identity.counted_by=device",), {"frequency_caps": [cap(2, "minute", 30)]}),
        (("market.identity.match_rate=0.6",), {"frequency_caps": [cap(2, "day")], "targeting": TV_DRAMA}),
        ((POISSON,), {"frequency_caps": [cap(4, "lifetime")]}),
        ((POISSON, HOUSEHOLDS), {"frequency_caps": [cap(2, "minute", 90)]}),
        (("market.pods=dynamic",), {"frequency_caps": [cap(2, "day")], "dayparts": [{"hours": ["18-23"]}]}),
    ],
    ids=str,
)
def test_capped_avails_are_those_of_a_market_that_is_played(
    settings: tuple[str, ...], terms: dict[str, Any]
) -> None:
    world, proposal = asked(settings, **terms)
    arm = world.alone(proposal)
    found = preview(arm.scenario.market, arm.book)
    matched, impressions, error = shown(arm)
    if "dayparts" not in terms:
        assert found.matched == pytest.approx(matched, rel=0.05)
    assert abs(found.possible - impressions) <= 0.02 * impressions + 3 * error
    assert 3 * error < 0.04 * impressions  # or the comparison would say little


def test_one_more_cap_never_lets_more_through() -> None:
    hours, days = (("hour", many) for many in (1, 2, 4, 12)), (("day", 1), ("day", 2))
    windows = [*hours, *days, ("week", 1), ("lifetime", 1)]
    world, proposal = asked(EQUAL, frequency_caps=[cap(1, *window) for window in windows])
    arm = world.alone(proposal)
    rng, compared = random.Random(1), 0
    for _ in range(36):
        caps = [replace(one, limit=rng.choice((1, 2, 3, 5))) for one in rng.sample(arm.book.caps, 3)]
        found = [_summed(arm, caps[:count]) for count in range(4)]
        for fewer, more in pairwise(found):
            if fewer is not None and more is not None:
                assert more <= fewer * (1 + 1e-9), caps
                compared += 1
    assert compared > 60


def _summed(arm: Arm, caps: list[BookedCap]) -> float | None:
    # The avails that sums say, None where they do not.
    item = replace(arm.book.line_items[0], caps=tuple(range(len(caps))))
    market, book = arm.scenario.market, replace(arm.book, caps=tuple(caps), line_items=(item,))
    summed = cap_windows(market, book, np.ones(market.horizon.hours, bool)) is not None
    return preview(market, book).possible if summed else None


def test_kinds_of_viewers_are_a_whole() -> None:
    world, proposal = asked()
    found = chances(world.market, world.alone(proposal).book)
    assert found.weight.sum() == pytest.approx(1)
    assert found.weight @ found.activity == pytest.approx(1, rel=1e-3)
    some, aimed = asked(targeting={"include": {"age_band": ["18_24"]}})
    bands = some.market.population.age_bands
    share = chances(some.market, some.alone(aimed).book).weight.sum()
    assert share == pytest.approx(bands[0] / sum(bands))


def test_a_higher_cap_lets_more_through_and_none_lets_all() -> None:
    found = []
    for caps in ([cap(1, "day")], [cap(2, "day")], [cap(60, "day")], []):
        world, proposal = asked(frequency_caps=caps)
        arm = world.alone(proposal)
        found.append(preview(arm.scenario.market, arm.book))
    possible = [one.possible for one in found]
    assert possible == sorted(possible)
    assert found[3].possible == found[3].uncapped < found[3].matched
    assert found[2].possible == pytest.approx(found[2].uncapped, rel=0.001)


@pytest.mark.parametrize(
    ("settings", "caps"),
    [
        ((), [cap(1, "hour"), cap(3, "day")]),
        ((), [cap(20, "lifetime")]),
        ((HOUSEHOLDS,), [cap(2, "day")]),
        ((POISSON,), [cap(1, "hour"), cap(2, "day")]),
        ((POISSON, HOUSEHOLDS, HALF_KNOWN), [cap(3, "lifetime")]),
    ],
    ids=str,
)
def test_people_who_are_drawn_see_what_sums_say(settings: tuple[str, ...], caps: list[Any]) -> None:
    world, proposal = asked(settings, frequency_caps=caps)
    arm = world.alone(proposal)
    market, book = arm.scenario.market, arm.book
    opened = np.ones(market.horizon.hours, bool)
    assert cap_windows(market, book, opened) is not None
    reckoned = preview(market, book)
    drawn = share_let_through(
        market, book, chances(market, book), arrivals(market, market.horizon.hours), opened
    )
    assert drawn == pytest.approx(reckoned.possible / reckoned.uncapped, rel=0.015)


def test_an_hour_within_a_day_never_counts_more_than_the_day() -> None:
    counts = Counts([1, 3], [(0,), (0, 1)])
    # (0, 0), (0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)
    assert counts.last.tolist() == [0, 1, 2, 3, 1, 2, 3]
    assert counts.after.tolist() == [4, 5, 6, 3, 4, 5, 6]
    assert counts.anew.tolist() == [[0, 1, 2, 3, 1, 2, 3], [0] * 7]


def test_caps_within_caps_are_sums_over_all_that_may_come() -> None:
    # Two days of two windows each, at most 1 a window, 2 a day and 3 in all; made by hand.
    chance = np.array([[0.5], [0.3], [0.2]])
    windows = [((place, place // 2, 0), chance) for place in range(4)]
    by_hand = sum(
        math.prod(chance[count, 0] for count in counts)
        * min(sum(min(sum(min(n, 1) for n in day), 2) for day in (counts[:2], counts[2:])), 3)
        for counts in product(range(3), repeat=4)
    )
    assert capped(windows, [1, 2, 3])[0] == pytest.approx(by_hand)


def test_a_household_is_one_person_and_a_poisson_number_of_others() -> None:
    # A Poisson number for each person; 1 + Poisson(1.5) of them have a mean that is known.
    rate, size, levels = 0.7, 2.5, 40
    person = np.array([[math.exp(-rate) * rate**n / math.factorial(n)] for n in range(levels + 1)])
    found = of_households(person, size)
    assert found.sum() == pytest.approx(1)
    assert mean(found)[0] == pytest.approx(rate * size)
    # Nobody has any: e**-rate for the first, and a Poisson number of others without.
    assert found[0, 0] == pytest.approx(math.exp(-rate - (size - 1) * (1 - math.exp(-rate))))
