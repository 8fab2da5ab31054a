"""What the laws of a tick are checked on: markets that Hypothesis draws, served by the compiled kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim import kernels, layout
from sim.auction import AuctionFormat
from sim.events import FUNNEL, INVENTORY, NO_GENRE
from tests.shapes import ALWAYS, PLENTY, Shape
from tests.worlds import Outcome, World, play, random_world

laws = settings(max_examples=30)
seeds = st.integers(0, 2**32 - 1)
kinds = st.sampled_from(sorted(AuctionFormat.members()))
shapes = st.builds(
    Shape,
    items=st.sampled_from([1, 2, 3, 5, 10, 65]),
    advertisers=st.sampled_from([1, 3, 50]),
    categories=st.sampled_from([0, 2]),
    viewers=st.integers(1, 4),
    pods=st.integers(1, 20),
    slots=st.sampled_from([1, 3, 15]),
    ticks=st.integers(1, 4),
    bids=st.sampled_from([(10_000,), (0, 1, 2), (9_000, 10_000, 25_000)]),
    floors=st.sampled_from([(0,), (1,), (0, 9_000, 10_000)]),
    leases=st.sampled_from([(PLENTY,), (0, PLENTY), (40_000, 90_000), (3, 100_000)]),
    ambient=st.sampled_from(["none", "ties", "log_normal"]),
    caps=st.sampled_from([0, 1, 4]),
    linked=st.booleans(),
    limits=st.sampled_from([(1,), (1, 2, 3), (255,)]),
    participation=st.sampled_from([(ALWAYS,), (0, ALWAYS // 2, ALWAYS)]),
    values=st.sampled_from([0, 2]),
    targeted=st.sampled_from([0.7, 1.0]),
    cold=st.just(True),
    own_floors=st.sampled_from([(-1,), (-1, 0, 9_500), (-1, 1)]),
    priorities=st.sampled_from([(0,), (0, 0, 8), (0, 7, 8)]),
    ends=st.sampled_from([(0,), (0, layout.FIRST, layout.LAST, layout.FIRST | layout.LAST)]),
    premium=st.sampled_from([1.0, 1.25]),
    parameters=st.sampled_from([(0,), (1,), (9_800,)]),
)
free = Shape(
    ambient="none",
    bare=0.0,
    items=6,
    categories=2,
    leases=(PLENTY,),
    caps=0,
    participation=(ALWAYS,),
    values=0,
    open=1.0,
    seconds=(15, 30),
)
"""A market in which nothing but targeting and separation keeps a line item from bidding."""


def served(shape: Shape, seed: int, kind: str = "second_price") -> tuple[World, list[Outcome]]:
    """Return a world as it was, and what the kernel made of each of its ticks."""
    world = random_world(shape, seed)
    return world, play(world.copy(), kernels.serve_slots, AuctionFormat.members()[kind]().price)


def column(table: NDArray[np.int64], name: str) -> NDArray[np.int64]:
    names = FUNNEL if table.shape[-1] == len(FUNNEL) else INVENTORY
    return table[..., names.index(name)]


def by_item(world: World, events: NDArray[np.void], amounts: NDArray[Any] | None = None) -> list[int]:
    sums = [0] * len(world.book.line_items)
    for i, amount in zip(
        events["line_item"], np.ones(len(events)) if amounts is None else amounts, strict=True
    ):
        sums[i] += int(amount)
    return sums


def billed(events: NDArray[np.void]) -> NDArray[np.void]:
    return events[(events["rendered"] == 1) & (events["invalid"] == 0)]


def admits(mask: NDArray[np.uint64], i: int) -> bool:
    return bool(int(mask[i // 64]) >> (i % 64) & 1)


def targeted(world: World, tick: layout.TickArrays, pod: Any, i: int) -> bool:
    """Return whether a pod is one that line item *i* is sold for."""
    masks, person = world.book.masks, world.memory.viewers[pod["viewer"]]
    genres = [g for g in (pod["genre"], pod["second_genre"]) if g != NO_GENRE]
    return (
        admits(tick.live, i)
        and admits(masks.kind[person["kind"]], i)
        and all(admits(masks.pod[k, pod[trait]], i) for k, trait in enumerate(layout.ONE_VALUED))
        and any(admits(masks.genre[g], i) for g in genres)
        and not any(admits(masks.not_genre[g], i) for g in genres)
    )


def in_place(world: World, pod: Any, position: int, i: int) -> bool:
    """Return whether a slot is one of those in the pod that line item *i* buys."""
    ends = int(world.book.line_items["ends"][i])
    last = position + 1 == pod["slots"]
    return (
        not ends or (position == 0 and bool(ends & layout.FIRST)) or (bool(last) and bool(ends & layout.LAST))
    )


def floor_for(world: World, pod: Any, i: int) -> int:
    """Return the floor that a bid of line item *i* must meet in a pod."""
    item, market = world.book.line_items[i], world.market
    floors = market.position_floors if item["ends"] else market.floors
    return int(item["floor"] if item["floor"] >= 0 else floors[pod["device"], pod["placement"]])
