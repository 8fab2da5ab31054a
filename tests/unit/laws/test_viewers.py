"""Caps and reach, counted anew, against plain counting."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import laws
from tests.unit.laws.market import nowhere


def test_a_cap_is_counted_per_viewer_and_window() -> None:
    count = laws.CapCount(2, 10, "cap")
    assert count.add(np.array([1, 1, 2, 1]), np.array([0, 0, 0, 1])).holds
    verdict = count.add(np.array([1, 2]), np.array([1, 0]))
    assert (verdict.law, verdict.broken) == (4, 0)
    verdict = count.add(np.array([2, 1, 1]), np.array([0, 1, 2]))
    assert verdict.broken == 2
    assert [finding.where for finding in verdict.findings] == [
        "cap, viewer 1, window 1",
        "cap, viewer 2, window 0",
    ]


def test_nobody_breaks_no_cap() -> None:
    nobody = np.zeros(0, np.int64)
    assert laws.CapCount(1, 1, "cap").add(nobody, nobody).holds


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=30),
    st.integers(1, 3),
    st.integers(1, 4),
)
def test_caps_agree_with_a_counter(shown: list[tuple[int, int]], limit: int, parts: int) -> None:
    shown = sorted(shown, key=lambda one: one[1])  # windows come in order
    count = laws.CapCount(limit, 4, "cap")
    broken = 0
    for part in np.array_split(np.array(shown, np.int64).reshape(-1, 2), parts):
        broken += count.add(part[:, 0], part[:, 1]).broken
    assert (broken > 0) == any(times > limit for times in Counter(shown).values())


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 4), st.integers(0, 5)), max_size=40),
    st.sampled_from([1, 2, 3, 6]),
)
def test_reach_agrees_with_sets(shown: list[tuple[int, int, int]], step: int) -> None:
    count = laws.ReachCount(2, 5, (1, 2, 3))
    met: dict[int, Counter[int]] = {0: Counter(), 1: Counter()}
    for first in range(0, 6, step):
        part = [one for one in shown if first <= one[2] < first + step]
        columns = np.array(part, np.int64).reshape(-1, 3)
        new, viewers, frequency = count.add(columns[:, 0], columns[:, 1], columns[:, 2] - first, step)
        for hour in range(step):
            for item in (0, 1):
                seen = [viewer for owner, viewer, when in part if (owner, when) == (item, first + hour)]
                assert viewers[item, hour] == len(set(seen))
                assert new[item, hour] == len(set(seen) - set(met[item]))
                met[item].update(seen)
                times = met[item].values()
                wanted = [sum(1 for t in times if low <= t < high) for low, high in ((1, 2), (2, 3), (3, 99))]
                assert frequency[item, hour].tolist() == wanted


ROWS = {
    "new_viewers_hour": [2, 1, 1],
    "unique_viewers_hour": [2, 1, 2],
    "impressions": [3, 1, 2],
    "reach_to_date": [2, 1, 3],
    "impressions_to_date": [3, 1, 5],
    "freq_1": [1, 1, 1],
    "freq_2": [1, 0, 2],
    "freq_3_5": [0, 0, 0],
    "freq_6_9": [0, 0, 0],
    "freq_10_plus": [0, 0, 0],
}
OWNER = np.array([0, 1, 0])


@pytest.mark.parametrize("column", [None, *ROWS])
def test_reach_that_does_not_add_up_is_found(column: str | None) -> None:
    rows = {name: np.array(values) for name, values in ROWS.items()}
    if column:
        rows[column][2] += 4
    verdict = laws.reach(rows, OWNER, nowhere)
    assert (verdict.law, verdict.broken) == (9, int(column is not None))
    assert all(finding.where == "place 2" for finding in verdict.findings)


def test_sums_to_date_are_of_each_owner() -> None:
    assert laws.to_date(np.array([5, 1, 2, 3]), np.array([1, 0, 1, 0])).tolist() == [5, 1, 7, 4]
    assert laws.to_date(np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []
