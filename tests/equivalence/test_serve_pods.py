"""The compiled tick of dynamic pods and the readable one give the same bytes; one place is one slot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim import kernels, reference
from sim.auction import AuctionFormat
from sim.events import FUNNEL
from sim.layout import FIRST, LAST
from tests.pods import dynamic_world, random_options
from tests.same import assert_same
from tests.shapes import ALWAYS, PLENTY, Shape, random_shape
from tests.worlds import SLOT_SECONDS, Outcome, World, play, random_world

FORMATS = sorted(AuctionFormat.members())
WORLDS, BLOCKS = 120, 3
calm = Shape(
    items=8, advertisers=50, shaded=0.0, leases=(PLENTY,), caps=0, creatives=3, bare=0.0, seconds=(6, 15, 30),
    participation=(ALWAYS,), targeted=1.0, refused=0.0, open=1.0, live=1.0,
)  # fmt: skip


def assert_equivalent(world: World, kind: str, where: str) -> list[Outcome]:
    """Assert that both kernels make the same of a world, and return what that is."""
    auction = AuctionFormat.members()[kind]()
    world = replace(world, market=world.market._replace(needs_rival=int(auction.needs_rival)))
    ref = play(world.copy(), reference.serve_pods, auction.price)
    fast = play(world.copy(), kernels.serve_pods, auction.price)
    for k, (ref_tick, fast_tick) in enumerate(zip(ref, fast, strict=True)):
        assert_same(ref_tick, fast_tick, f"{kind}, tick {k}, {where}:")
    return fast


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_markets(block: int) -> None:
    total = np.zeros(len(FUNNEL), np.int64)
    for seed in range(block, WORLDS, BLOCKS):
        shape = random_shape(np.random.default_rng(seed))
        kind = FORMATS[seed // BLOCKS % len(FORMATS)]
        for tick in assert_equivalent(dynamic_world(shape, seed), kind, f"seed {seed}, {shape}"):
            total += tick.funnel.sum(axis=0)
    never = {FUNNEL[k] for k in np.flatnonzero(total == 0)}
    # Who may share the pod with whom is part of the choice.
    assert never == {"blocked_separation"}


CORNERS: dict[str, tuple[Shape, dict[str, Any]]] = {
    "equal bids": (replace(calm, bids=(10_000,), ambient="ties"), {}),
    "one ad": (calm, {"ads": (1,)}),
    "fifteen ads": (replace(calm, items=24, advertisers=20, pods=2), {"lengths": (300,), "ads": (15,)}),
    "shorter than any ad": (replace(calm, seconds=(30, 60)), {"lengths": (15,)}),
    "of a second": (replace(calm, seconds=(1, 7, 13), pods=6), {"lengths": (61,), "usual": 11}),
    "all ends bought": (replace(calm, ends=(FIRST, LAST, FIRST | LAST), premium=1.25), {}),
    "all deals": (replace(calm, items=20, priorities=(1, 8, 15), own_floors=(0, 10_000)), {}),
    "more priorities than there is room for": (
        replace(calm, items=40, advertisers=40, priorities=tuple(range(16)), pods=6),
        {"lengths": (90,), "ads": (15,)},
    ),
    "one category": (replace(calm, categories=1, advertisers=4), {}),
    "one advertiser": (replace(calm, advertisers=1), {}),
    "drawn values": (replace(calm, values=3), {}),
    "ambient demand too long": (replace(calm, presence=1.0), {"usual": 100}),
}


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("kind", FORMATS)
def test_corners(corner: str, kind: str) -> None:
    shape, settings = CORNERS[corner]
    for seed in range(3):
        assert_equivalent(dynamic_world(shape, seed, **settings), kind, corner)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_pod_of_one_place_is_a_slot(kind: str) -> None:
    # Byte for byte: events, counters, leases and memory. The only difference is that the choice separates.
    price = AuctionFormat.members()[kind]().price
    won = 0
    for seed in range(40):
        shape = replace(random_shape(np.random.default_rng(seed)), slots=1, pods=40)
        slots = random_world(shape, seed)
        whole = slots.copy()
        for step in slots.steps:
            assert (step.pods["slots"] == 1).all()
            assert (step.pods["seconds"] == SLOT_SECONDS).all()
        for k, (one, other) in enumerate(
            zip(play(slots, kernels.serve_crowds, price), play(whole, kernels.serve_pods, price), strict=True)
        ):
            assert_same(one, other, f"{kind}, tick {k}, seed {seed}")
            won += len(one.events)
    assert won > 500


def test_the_best_sets_are_the_same() -> None:
    rng = np.random.default_rng(20261102)
    for k in range(600):
        options = random_options(
            rng,
            int(rng.integers(0, 14)),
            (6, 15, 20, 30),
            int(rng.choice([3, 10**7])),
            groups=6,
            ends=k % 2 == 0,
        )
        seconds, ads = int(rng.choice([0, 5, 30, 61, 90])), int(rng.integers(1, 6))
        fast = kernels.knapsack(options, seconds, ads)
        assert fast.tolist() == reference.knapsack(options, seconds, ads).tolist()
        for without in {-1, *options["advertiser"].tolist()}:
            fast_worth = kernels.worth(options, seconds, ads, without)
            assert fast_worth == reference.worth(options, seconds, ads, without)
