"""What a large market costs its sites, its messages and its driver: `python -m tests.scale`, for sim/engine/SCALE.md.

Processor time, of one run each: nothing here is asserted.
"""

from __future__ import annotations

import argparse
import pickle
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from analysis.rows.counting import Counting
from analysis.rows.performance import SUMMED
from sim.engine.executors import Executor, Host
from sim.engine.executors.chosen import Chosen
from sim.engine.kept import Kept
from sim.engine.run import Simulation
from sim.engine.setup import Setup
from sim.engine.site import Site
from tests.bench import wide

HOURS, SITES, VIEWERS = 24, 4, 40_000


class Weighed(Executor):
    """One thread, where sites are hosted as if elsewhere: it counts what they are sent, and how long they work."""

    remote = False
    workers = 1
    sites = SITES

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.brought: Counter[str] = Counter()
        self.hosted: list[Site] = []

    def host(self, make: Callable[[], Any]) -> Host[Any]:
        made = make()
        self.hosted.append(made)
        return WeighedHost(self, made)

    def __exit__(self, *_: object) -> None:
        return


class WeighedHost(Host[Any]):
    def __init__(self, owner: Weighed, made: Any) -> None:
        self._owner, self._made = owner, made

    def begin(self, method: Any, *given: Any, **named: Any) -> Callable[[], Any]:
        name, owner, begun = method.__name__, self._owner, time.process_time()
        size = len(pickle.dumps((given, named), pickle.HIGHEST_PROTOCOL))
        owner.seconds["weighing"] += time.process_time() - begun
        begun = time.process_time()
        found = method(self._made, *given, **named)
        owner.seconds[name] += time.process_time() - begun
        begun = time.process_time()
        owner.calls[name] += 1
        owner.sent[name] += size
        owner.brought[name] += len(pickle.dumps(found, pickle.HIGHEST_PROTOCOL))
        owner.seconds["weighing"] += time.process_time() - begun
        return lambda: found


class LastHour:
    """Keeps a run before its last hour, and only looks at how much that is."""

    kept = None

    def __init__(self) -> None:
        self.state = 0

    def due(self, hour: int) -> bool:
        """Return whether it is the last but one."""
        return hour + 2 == HOURS

    def keep(self, kept: Kept) -> None:
        """Take note of its size."""
        self.state = sum(array.nbytes for array in kept.state.values())


def weighed(line_items: int, shards: int) -> list[str]:
    """Return a row: what a day of a market comes to for a tick, a site and a viewer."""
    from tests.bookings import book, market

    where = market(days=HOURS // 24, shards=shards, population={"viewers": VIEWERS})
    booked = book(wide(line_items), where)
    setup, clerk = Setup(where, booked, 1), Counting(line_items, len(booked.creatives), SUMMED)
    Simulation(setup, lambda _: None, Weighed(), clerk=clerk, sends=False).run()  # compiles, or loads
    executor, last, slots = Weighed(), LastHour(), [0]

    def sink(hour: Any) -> None:
        slots[0] += int(hour.inventory[..., 0].sum())

    simulation = Simulation(setup, sink, executor, keeper=last, clerk=clerk, sends=False)
    begun = time.process_time()
    simulation.run()
    total = time.process_time() - begun
    each = executor.seconds
    driver = total - sum(each.values())
    memory = sum(array.nbytes for site in executor.hosted for array in _memory(site))
    play = executor.calls["play"]
    return [
        f"{line_items:,}",
        f"{shards}",
        f"{slots[0] / HOURS:,.0f}",
        f"{driver / HOURS * 1000:.1f}",
        f"{each['play'] / slots[0] * 1e9:,.0f}",
        f"{each['foresee'] / slots[0] * 1e9:,.0f}",
        f"{each['close'] / slots[0] * 1e9:,.0f}",
        f"{executor.sent['play'] * SITES / play / shards / 1000:,.1f}",
        f"{executor.brought['play'] / play / 1000:,.1f}",
        f"{executor.brought['close'] / HOURS / SITES / 1000:,.1f}",
        f"{memory / VIEWERS:,.0f}",
        f"{last.state / VIEWERS:,.0f}",
    ]


def _memory(site: Site) -> list[Any]:
    state = site._batch.state
    return [state.viewers, state.sessions, state.homes, state.seen, state.counts[: int(state.used[0])]]


def round_trip(name: str, size: int, times: int = 200) -> float:
    """Return the median milliseconds of a call and its answer, of as many bytes each."""
    with Chosen(name).workers(2) as workers:
        host = workers.host(bytes)
        message, taken = b"x" * size, list[float]()
        for _ in range(times):
            begun = time.perf_counter()
            host.begin(bytes.join, [message])()  # what is joined with nothing is itself
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken) * 1000


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--largest", type=int, default=1000, help="line items of the largest book")
    largest = parser.parse_args().largest
    out = Console(width=140)
    names = (
        "line items",
        "shards",
        "slots an hour",
        "driver ms/tick",
        "play ns/slot",
        "breaks ns",
        "close ns",
    )
    names += ("order kB/shard", "brought kB/site", "closed kB/site", "memory B/viewer", "kept B/viewer")
    table = Table(*names, title=f"A day of {VIEWERS:,} viewers in {SITES} sites")
    for line_items in (10, 100, 1000, 3000):
        for shards in (8, 32, 128):
            if line_items > largest:
                continue
            print(f"measuring {line_items} line items, {shards} shards …", file=sys.stderr, flush=True)
            table.add_row(*weighed(line_items, shards))
    out.print(table)
    trips = Table("executor", "1 kB, ms", "1 MB, ms", title="A call and its answer")
    for name in ("serial", "threads", "processes", "ray"):
        trips.add_row(name, *(f"{round_trip(name, size):.2f}" for size in (1000, 1_000_000)))
    out.print(trips)


if __name__ == "__main__":
    main()
