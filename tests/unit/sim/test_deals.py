"""Deals, places in the pod and soft floors in markets of one slot, whose outcome is worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from sim import kernels, reference
from sim.auction import AuctionFormat
from sim.auction.soft_floor import SoftFloor
from sim.deal.guaranteed import PRIORITY
from sim.events import FUNNEL, INVENTORY
from sim.layout import FIRST, LAST
from tests.shapes import ALWAYS, PLENTY, Shape
from tests.worlds import Outcome, World, play, random_world

both = pytest.mark.parametrize(
    "serve", [kernels.serve_slots, reference.serve_slots], ids=["kernel", "reference"]
)
FLOOR, PLACE_FLOOR = 10_000, 12_500
shape = Shape(
    advertisers=50, viewers=1, pods=1, slots=1, ticks=1, shaded=0.0, leases=(PLENTY,), ambient="ties", presence=1.0,
    caps=0, creatives=1, bare=0.0, seconds=(30,), participation=(ALWAYS,), values=0, targeted=1.0, refused=0.0,
    open=1.0, live=1.0, outcomes=(0.0,), cold=True,
)  # fmt: skip


@dataclass(frozen=True)
class Bid:
    """One line item, of an advertiser of its own."""

    cpm: int
    floor: int | None = None
    """Its deal's own."""
    priority: int = 0
    ends: int = 0


def open_bid(cpm: int, ends: int = 0) -> Bid:
    return Bid(cpm, ends=ends)


def private(cpm: int, floor: int, ends: int = 0) -> Bid:
    return Bid(cpm, floor, ends=ends)


def guaranteed(cpm: int) -> Bid:
    return Bid(cpm, cpm, PRIORITY)


def market(bids: Sequence[Bid], ambient: int = 0, slots: int = 1, soft_floor: int = 0) -> World:
    """Return a pod whose slots have a floor of 10, or of 12.50 for a place, and *bids* in CPM for them."""
    world = random_world(replace(shape, items=len(bids)), 1)
    for mask in world.book.masks[:-1]:
        mask[:] = (1 << len(bids)) - 1
    world.book.masks.not_genre[:] = 0
    world.market.floors[:], world.market.position_floors[:] = FLOOR, PLACE_FLOOR
    world.market.ambient[:] = 1000 * ambient
    (step,) = world.steps
    step.tick.ambient_cells[:] = 1 << 20
    step.pods["slots"] = slots
    items = world.book.line_items
    for i, bid in enumerate(bids):
        items["advertiser"][i], items["category"][i] = i, -1
        items["floor"][i] = -1 if bid.floor is None else 1000 * bid.floor
        items["priority"][i], items["ends"][i] = bid.priority, bid.ends
        step.tick.quotes[0]["bid"][i] = step.tick.quotes[0]["max_bid"][i] = 1000 * bid.cpm
    return replace(world, market=world.market._replace(parameter=1000 * soft_floor))


def sold(world: World, serve: Any, kind: str) -> Outcome:
    (tick,) = play(world, serve, AuctionFormat.members()[kind]().price)
    return tick


def ends_of(tick: Outcome) -> list[str]:
    """Return where the bid of each line item ended."""
    ways = [name for name in FUNNEL if name.startswith(("blocked_", "lost_")) or name == "wins"]
    return [", ".join(w for w in ways if row[FUNNEL.index(w)]) for row in tick.funnel]


def stock(tick: Outcome, column: str) -> int:
    return int(tick.inventory[..., INVENTORY.index(column)].sum())


