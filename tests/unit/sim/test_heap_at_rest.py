"""A run looks for garbage only among its own objects, and leaves the collector as it found it."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from sim.engine.executors.here import here
from sim.engine.run import simulate
from sim.events import Hour
from tests.bookings import book, campaign, line_item, market


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    gc.freeze()  # as for all other tests


def counts_of_a_run(sink_fails: bool = False) -> list[int]:
    """Return how many objects were at rest in each hour."""
    where, counts = market(days=1), list[int]()

    def sink(hour: Hour) -> None:
        if len(counts) < 3:  # all objects of the tests are counted one by one
            counts.append(gc.get_freeze_count())
        if sink_fails:
            raise KeyboardInterrupt

    simulate(where, book([campaign([line_item(lifetime_budget=9)])], where), 1, sink, here())
    return counts


def test_what_there_was_before_is_at_rest_while_it_is_played() -> None:
    assert min(counts_of_a_run()) > 0
    assert gc.get_freeze_count() == 0
    with pytest.raises(KeyboardInterrupt):
        counts_of_a_run(sink_fails=True)
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize(("before", "within"), [(700, 400_000), (0, 0), (10**6, 10**6)])
def test_python_looks_for_garbage_less_often_but_not_more(before: int, within: int) -> None:
    ours, seen = gc.get_threshold(), set[int]()
    where = market(days=1)
    gc.set_threshold(before)
    try:
        sold = book([campaign([line_item(lifetime_budget=9)])], where)
        simulate(where, sold, 1, lambda _: seen.add(gc.get_threshold()[0]), here())
        assert seen == {within}
        assert gc.get_threshold()[0] == before
    finally:
        gc.set_threshold(*ours)


def test_what_somebody_put_aside_stays_there() -> None:
    gc.freeze()
    aside = gc.get_freeze_count()
    counts_of_a_run()
    assert 0 < gc.get_freeze_count() <= aside
