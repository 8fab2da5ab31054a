"""The compiled tick and the readable one give the same bytes in small random markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim import kernels, layout, reference
from sim.ambient.log_normal import LogNormalDemand
from sim.auction import AuctionFormat
from sim.events import FUNNEL, INVENTORY
from sim.tables import MOST_VALUE, tailed
from tests.same import assert_same, assert_same_table
from tests.shapes import ALWAYS, PLENTY, Shape, random_shape
from tests.worlds import Outcome, World, play, random_world

FORMATS = sorted(AuctionFormat.members())
WORLDS, BLOCKS, CROWDS = 200, 4, 30


def assert_equivalent(shape: Shape, seed: int, kind: str) -> list[Outcome]:
    """Assert that the kernels and their twin make the same of a random world, and return what that is."""
    return assert_equivalent_in(random_world(shape, seed), kind, f"seed {seed}, {shape}")


def assert_equivalent_in(ref_world: World, kind: str, where: str) -> list[Outcome]:
    """Assert it of a world that is at hand."""
    price = AuctionFormat.members()[kind]().price
    fast_world, untouched = ref_world.copy(), ref_world.copy()
    ref = play(ref_world, reference.serve_slots, price)
    fast = play(fast_world, kernels.serve_crowds, price)
    for k, (ref_tick, fast_tick) in enumerate(zip(ref, fast, strict=True)):
        assert_same(ref_tick, fast_tick, f"{kind}, tick {k}, {where}:")
    if not any(step.tick.bids_of for step in untouched.steps):
        lean = play(untouched.copy(), kernels.serve_slots, price)
        for k, (ref_tick, lean_tick) in enumerate(zip(ref, lean, strict=True)):
            assert_same(ref_tick, lean_tick, f"{kind}, without crowds, tick {k}, {where}:")
    for world in (ref_world, fast_world):  # what is sold is only read
        for before, after in zip(
            (*untouched.book[:-1], *untouched.book.masks), (*world.book[:-1], *world.book.masks), strict=True
        ):
            assert_same_table(before, after)
    return fast


def funnel(ticks: list[Outcome]) -> dict[str, int]:
    total = sum(tick.funnel.sum(axis=0) for tick in ticks)
    return dict(zip(FUNNEL, np.asarray(total).tolist(), strict=True))


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_markets(block: int) -> None:
    total = np.zeros(len(FUNNEL), np.int64)
    for seed in range(block, WORLDS, BLOCKS):
        shape = random_shape(np.random.default_rng(seed))
        for tick in assert_equivalent(shape, seed, FORMATS[seed // BLOCKS % len(FORMATS)]):
            total += tick.funnel.sum(axis=0)
    assert total.min() > 0, f"these markets never meet {FUNNEL[total.argmin()]}"


def crowd(seed: int) -> Shape:
    """Return a shape of a market in which nearly all of many line items match a pod: they bid in columns."""
    rng = np.random.default_rng(seed)
    few = {"ends": (0,), "held_out": (0,), "refused": 0.0, "targeted": 0.98, "open": 0.95}
    few["priorities"] = [(0,), (0, 0, 2)][rng.integers(2)]
    return replace(random_shape(rng), items=int(rng.choice([20, 24, 65])), **few)


def test_crowds() -> None:
    total = np.zeros(len(FUNNEL), np.int64)
    for seed in range(CROWDS):
        for tick in assert_equivalent(crowd(seed), seed, FORMATS[seed % len(FORMATS)]):
            total += tick.funnel.sum(axis=0)
    met = dict(zip(FUNNEL, total.tolist(), strict=True))
    assert [stage for stage, count in met.items() if count == 0] == ["ghosts"]


calm = Shape(
    items=5, advertisers=50, shaded=0.0, leases=(PLENTY,), ambient="none", caps=0, creatives=1, bare=0.0, seconds=(30,),
    participation=(ALWAYS,), values=0, targeted=1.0, refused=0.0, open=1.0, live=1.0, outcomes=(0.0, 0.5, 1.0),
)  # fmt: skip
capped = replace(calm, viewers=2, pods=16, caps=2, linked=True, limits=(1, 2), cold=True)

# A corner of the market; what must happen there, and what must not.
CORNERS: dict[str, tuple[Shape, str, str]] = {
    "a calm market": (calm, "wins", "blocked_budget_lifetime"),
    "one line item": (replace(calm, items=1, bids=(10_000,)), "wins", "lost_outbid"),
    "one advertiser": (replace(calm, advertisers=1, bids=(10_000,)), "blocked_separation", "blocked_throttle"),
    "equal bids": (replace(calm, bids=(10_000,)), "lost_outbid", "lost_below_floor"),
    "three words of line items": (replace(calm, items=130), "wins", "blocked_daypart"),
    "a floor above all bids": (replace(calm, floors=(30_000,)), "lost_below_floor", "wins"),
    "no floor": (replace(calm, floors=(0,)), "wins", "lost_below_floor"),
    "bids of nothing": (replace(calm, bids=(0,), floors=(0,)), "lost_below_floor", "wins"),
    "no budget": (replace(calm, leases=(0,)), "blocked_budget_lifetime", "bids"),
    "budgets that run out": (replace(calm, leases=(30_000, 70_000)), "blocked_budget_lifetime", "blocked_daypart"),
    "ambient demand everywhere": (replace(calm, ambient="log_normal", presence=1.0), "lost_ambient", "blocked_daypart"),
    "ambient demand that ties": (
        replace(calm, bids=(10_000,), ambient="ties", presence=1.0), "lost_ambient", "lost_below_floor"
    ),
    "no creative fits": (replace(calm, seconds=(31, 60)), "blocked_creative", "bids"),
    "some creatives fit": (replace(calm, creatives=4, seconds=(15, 30, 60)), "wins", "blocked_daypart"),
    "separated categories": (replace(calm, categories=1, slots=8), "blocked_separation", "blocked_creative"),
    "closed": (replace(calm, open=0.0), "blocked_daypart", "bids"),
    "not in flight": (replace(calm, live=0.0), "", "requests_matched"),
    "never taking part": (replace(calm, participation=(0,)), "blocked_throttle", "bids"),
    "almost always taking part": (replace(calm, participation=(ALWAYS - 1,)), "wins", "blocked_throttle"),
    "drawn values": (replace(calm, values=4), "wins", "blocked_daypart"),
    "genres excluded": (replace(calm, refused=0.4), "wins", "blocked_daypart"),
    "no ad break": (replace(calm, pods=0), "", "requests_matched"),
    "nobody to bid": (replace(calm, items=0), "", "requests_matched"),
    "every ad an error": (replace(calm, outcomes=(1.0,)), "wins", "blocked_daypart"),
    "caps by the tick": (replace(capped, clocks=(layout.CLOCK_TICK,)), "blocked_frequency_cap", "blocked_creative"),
    "caps by the minute": (
        replace(capped, clocks=(layout.CLOCK_MINUTE,), minutes=(7, 30)), "blocked_frequency_cap", "blocked_creative"
    ),
    "caps by the pod": (
        replace(capped, clocks=(layout.CLOCK_POD,), slots=8), "blocked_frequency_cap", "blocked_creative"
    ),
    "caps by the stream": (replace(capped, clocks=(layout.CLOCK_STREAM,)), "blocked_frequency_cap", "blocked_creative"),
    "caps of households": (
        replace(capped, clocks=(layout.CLOCK_TICK, layout.CLOCK_MINUTE), counted_by=layout.COUNTED_HOUSEHOLD, household=2),
        "blocked_frequency_cap", "blocked_creative",
    ),
    "caps of devices": (
        replace(capped, clocks=(layout.CLOCK_TICK, layout.CLOCK_MINUTE), counted_by=layout.COUNTED_DEVICE, pods=40),
        "blocked_frequency_cap", "blocked_creative",
    ),
    "half of the sessions matched": (replace(capped, pods=40, match=0.5), "blocked_frequency_cap", "blocked_creative"),
    "no session matched": (
        replace(capped, clocks=(layout.CLOCK_TICK, layout.CLOCK_MINUTE), match=0.0), "wins", "blocked_frequency_cap"
    ),
    "no session matched, caps of the player": (
        replace(capped, clocks=(layout.CLOCK_POD, layout.CLOCK_STREAM), match=0.0, slots=8),
        "blocked_frequency_cap", "blocked_creative",
    ),
    "pods at the same time": (
        replace(capped, overlap=True, clocks=(layout.CLOCK_MINUTE,), minutes=(1,)), "wins", "blocked_creative"
    ),
    "deals served ahead": (replace(calm, priorities=(0, 7, 8)), "lost_deal", "lost_ambient"),
    "nothing but deals": (replace(calm, priorities=(8,), bids=(10_000,)), "lost_deal", "lost_outbid"),
    "deals above outside demand": (
        replace(calm, priorities=(8,), ambient="log_normal", presence=1.0), "lost_deal", "lost_ambient"
    ),
    "floors of their own": (replace(calm, own_floors=(0, 10_001)), "lost_below_floor", "lost_deal"),
    "places that are bought": (
        replace(calm, ends=(0, 1, 2, 3), premium=2.0, floors=(10_000,)), "lost_below_floor", "lost_deal"
    ),
    "soft floors": (replace(calm, parameters=(9_500, 10_001, 20_000)), "wins", "lost_deal"),
    "the largest cap": (
        replace(capped, caps=8, viewers=1, pods=100, limits=(255,), cold=False),
        "blocked_frequency_cap", "blocked_creative",
    ),
}  # fmt: skip


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("kind", FORMATS)
def test_corners(corner: str, kind: str) -> None:
    shape, must, must_not = CORNERS[corner]
    total = funnel([tick for seed in range(3) for tick in assert_equivalent(shape, seed, kind)])
    assert total[must_not] == 0
    assert not must or total[must] > 0


DEAREST = 10_000_000  # micros: the highest CPM, 10,000


@pytest.mark.parametrize("kind", FORMATS)
def test_the_largest_settings_stay_within_64_bits(kind: str) -> None:
    # The readable tick counts with whole numbers of any size: where the compiled one overflows, they differ.
    shape = replace(
        calm, bids=(DEAREST,), values=2, ambient="log_normal", presence=0.5, leases=(10**15,), pods=16
    )
    for seed in range(5):
        world = random_world(shape, seed)
        world.book.line_items["form"] = layout.TAILED
        world.book.values[:] = tailed(lambda p: 2.0**70 * (p - 0.5) ** 3).row
        assert world.book.values.max() == MOST_VALUE
        demand = LogNormalDemand.model_validate(
            {"median_cpm": 10_000, "sigma": 3, "by_device": {"tv": 100}, "by_hour": {"0": 100}}
        )
        world = replace(world, market=world.market._replace(ambient=demand.table()))
        for step in world.steps:
            step.tick.ambient_cells[:] = round(demand.scale(0, "tv", "drama") * (1 << layout.FACTOR_BITS))
            step.pods["id"] += (50_000_000 << layout.POD_BITS) - (1 << layout.POD_BITS)
        for tick in assert_equivalent_in(world, kind, "the largest numbers"):
            assert set(tick.events["bid_micros"].tolist()) <= {DEAREST}
            assert (tick.events["slot_id"] > 0).all()
            paid = tick.inventory[..., INVENTORY.index("revenue_ambient_micros")]
            assert (paid >= 0).all()
            assert (
                paid.sum()
                <= tick.inventory[..., INVENTORY.index("filled_ambient")].sum() * layout.AMBIENT_MOST
            )
