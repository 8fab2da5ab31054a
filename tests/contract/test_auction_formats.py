"""What every auction format promises about its price."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.replay.hindsight import best
from analysis.replay.replay import ReplayTerms, replay
from sim.auction import AuctionFormat
from sim.pacing.asap import Asap
from tests.logs import written

FORMATS = [member() for member in AuctionFormat.members().values()]
each = pytest.mark.parametrize("part", FORMATS, ids=lambda part: part.kind)
micros = st.integers(0, 10**9) | st.integers(0, 3)
some = settings(max_examples=60)


@st.composite
def won(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Return a winning bid, the best bid of another advertiser, the ambient bid and the floor."""
    *beaten, bid = sorted(draw(st.tuples(micros, micros, micros, micros)))
    rival, ambient, floor = draw(st.permutations(beaten))
    return bid, rival, ambient, floor


@each
@some
@given(prices=won())
def test_the_winner_pays_the_floor_at_least_and_its_bid_at_most(
    part: AuctionFormat, prices: tuple[int, int, int, int]
) -> None:
    bid, _, _, floor = prices
    assert floor <= part.price(*prices, part.parameter) <= bid


@each
@some
@given(prices=won())
def test_the_compiled_price_is_the_readable_one(
    part: AuctionFormat, prices: tuple[int, int, int, int]
) -> None:
    compiled = part.price.ctypes  # type: ignore[attr-defined]
    assert compiled(*prices, part.parameter) == part.price(*prices, part.parameter)
    assert compiled(*prices, part.parameter) == compiled(*prices, part.parameter)


@each
@some
@given(prices=won())
def test_its_law_takes_every_price_of_its_own_and_none_outside_floor_and_bid(
    part: AuctionFormat, prices: tuple[int, int, int, int]
) -> None:
    bid, rival, ambient, floor = prices
    paid = part.price(*prices, part.parameter)

    def right(price: int, most: int) -> bool:
        amounts = (np.array([amount], np.int64) for amount in (price, bid, max(floor, ambient)))
        return bool(part.equation(*amounts, lambda: np.array([most], np.int64))[0])

    # What a rival bid is not told, only what it may have bid at most, the winner's bid at the highest.
    assert right(paid, rival)
    assert right(paid, bid)
    assert not right(bid + 1, bid)
    assert part.discounts or not right(max(floor, ambient) - 1, bid)


@each
@some
@given(prices=won(), more=micros)
def test_it_keeps_what_it_declares(part: AuctionFormat, prices: tuple[int, int, int, int], more: int) -> None:
    bid, rival, ambient, floor = prices
    paid = part.price(*prices, part.parameter)
    if not part.needs_rival:
        assert paid == part.price(bid, 0, ambient, floor, part.parameter)
    if part.pays_bid:
        assert paid == bid
    if part.truthful:
        assert paid == part.price(bid + more, rival, ambient, floor, part.parameter)
    if not part.discounts:
        assert paid >= max(rival, ambient, floor)


@each
def test_an_equal_part_has_the_same_compiled_price(part: AuctionFormat) -> None:
    assert type(part)().price.address == part.price.address  # type: ignore[attr-defined]


def test_a_lone_bidder_pays_the_floor_or_its_bid() -> None:
    pays = {part.kind: part.price(25_000, 0, 0, 10_000, 0) for part in FORMATS}
    assert (pays["first_price"], pays["second_price"]) == (25_000, 10_000)


@some
@given(prices=won())
def test_second_price_is_the_best_that_anyone_else_would_have_paid(prices: tuple[int, int, int, int]) -> None:
    assert AuctionFormat.members()["second_price"]().price(*prices, 0) == max(prices[1:])


@each
@some
@given(
    rows=st.lists(st.tuples(st.integers(0, 50_000), st.integers(0, 50_000)), min_size=1, max_size=30),
    budget=st.integers(1, 400_000),
)
def test_a_replay_pays_its_price_and_knows_a_best_multiplier(
    part: AuctionFormat, rows: list[tuple[int, int]], budget: int
) -> None:
    log = written(*zip(*rows, strict=True))  # type: ignore[arg-type]
    left = budget
    for row, (value, rival) in zip(replay(log, Asap(), ReplayTerms(budget, part)).ticks, rows, strict=True):
        bid = min(value, left)
        left -= part.price(bid, rival, 0, 0, part.parameter) if 0 < bid >= rival else 0
        assert row.left_micros == left
    found = best(log, budget, part)
    assert found.spend_micros <= budget
    assert found.multiplier <= 1
