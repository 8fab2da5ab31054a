"""Ad breaks of the next hour are made while an hour is recorded: each once, in order, none beyond the end."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import pytest

from sim import kernels
from sim.engine.executors.here import here
from sim.engine.run import simulate
from sim.events import Hour
from sim.market.rhythm import WARM_UP_HOURS
from tests.bookings import book, campaign, line_item, market

WORKERS = pytest.mark.parametrize("workers", [1, 2])


class Watched:
    """The compiled loops, and which hours of breaks were made for whom; in one of them something happens."""

    def __init__(self, happens: Callable[[], None] | None = None) -> None:
        self.hours: defaultdict[int, list[int]] = defaultdict(list)
        """By the id of a batch's first viewer."""
        self.threads: set[int] = set()
        self._happens = happens

    def __getattr__(self, name: str) -> Any:
        return getattr(kernels, name)

    def session_breaks(self, hour: int, viewing: Any, viewers: Any, *more: Any) -> Any:
        """Return the breaks of an hour."""
        if hour == 3 and self._happens:
            self._happens()
        self.hours[int(viewers["id"][0])].append(hour)
        if hour >= 0:
            self.threads.add(threading.get_ident())
        return kernels.session_breaks(hour, viewing, viewers, *more)


def run(loops: Watched, workers: int, tick_minutes: int = 60) -> list[Hour]:
    """Return the hours of a day on these loops."""
    hours: list[Hour] = []
    where = market(days=1, tick_minutes=tick_minutes)
    booked = book([campaign([line_item(lifetime_budget=9)])], where)
    with here(workers) as threads:
        simulate(where, booked, 1, hours.append, threads, loops)  # type: ignore[arg-type] # a stand-in
    return hours


@WORKERS
@pytest.mark.parametrize("tick_minutes", [60, 20])
def test_each_hour_is_met_once_and_in_order(workers: int, tick_minutes: int) -> None:
    loops = Watched()
    run(loops, workers, tick_minutes)
    assert len(loops.hours) == workers
    for met in loops.hours.values():
        assert met == list(range(-WARM_UP_HOURS, 24))
    assert (loops.threads == {threading.get_ident()}) == (workers == 1)


def no_room() -> None:
    raise MemoryError("no room for ad breaks")


@WORKERS
def test_breaks_that_cannot_be_made_end_the_run(workers: int) -> None:
    with pytest.raises(MemoryError, match="no room for ad breaks"):
        run(Watched(no_room), workers)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("shard")]


def interrupted_in_numba() -> None:
    # As numba has it where Python raises something while a result is put together.
    raise SystemError("CPUDispatcher returned a result with an exception set") from KeyboardInterrupt()


def broken() -> None:
    raise SystemError("something else")


@WORKERS
def test_an_interrupt_within_a_compiled_call_is_one(workers: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(Watched(interrupted_in_numba), workers)
    with pytest.raises(SystemError, match="something else"):
        run(Watched(broken), workers)
