"""The laws of an hour of viewing, checked on the ad breaks that the compiled kernel found."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from numpy.typing import NDArray

from sim.events import NO_GENRE
from sim.layout import POD_BITS, SESSION, Viewing
from tests.audiences import met, random_viewing
from tests.property.markets import laws, seeds
from tests.worlds import random_viewers

START, HOURS = -2, 5


def watched(seed: int) -> tuple[Viewing, NDArray[np.void], list[NDArray[np.void]], list[NDArray[np.int64]]]:
    """Return an audience, and its ad breaks and their index in some hours in a row."""
    rng = np.random.default_rng(seed)
    habits, viewers = random_viewing(rng), random_viewers(4, rng)
    sessions = np.zeros(len(viewers), SESSION)
    sessions["end"] = np.iinfo(np.int32).min
    hours = [met(START + h, habits, viewers, sessions) for h in range(HOURS)]
    return habits, viewers, [pods for pods, _ in hours], [first for _, first in hours]


@laws
@given(seeds)
def test_ad_breaks_come_in_order_and_are_found_by_their_second(seed: int) -> None:
    _, _, hours, index = watched(seed)
    for h, (pods, first) in enumerate(zip(hours, index, strict=True)):
        start = (START + h) * 3600
        order = list(zip(pods["second"].tolist(), pods["viewer"].tolist(), strict=True))
        assert order == sorted(order)
        assert all(start <= second < start + 3600 for second, _ in order)
        assert len(first) == 3601
        for second in {0, 1, 1800, 3599, *(pods["second"] - start)}:
            here = pods[first[second] : first[second + 1]]
            assert len(here) == (pods["second"] == start + second).sum()
            assert (here["second"] == start + second).all()


@laws
@given(seeds)
def test_a_viewer_meets_numbered_ad_breaks_one_after_the_other(seed: int) -> None:
    habits, viewers, hours, _ = watched(seed)
    pods = np.concatenate(hours)
    for v, viewer in enumerate(viewers["id"]):
        mine = pods[pods["viewer"] == v]
        assert mine["id"].tolist() == [(int(viewer) << POD_BITS) + n for n in range(len(mine))]
        assert all(a < b for a, b in pairwise(mine["second"].tolist()))
        assert all(a <= b for a, b in pairwise(mine["session"].tolist()))
        for session in set(mine["session"].tolist()):
            stretch = mine[mine["session"] == session]
            assert len(set(stretch["device"].tolist())) == 1
            assert stretch["second"].max() - stretch["second"].min() <= habits.lengths.max()


@laws
@given(seeds)
def test_titles_and_slots_are_what_the_habits_allow(seed: int) -> None:
    habits, viewers, hours, _ = watched(seed)
    for pod in np.concatenate(hours):
        assert pod["second_genre"] != pod["genre"]
        if habits.second_genre in (0, 1 << 32):
            assert (pod["second_genre"] == NO_GENRE) == (habits.second_genre == 0)
        if habits.top_10 in (0, 1 << 32):
            assert (pod["title_tier"] == 1) == (habits.top_10 == 0)
        if habits.genre_loyalty == 1 << 32:
            assert pod["genre"] == viewers["genre"][pod["viewer"]]
        if habits.device_loyalty == 1 << 32:
            assert pod["device"] == viewers["device"][pod["viewer"]]
        sizes = habits.sizes[pod["placement"], 1:].tolist()
        assert [pod["slots"], pod["seconds"]] in sizes
        assert pod["slot_seconds"] == habits.ad_seconds
        assert pod["placement"] == 0 or len(habits.breaks) > 1


@laws
@given(seeds)
def test_one_viewer_s_hour_does_not_depend_on_who_else_watches(seed: int) -> None:
    habits, viewers, hours, _ = watched(seed)
    alone = viewers[1:2]
    sessions = np.zeros(1, SESSION)
    sessions["end"] = np.iinfo(np.int32).min
    for h, pods in enumerate(hours):
        mine = pods[pods["viewer"] == 1]
        found, _ = met(START + h, habits, alone, sessions)
        for name in set(found.dtype.names) - {"viewer"}:
            np.testing.assert_array_equal(mine[name], found[name], err_msg=name)
