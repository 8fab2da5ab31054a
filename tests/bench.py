"""How fast the market is: `make bench` prints medians beside their baselines, all measured in this run.

Each row runs in a process of its own, so that its peak memory is its own. Nothing here is asserted.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

REPEATS = 3
WIDTH = 92
"""Of the table, which is for a page and not for a terminal."""


class Clock:
    """Seconds on the wall and of all processors since it was made."""

    def __init__(self) -> None:
        self._wall, self._work = time.perf_counter(), time.process_time()

    def read(self) -> dict[str, float]:
        """Return both by name."""
        return {"seconds": time.perf_counter() - self._wall, "cpu": time.process_time() - self._work}


PLENTY = 1.0
BINDING = 0.2
"""Of the budgets of a crowd, over its line items: these are spent by all of them before the week is over."""


NEARLY_ALL = ({"exclude": {"genre": ["romance"]}},)


def crowd(line_items: int, part: float = PLENTY, wanted: Sequence[dict] = NEARLY_ALL) -> list:
    """Return campaigns of two line items each, all controls on, that want nearly every slot: the hardest case.

    Their budgets are a *part* of those that never bind; in turn they want what is *wanted*.
    """
    from tests.bookings import campaign, line_item

    def item(place: int) -> dict:
        return line_item(
            f"item {place}",
            max_cpm=15 + place % 11,
            lifetime_budget=round(60_000 * part),
            daily_budget=round(20_000 * part),
            pacing=("even", "traffic_shaped")[place % 2],
            bidding="truthful",
            valuation={"kind": "log_normal", "median": 0.9, "sigma": 0.15},
            targeting=wanted[place % len(wanted)],
            dayparts=[{"hours": "6-23"}],
            frequency_caps=[{"max_impressions": 3, "unit": "day"}, {"max_impressions": 1, "unit": "pod"}],
            creatives=[
                {
                    "asset_url": f"https://cdn.example.com/{seconds}.mp4",
                    "mime_type": "mp4",
                    "duration_s": seconds,
                }
                for seconds in (15, 30)
            ],
        )

    return [
        campaign(
            [item(2 * pair), item(2 * pair + 1)],
            advertiser=f"Advertiser {pair}",
            category=f"category_{pair % 20}",
            start="2026-11-02",
            end="2026-11-08",
            lifetime_budget=round(110_000 * part),
            frequency_caps=[{"max_impressions": 10, "unit": "week"}],
            advertiser_caps=[{"max_impressions": 30, "unit": "month"}],
        )
        for pair in range(line_items // 2)
    ]


def bare(line_items: int, part: float = PLENTY) -> list:
    """Return line items that all match every slot, without a cap, a target or a pace: the work of rlbidder.

    Its published auction has 48 bidders with a value each and a budget, and nothing else.
    """
    from tests.bookings import campaign, line_item

    values = {"kind": "log_normal", "median": 0.9, "sigma": 0.3}
    terms = {"lifetime_budget": round(60_000 * part), "pacing": "asap", "bidding": "truthful"}
    items = [line_item(f"item {n}", max_cpm=20, valuation=values, **terms) for n in range(line_items)]
    # An advertiser each, for ads of one do not follow on each other in a pod.
    return [
        campaign([item], advertiser=f"Advertiser {n}", start="2026-11-02", end="2026-11-08")
        for n, item in enumerate(items)
    ]


def wide(line_items: int, part: float = PLENTY) -> list:
    """Return a crowd of which each line item wants one genre on one device, so that at most 40 match a slot."""
    from entities.enums import DeviceType, Genre

    few = [{"include": {"genre": [genre], "device": [device]}} for genre in Genre for device in DeviceType]
    return crowd(line_items, part, few)


CROWDS = {"crowd": crowd, "bare": bare, "wide": wide}


def market_of(
    kind: str, line_items: int, workers: int, part: float = PLENTY, viewers: int = 60_000, days: int = 7
) -> dict[str, float]:
    """Return auctions, seconds and bid evaluations of a market of some CROWDS."""
    from sim.engine.executors.here import here
    from sim.engine.run import simulate
    from tests.bookings import book, market

    where = market(days=days, shards=16, population={"viewers": viewers})
    small = market(days=1, shards=16, population={"viewers": 500})
    booked = book(CROWDS[kind](line_items, part), where)
    with here(workers) as threads:
        simulate(
            small, book(CROWDS[kind](line_items), small), 1, lambda _: None, threads
        )  # compiles, or loads
        counts = np.zeros(2, np.int64)

        def sink(hour) -> None:  # type: ignore[no-untyped-def]
            counts[:] += hour.inventory[..., 0].sum(), hour.funnel[:, 0].sum()

        clock = Clock()
        simulate(where, booked, 1, sink, threads)
        return {"auctions": int(counts[0]), "evaluations": int(counts[1]), **clock.read()}


def twin_of(line_items: int) -> dict[str, float]:
    """Return the same for the readable twin of the compiled hour, on a small market: the baseline."""
    from sim import reference
    from sim.engine.executors.here import here
    from sim.engine.run import simulate
    from tests.bookings import book, market

    where = market(days=1, shards=1, population={"viewers": 300})
    counts = np.zeros(2, np.int64)

    def sink(hour) -> None:  # type: ignore[no-untyped-def]
        counts[:] += hour.inventory[..., 0].sum(), hour.funnel[:, 0].sum()

    clock = Clock()
    simulate(where, book(crowd(line_items), where), 1, sink, here(), loops=reference)
    return {"auctions": int(counts[0]), "evaluations": int(counts[1]), **clock.read()}


def simpy_events(_: int) -> dict[str, float]:
    """Return raw SimPy timeouts of 100 processes: what one wake-up per auction would cost at the very least."""
    import simpy

    env, events = simpy.Environment(), 500_000

    def process():  # type: ignore[no-untyped-def]
        while True:
            yield env.timeout(1)

    for _ in range(100):
        env.process(process())
    clock = Clock()
    env.run(until=events // 100)
    return {"auctions": events, "evaluations": events, **clock.read()}


def scenario(name: str, workers: int, *, days: int = 0, events: bool = False) -> dict[str, float]:
    """Return a market end to end, YAML to committed database rows, with its *events* in files or not."""
    from analysis.runs.simulate import simulate
    from entities import registry
    from scenarios.loader import load

    with tempfile.TemporaryDirectory() as folder:
        engine = registry.make_engine(Path(folder) / "bench.db")
        registry.init_db(engine)
        loaded = load(name, [f"market.days={days}"] if days else [])
        clock = Clock()
        report = simulate(engine, loaded, workers=workers, events=Path(folder) if events else None)
        found = clock.read()
        engine.dispose()
    return {"auctions": report.auctions, "evaluations": 0, **found}


def a_week(workers: int) -> dict[str, float]:
    """Return a week of the full market."""
    return scenario("full", workers, days=7)


def a_week_with_events(workers: int) -> dict[str, float]:
    """Return a week of the full market with its events as Parquet."""
    return scenario("full", workers, days=7, events=True)


def full(workers: int) -> dict[str, float]:
    """Return the full market end to end."""
    return scenario("full", workers)


EPISODES = 20


def ticks_of(seeds: int) -> dict[str, float]:
    """Return the ticks of plain runs of smoke, on one core and without their setup: the baseline of steps."""
    from analysis.booking.books import book_scenario
    from scenarios.loader import load
    from sim.engine.executors.here import here
    from sim.engine.run import Simulation
    from sim.engine.setup import Setup

    loaded = load("smoke")
    market, booked = loaded.scenario.market, book_scenario(loaded)
    setups = [Setup(market, booked, seed) for seed in range(seeds)]
    Simulation(setups[0], lambda _: None, here()).run()  # compiles, or loads
    begin = time.process_time()
    for setup in setups:
        Simulation(setup, lambda _: None, here()).run()
    return {"steps": seeds * market.horizon.hours, "seconds": time.process_time() - begin}


def steps_of(seeds: int) -> dict[str, float]:
    """Return the steps of EPISODES of smoke with one agent, resets included, on so many seeds in turn."""
    import paceline

    env, steps = paceline.env.single("smoke", "TV drama"), 0
    for seed in range(seeds):
        env.reset(seed=seed)
    begin = time.process_time()
    for episode in range(EPISODES):
        env.reset(seed=episode % seeds)
        over = False
        while not over:
            _, _, over, _, _ = env.step([0.7])
            steps += 1
    return {"steps": steps, "seconds": time.process_time() - begin}


def replications_of(arms: int) -> dict[str, float]:
    """Return the replications of a study of smoke, so many arms with each seed, on one core, set up and all."""
    from analysis.booking.books import book_scenario
    from analysis.study.replication import Booked
    from scenarios.loader import load

    played = []
    for cpm in range(20, 20 + arms):
        loaded = load("smoke", [f"line_item[TV drama].max_cpm={cpm}"])
        played.append(Booked(str(cpm), loaded.scenario, book_scenario(loaded)))
    played[0].replicate(0)  # compiles, or loads
    seeds = EPISODES // arms
    begin = time.process_time()
    for seed in range(1, seeds + 1):
        for arm in played:
            arm.replicate(seed)
    return {"steps": seeds * arms, "seconds": time.process_time() - begin}


def command(*words: str) -> dict[str, float]:
    """Return the seconds of a command in a process of its own, from nothing to its end."""
    with tempfile.TemporaryDirectory() as folder:
        there = {"DATABASE_URL": f"{folder}/bench.db", "PYTHONDONTWRITEBYTECODE": ""}
        call = [sys.executable, "-m", "sim", *words]
        for first in ([*call[:3], "init-db"], call):
            subprocess.run(first, capture_output=True, check=True, env=os.environ | there)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begin = time.perf_counter()
        subprocess.run(call, capture_output=True, check=True, env=os.environ | there)
        took, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": took, "cpu": cpu}


COMMANDS = ("--help", "list pacers", "list", "scenario show full", "runs", "simulate smoke")
"""Run twice on one database, of which the second is measured: what is compiled is in the cache."""
STEPS = {
    "ticks of a plain run": ("ticks_of", (EPISODES,), REPEATS),
    "steps of an agent": ("steps_of", (4,), REPEATS),
    "replications, a seed each": ("replications_of", (1,), REPEATS),
    "replications, five arms a seed": ("replications_of", (5,), REPEATS),
}
ROWS = {
    "raw SimPy event": ("simpy_events", (0,), REPEATS),
    "readable twin, 10 items": ("twin_of", (10,), REPEATS),
    "10 items, 1 worker": ("market_of", ("crowd", 10, 1), REPEATS),
    "10 items, 2 workers": ("market_of", ("crowd", 10, 2), REPEATS),
    "100 items, 1 worker": ("market_of", ("crowd", 100, 1), REPEATS),
    "100 items, 2 workers": ("market_of", ("crowd", 100, 2), REPEATS),
    "10 items, binding budgets": ("market_of", ("crowd", 10, 1, BINDING / 10), REPEATS),
    "100 items, binding budgets": ("market_of", ("crowd", 100, 1, BINDING / 100), REPEATS),
    "1,000 items, few match": ("market_of", ("wide", 1000, 1, PLENTY, 60_000, 1), REPEATS),
    "10 items, 20,000 viewers": ("market_of", ("crowd", 10, 1, PLENTY, 20_000), REPEATS),
    "10 items, 2,000,000 viewers": ("market_of", ("crowd", 10, 1, PLENTY, 2_000_000, 1), 1),
    "rlbidder's 48 bidders": ("market_of", ("bare", 48, 1, PLENTY, 60_000, 1), REPEATS),
    "full.yml, a week": ("a_week", (2,), 1),
    "full.yml, a week, events": ("a_week_with_events", (2,), 1),
    "full.yml, 2 workers": ("full", (2,), 1),
}


def measure(name: str, arguments: tuple[float | str, ...], repeats: int) -> dict[str, float]:
    """Return the median run of one row, in a fresh process."""
    call = json.dumps([name, arguments, repeats])
    run = subprocess.run(
        [sys.executable, "-m", "tests.bench", "--row", call], capture_output=True, text=True, check=False
    )
    if run.returncode:
        raise SystemExit(run.stderr)
    return dict(json.loads(run.stdout))


def row(call: str) -> None:
    """Print one row's median as JSON."""
    name, arguments, repeats = json.loads(call)
    runs = [globals()[name](*arguments) for _ in range(repeats)]
    median = sorted(runs, key=lambda run: run["seconds"])[len(runs) // 2]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({**median, "peak": peak}))


def main() -> None:
    """Measure every row, or the one that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--row")
    parser.add_argument("--quick", action="store_true", help="leave full.yml out")
    parser.add_argument("--steps", action="store_true", help="only steps, replications and commands")
    options = parser.parse_args()
    if options.row:
        return row(options.row)
    table = Table(
        "",
        *(("auctions", "checked", "seconds", "CPU", "auctions/s", "MB")),
        title="Medians of 3, all controls on; the first two rows are the baseline",
    )
    for column in table.columns:
        column.no_wrap = True
        column.justify = "left" if column is table.columns[0] else "right"
    for label, (name, arguments, repeats) in ROWS.items():
        if options.steps or (options.quick and name.startswith(("full", "a_week"))):
            continue
        print(f"measuring {label} …", file=sys.stderr, flush=True)
        found = measure(name, arguments, repeats)
        each = f"{found['evaluations'] / found['auctions']:.1f}" if found["evaluations"] else "–"
        table.add_row(
            label, f"{found['auctions'] / 1e6:.2f} M", each, f"{found['seconds']:.2f}", f"{found['cpu']:.2f}",
            f"{found['auctions'] / found['seconds']:,.0f}", f"{found['peak'] / 1e6:,.0f}",
        )  # fmt: skip
    if not options.steps:
        Console(width=WIDTH).print(table)
    steps = Table(
        "", "steps", "seconds", "steps/s", title="smoke, one core; the first row is the baseline of agents"
    )
    for label, (name, arguments, repeats) in STEPS.items():
        found = measure(name, arguments, repeats)
        rate = f"{found['steps'] / found['seconds']:,.0f}"
        steps.add_row(label, f"{found['steps']:,}", f"{found['seconds']:.2f}", rate)
    Console().print(steps)
    commands = Table("", "seconds", "CPU", title="paceline, from nothing to its end")
    for line in COMMANDS:
        found = measure("command", tuple(line.split()), REPEATS)
        commands.add_row(line, f"{found['seconds']:.2f}", f"{found['cpu']:.2f}")
    Console().print(commands)
    return None


if __name__ == "__main__":
    main()