# Bids, ambient bid, format, soft floor; then who wins at which price above which floor, and what becomes of all.
WON, FLOORED, DEAL, AMBIENT, OUTBID = "wins", "lost_below_floor", "lost_deal", "lost_ambient", "lost_outbid"
CASES: dict[str, tuple[list[Bid], int, str, int, tuple[int, int, int] | None, list[str]]] = {
    "a guaranteed deal beside a richer open bid":
        ([open_bid(30), guaranteed(12)], 0, "second_price", 0, (1, 12, 12), [DEAL, WON]),
    "a guaranteed deal after it in the list":
        ([guaranteed(12), open_bid(30)], 0, "first_price", 0, (0, 12, 12), [WON, DEAL]),
    "a guaranteed deal below the floor and below outside demand":
        ([guaranteed(8), open_bid(11)], 14, "second_price", 0, (0, 8, 8), [WON, DEAL]),
    "two guaranteed deals":
        ([guaranteed(12), guaranteed(15)], 0, "second_price", 0, (1, 15, 15), [DEAL, WON]),
    "a deal of a higher priority":
        ([guaranteed(15), Bid(12, 12, PRIORITY + 1)], 0, "second_price", 0, (1, 12, 12), [DEAL, WON]),
    "who did not reach the floor lost to it, deal or not":
        ([open_bid(9), guaranteed(12), private(18, 20)], 0, "second_price", 0, (1, 12, 12), [FLOORED, WON, FLOORED]),
    "a private floor below the market's":
        ([private(7, 5)], 0, "second_price", 0, (0, 5, 5), [WON]),
    "a private floor below the market's, first price":
        ([private(7, 5)], 0, "first_price", 0, (0, 7, 5), [WON]),
    "a private bid beside an open one that is not heard":
        ([private(7, 5), open_bid(9)], 0, "second_price", 0, (0, 5, 5), [WON, FLOORED]),
    "a private bid beats none that is heard":
        ([private(7, 5), open_bid(12)], 0, "second_price", 0, (1, 10, 10), [OUTBID, WON]),
    "a private bid sets no price below the floor, but above it":
        ([private(11, 5), open_bid(12)], 0, "second_price", 0, (1, 11, 10), [OUTBID, WON]),
    "a private floor of nothing":
        ([private(1, 0)], 0, "second_price", 0, (0, 0, 0), [WON]),
    "a private floor above the market's, not reached":
        ([private(18, 20)], 0, "second_price", 0, None, [FLOORED]),
    "a private floor above the market's":
        ([private(25, 20), open_bid(15)], 0, "second_price", 0, (0, 20, 20), [WON, OUTBID]),
    "a private floor below a rival's bid":
        ([private(25, 20), open_bid(22)], 0, "second_price", 0, (0, 22, 20), [WON, OUTBID]),
    "a private bid and outside demand":
        ([private(7, 5)], 11, "second_price", 0, None, [AMBIENT]),
    "two private bids above their own floors":
        ([private(7, 5), private(6, 3)], 0, "second_price", 0, (0, 6, 5), [WON, OUTBID]),
    "above the soft floor, which is the price":
        ([open_bid(20), open_bid(12)], 0, "soft_floor", 16, (0, 16, 10), [WON, OUTBID]),
    "above the soft floor, a rival as well":
        ([open_bid(20), open_bid(18)], 0, "soft_floor", 16, (0, 18, 10), [WON, OUTBID]),
    "above the soft floor, outside demand as well":
        ([open_bid(20), open_bid(12)], 17, "soft_floor", 16, (0, 17, 10), [WON, OUTBID]),
    "at the soft floor":
        ([open_bid(16), open_bid(12)], 0, "soft_floor", 16, (0, 16, 10), [WON, OUTBID]),
    "between the floors":
        ([open_bid(15), open_bid(12)], 0, "soft_floor", 16, (0, 15, 10), [WON, OUTBID]),
    "below the hard floor":
        ([open_bid(9)], 0, "soft_floor", 16, None, [FLOORED]),
    "a soft floor below the hard one is inert":
        ([open_bid(12)], 0, "soft_floor", 8, (0, 10, 10), [WON]),
    "a private floor above the soft one is the least":
        ([private(25, 20)], 0, "soft_floor", 16, (0, 20, 20), [WON]),
    "a guaranteed deal knows no soft floor":
        ([guaranteed(12), open_bid(30)], 0, "soft_floor", 16, (0, 12, 12), [WON, DEAL]),
    "a place costs its premium":
        ([open_bid(20, FIRST)], 0, "second_price", 0, (0, 12.5, 12.5), [WON]),
    "a place that is not paid for":
        ([open_bid(12, LAST), open_bid(11)], 0, "second_price", 0, (1, 10, 10), [FLOORED, WON]),
    "a private floor knows no premium":
        ([private(12, 11, FIRST | LAST)], 0, "second_price", 0, (0, 11, 11), [WON]),
}  # fmt: skip


@both
@pytest.mark.parametrize("case", CASES)
def test_a_slot_is_sold_as_worked_out_by_hand(case: str, serve: Any) -> None:
    bids, ambient, kind, soft_floor, winner, became = CASES[case]
    tick = sold(market(bids, ambient, soft_floor=soft_floor), serve, kind)
    told = [
        (int(event["line_item"]), event["price_micros"] / 1000, event["floor_micros"] / 1000)
        for event in tick.events
    ]
    assert told == ([] if winner is None else [winner])
    assert ends_of(tick) == became


@both
def test_outside_demand_pays_by_the_soft_floor_too(serve: Any) -> None:
    paid = [
        stock(
            sold(market([open_bid(11)], ambient, soft_floor=16), serve, "soft_floor"),
            "revenue_ambient_micros",
        )
        for ambient in (15, 20)
    ]
    assert paid == [15_000, 16_000]


@both
def test_equal_guaranteed_prices_are_decided_by_the_hash_that_decides_equal_bids(serve: Any) -> None:
    winners = [
        [int(event["line_item"]) for event in sold(market([bid] * 4, slots=3), serve, "first_price").events]
        for bid in (open_bid(20), guaranteed(20))
    ]
    assert winners[0] == winners[1]
    assert len(set(winners[0])) == 3


@both
def test_a_deal_that_may_not_spend_leaves_the_slot_to_the_auction(serve: Any) -> None:
    world = market([guaranteed(12), open_bid(11)])
    world.steps[0].tick.quotes[0]["allowance"][0] = 11_999
    tick = sold(world, serve, "second_price")
    assert ends_of(tick) == ["blocked_allowance", "wins"]
    assert tick.events["price_micros"].tolist() == [10_000]


@both
@pytest.mark.parametrize("slots", [1, 2, 3])
def test_who_buys_a_place_matches_no_other(serve: Any, slots: int) -> None:
    ends = [0, FIRST, LAST, FIRST | LAST]
    tick = sold(market([open_bid(20, each) for each in ends], slots=slots), serve, "first_price")
    matched = tick.funnel[:, FUNNEL.index("requests_matched")].tolist()
    assert matched == [slots, 1, 1, min(slots, 2)]
    assert tick.events["pod_slots"].tolist() == [slots] * len(tick.events)


def test_a_soft_floor_at_the_bid_or_below_is_second_price_and_above_all_bids_first_price() -> None:
    second, first = (AuctionFormat.members()[kind]().price for kind in ("second_price", "first_price"))
    cases = [(20_000, 12_000, 15_000, 10_000), (20_000, 0, 0, 10_000), (20_000, 20_000, 0, 10_000)]
    for case in cases:
        assert SoftFloor().price(*case, 10_000) == second(*case, 0)
        assert SoftFloor().price(*case, 20_001) == first(*case, 0)
    assert SoftFloor(soft_floor_cpm=12.345).parameter == 12_345
