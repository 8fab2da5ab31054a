"""An opportunity meets its checks in a fixed order, and the first that fails is the reason that is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim import kernels, reference
from sim.auction import AuctionFormat
from sim.events import FUNNEL
from sim.reference.counters import remember
from tests.shapes import ALWAYS, PLENTY, Shape
from tests.worlds import World, counters_of, play, random_world

shape = Shape(
    items=2, advertisers=1, viewers=1, pods=1, ticks=1, bids=(25_000,), shaded=0.0, floors=(10_000,), leases=(PLENTY,),
    ambient="ties", presence=1.0, caps=1, linked=True, clocks=(0,), limits=(1,), creatives=1, bare=0.0, seconds=(30,),
    participation=(ALWAYS,), values=0, targeted=1.0, refused=0.0, open=1.0, live=1.0, outcomes=(0.0,), cold=True,
)  # fmt: skip
OURS, THEIRS = 0, 1


def against_us() -> World:
    """Return a pod of two slots in which everything speaks against line item OURS; THEIRS takes the first slot."""
    world = random_world(shape, 1)
    world.steps[0].pods["slots"] = 2
    for mask in world.book.masks[:-1]:
        mask[:] = 0b11
    world.book.line_items["caps"] = [1, 0]
    world.book.line_items["advertiser"] = 7
    world.book.creatives["seconds"][OURS] = world.book.line_items["shortest"][OURS] = 60
    world.market.ambient[:] = 20_000
    world.steps[0].tick.ambient_cells[:] = 1 << 20
    world.steps[0].tick.windows[:] = 5
    world.book.caps["items"] = 1
    remember(world.memory, counters_of(world), {(0, 0): (5, 1)}, [1])
    quotes = world.steps[0].tick.quotes[0]
    for name in ("open", "lifetime", "daily", "allowance", "participation"):
        quotes[name][OURS] = 0
    quotes["bid"][OURS] = quotes["max_bid"][OURS] = 9_000
    return world


def change(name: str, value: int) -> Callable[[World], None]:
    """Return what sets one field of our quote."""

    def made(world: World) -> None:
        world.steps[0].tick.quotes[0][name][OURS] = value

    return made


def shorter(world: World) -> None:
    world.book.creatives["seconds"][OURS] = world.book.line_items["shortest"][OURS] = 30


def next_window(world: World) -> None:
    world.steps[0].tick.windows[:] = 6


def another_advertiser(world: World) -> None:
    world.book.line_items["advertiser"][OURS] = 8


def bid_more(world: World) -> None:
    quotes = world.steps[0].tick.quotes[0]
    quotes["bid"][OURS] = quotes["max_bid"][OURS] = 15_000


def no_ambient(world: World) -> None:
    world.market.ambient[:] = 0


# What stops us in the first slot and in the second, and what would take that away.
LADDER: list[tuple[str, str, Callable[[World], None]]] = [
    ("blocked_daypart", "blocked_daypart", change("open", 1)),
    ("blocked_creative", "blocked_creative", shorter),
    ("blocked_budget_lifetime", "blocked_budget_lifetime", change("lifetime", 9_000)),
    ("blocked_budget_daily", "blocked_budget_daily", change("daily", 9_000)),
    ("blocked_allowance", "blocked_allowance", change("allowance", 9_000)),
    ("blocked_frequency_cap", "blocked_frequency_cap", next_window),
    ("blocked_throttle", "blocked_separation", another_advertiser),
    ("blocked_throttle", "blocked_throttle", change("participation", ALWAYS)),
    ("lost_below_floor", "lost_below_floor", bid_more),
    ("blocked_budget_lifetime", "blocked_budget_lifetime", change("lifetime", 15_000)),
    ("blocked_budget_daily", "blocked_budget_daily", change("daily", 15_000)),
    ("blocked_allowance", "blocked_allowance", change("allowance", 15_000)),
    ("lost_outbid", "lost_ambient", no_ambient),
    ("lost_outbid", "wins", no_ambient),
]


@pytest.mark.parametrize("serve", [kernels.serve_slots, reference.serve_slots], ids=["kernel", "reference"])
@pytest.mark.parametrize("rung", range(len(LADDER)))
def test_the_first_failing_check_is_the_reason(serve: Any, rung: int) -> None:
    world = against_us()
    for _, _, help_us in LADDER[:rung]:
        help_us(world)
    first, second, _ = LADDER[rung]
    (tick,) = play(world, serve, AuctionFormat.members()["first_price"]().price)
    counted = dict(zip(FUNNEL, tick.funnel[OURS].tolist(), strict=True))
    reasons = {name: n for name, n in counted.items() if n and name.startswith(("blocked_", "lost_", "wins"))}
    expected = {first: 2} if first == second else {first: 1, second: 1}
    assert reasons == expected
    assert counted["requests_matched"] == 2
    assert tick.events["line_item"].tolist() == ([THEIRS, OURS] if second == "wins" else [THEIRS])
    assert np.array_equal(tick.events["bid_micros"][:1], [25_000])
