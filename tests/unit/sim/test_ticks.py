"""What ticks brought waits packed, and comes back as it was."""

import numpy as np
import pytest

from sim.engine.kept import PACKED_BYTES, Ticks, Told


def _tick(number: int, items: int) -> Told:
    luck = np.random.default_rng(number)
    funnel = luck.integers(-5, 1 << 40, (1, items, 45))
    return Told(funnel, np.zeros((1, 0, 2), np.int64), luck.poisson(0.1, (1, items, 258)).astype(np.int64))


@pytest.mark.parametrize("items", [1, 3, 200])
def test_they_come_back_as_they_were(items: int) -> None:
    ticks, waiting = [_tick(number, items) for number in range(5)], Ticks()
    for tick in ticks:
        waiting.add(tick)
    for found, given in zip(waiting.told(), Told.of(ticks), strict=True):
        assert found.dtype == given.dtype
        np.testing.assert_array_equal(found, given)


@pytest.mark.parametrize("items", [18, 200])
def test_of_many_line_items_or_hours_they_wait_in_little_memory(items: int) -> None:
    import tracemalloc

    tracemalloc.start()
    waiting = Ticks()
    for number in range(50):
        waiting.add(Told(np.zeros((1, items, 45), np.int64), *_tick(number, items)[1:]))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 50 * items * 258 * 8 / 5
    assert items * 258 * 8 > PACKED_BYTES
