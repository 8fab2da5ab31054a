"""What must not change a tick: the order of line items, who never bids, the format's price, another try."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from numpy.typing import NDArray

from sim import kernels, layout
from sim.auction import AuctionFormat
from tests.property.markets import kinds, laws, seeds, served, shapes
from tests.same import assert_same, assert_same_table
from tests.shapes import PLENTY, Shape
from tests.worlds import World, play, random_world, words


def bits(masks: NDArray[np.uint64], n: int) -> NDArray[np.bool_]:
    return np.stack([masks[..., i // 64] >> np.uint64(i % 64) & np.uint64(1) for i in range(n)], axis=-1) == 1


def reordered(world: World, order: NDArray[np.int64]) -> World:
    """Return the same market with its line items listed in another *order*."""

    def masks(table: NDArray[np.uint64]) -> NDArray[np.uint64]:
        return words(bits(table, len(order))[..., order])

    book, memory = world.book, world.memory
    steps = [
        step._replace(
            tick=step.tick._replace(
                quotes=step.tick.quotes[:, order].copy(),
                live=masks(step.tick.live),
                releases=step.tick.releases[:, :, order].copy(),
            )
        )
        for step in world.steps
    ]
    return World(
        book._replace(
            line_items=book.line_items[order].copy(),
            masks=layout.Masks(*(masks(table) for table in book.masks)),
        ),
        world.market,
        steps,
        memory._replace(seen=memory.seen[:, order].copy(), frequency=memory.frequency[order].copy()),
    )


@laws
@given(shapes, seeds, kinds)
def test_the_order_of_line_items_changes_nothing(shape: Shape, seed: int, kind: str) -> None:
    world, ticks = served(shape, seed, kind)
    order = np.random.default_rng(seed).permutation(shape.items)
    again = play(reordered(world.copy(), order), kernels.serve_slots, AuctionFormat.members()[kind]().price)
    for tick, other in zip(ticks, again, strict=True):
        events = other.events.copy()
        events["line_item"] = order[events["line_item"]]
        assert_same_table(tick.events, events, "events")
        for name in ("funnel", "frequency"):
            assert_same_table(getattr(tick, name)[order], getattr(other, name), name)
        assert_same_table(tick.quotes[:, order], other.quotes, "quotes")
        np.testing.assert_array_equal(tick.seen[:, order], other.seen)
        assert tick.counts == other.counts
        np.testing.assert_array_equal(tick.inventory, other.inventory)


@laws
@given(shapes, seeds, kinds)
def test_who_never_bids_changes_nothing_for_the_others(shape: Shape, seed: int, kind: str) -> None:
    world = random_world(shape, seed)
    silent, absent = world.copy(), world.copy()
    gone = seed % shape.items
    for quiet, away in zip(silent.steps, absent.steps, strict=True):
        quiet.tick.quotes[0]["participation"][gone] = 0
        away.tick.live[gone // 64] &= ~(np.uint64(1) << np.uint64(gone % 64))
    price = AuctionFormat.members()[kind]().price
    others = np.arange(shape.items) != gone
    for with_it, without in zip(
        play(silent, kernels.serve_slots, price), play(absent, kernels.serve_slots, price), strict=True
    ):
        assert_same_table(with_it.events, without.events, "events")
        np.testing.assert_array_equal(with_it.funnel[others], without.funnel[others])
        np.testing.assert_array_equal(with_it.inventory, without.inventory)


@laws
@given(shapes, seeds, kinds)
def test_the_same_tick_twice_is_the_same(shape: Shape, seed: int, kind: str) -> None:
    for once, twice in zip(served(shape, seed, kind)[1], served(shape, seed, kind)[1], strict=True):
        assert_same(once, twice)


@laws
@given(shapes, seeds)
def test_only_the_price_depends_on_the_format_while_money_is_no_object(shape: Shape, seed: int) -> None:
    rich = replace(shape, leases=(PLENTY,))
    first, second = served(rich, seed, "first_price")[1], served(rich, seed, "second_price")[1]
    for one, two in zip(first, second, strict=True):
        for name in set(one.events.dtype.names) - {"price_micros", "charged_micros"}:
            np.testing.assert_array_equal(one.events[name], two.events[name], err_msg=name)
        assert (one.events["price_micros"] >= two.events["price_micros"]).all()
