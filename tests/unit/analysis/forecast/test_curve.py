"""Where the answer turns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from analysis.forecast.curve import CLOSE, _one, _percent, _percent_cents, _Search, curve
from analysis.forecast.simulated import Asked, simulated, tries_on
from entities.errors import InputError
from tests.unit.analysis.forecast.small import asked

CAPPED = {"frequency_caps": [{"max_impressions": 1, "unit": "day"}]}


@pytest.fixture(scope="module")
def request_for_much() -> Asked:
    # All of three seeds are enough for yes where four tenths are asked for.
    return replace(asked(450, 3, **CAPPED), threshold=0.4)


def test_a_cap_that_is_too_low_turns_where_one_more_does_it(request_for_much: Asked) -> None:
    with tries_on(1) as tries:
        found = simulated(request_for_much, tries)
        drawn = curve(request_for_much, "cap", found, tries)
    assert found.full.successes == 0
    assert drawn.turns is not None
    assert drawn.told.startswith(f"yes from {drawn.turns} a day, ")
    known = {point.value: point for point in drawn.points}
    assert known[drawn.turns].full.seeds == 3
    assert known[drawn.turns].full.low >= 0.4
    assert drawn.turns - 1 in known  # which was tried, and does not do it
    assert known[drawn.turns - 1].full.low < 0.4
    assert [point.value for point in drawn.points] == sorted(known)
    shares = [point.delivered for point in drawn.points]
    assert shares[0] < shares[-1]


def test_no_price_buys_what_is_not_there() -> None:
    request = asked(900, 2, **CAPPED)  # of 300 viewers
    with tries_on(1) as tries:
        found = simulated(request, tries)
        drawn = curve(request, "cpm", found, tries)
    assert drawn.turns is None
    assert drawn.told == "no CPM up to 224.00 does it"
    assert [point.value for point in drawn.points] == [28_000, 224_000]


def test_of_several_caps_the_first_is_sought_and_the_others_are_named() -> None:
    caps = [{"max_impressions": 1, "unit": "hour"}, {"max_impressions": 4, "unit": "day", "unit_count": 2}]
    request = asked(900, 2, frequency_caps=caps)
    with tries_on(1) as tries:
        drawn = curve(request, "cap", simulated(request, tries), tries)
    assert drawn.told == "no limit an hour does it beside 4 in 2 days, however high"


@pytest.mark.parametrize("apart", [_one, _percent, _percent_cents])
@pytest.mark.parametrize("turn", [120, 137, 999, 1500])
def test_the_search_ends_beside_where_it_turns(
    apart: Callable[[int, int], int | None], turn: int, request_for_much: Asked
) -> None:
    nothing_is_played: Any = None
    search = _Search(request_for_much, nothing_is_played, lambda _: request_for_much.proposal)
    for no, yes in ((100, 2000), (2000, 100)):  # a price must reach it, a size must not pass it

        def does(value: int, up: bool = yes > no) -> bool:
            return value >= turn if up else value <= turn

        found = search.between(no, yes, does, apart)
        assert does(found)
        assert abs(found - turn) <= max(turn * CLOSE, 10)


def test_a_cap_cannot_turn_where_there_is_none() -> None:
    request = asked(100, 2)
    not_needed: Any = None
    with tries_on(1) as tries, pytest.raises(InputError, match="curve cap: the booking has no frequency cap"):
        curve(request, "cap", not_needed, tries)
