"""Measures runs of many sizes and fits the lines of `price.json` to them: `python -m analysis.price_fit`."""

from __future__ import annotations

import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from analysis.price import FILE, priced, size_of
from analysis.runs.simulate import simulate
from entities import registry
from scenarios.loader import load
from scenarios.models import Scenario
from sim.book.book import Book

DEPENDS = {
    "seconds": (
        "one", "auctions_a_thread", "looks_a_thread", "plans", "shard_ticks", "creative_hours", "events"
    ),
    "memory_bytes": ("one", "viewers", "counters", "auctions_a_tick", "line_item_hours"),
    "disk_bytes": ("one", "creative_hours", "line_item_hours", "market_hours", "events"),
}  # fmt: skip
"""What each part of a price is taken to depend on."""
RUNS: tuple[dict[str, Any], ...] = (
    {"viewers": 2_000, "days": 2, "workers": 1},
    {"viewers": 2_000, "days": 14, "workers": 1},
    {"viewers": 2_000, "days": 7, "workers": 2, "more": 20},
    {"viewers": 2_000, "days": 30, "workers": 2, "more": 8},
    {"viewers": 20_000, "days": 7, "workers": 2},
    {"viewers": 20_000, "days": 7, "workers": 1, "more": 12},
    {"viewers": 20_000, "days": 4, "workers": 2, "more": 20},
    {"viewers": 20_000, "days": 4, "workers": 1, "events": True},
    {"viewers": 60_000, "days": 4, "workers": 2},
    {"viewers": 60_000, "days": 7, "workers": 1},
    {"viewers": 150_000, "days": 3, "workers": 2},
    {"viewers": 150_000, "days": 2, "workers": 2, "events": True},
    {"viewers": 10_000, "days": 2, "workers": 2, "tick_minutes": 15},
    {"viewers": 10_000, "days": 5, "workers": 1, "tick_minutes": 15, "more": 8},
)
"""Runs of the full market: its viewers, days and ticks, threads, and how many campaigns more."""


def measured(run: dict[str, Any]) -> dict[str, Any]:
    """Return what one run took, and its size; in a process of its own, for its peak memory."""
    command = [sys.executable, "-m", "analysis.price_fit", json.dumps(run)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ourselves
    if done.returncode:
        raise RuntimeError(done.stderr)
    return dict(json.loads(done.stdout))


def take(run: dict[str, Any]) -> dict[str, Any]:
    """Run one market and return what it took."""
    settings = [f"market.{name}={run[name]}" for name in ("days", "tick_minutes") if name in run]
    loaded = load("full", [f"market.population.viewers={run['viewers']}", *settings])
    sizes: list[dict[str, float]] = []

    def before(scenario: Scenario, book: Book) -> None:
        sizes.append(size_of(scenario, book, workers=run["workers"], events="events" in run))

    with tempfile.TemporaryDirectory() as folder:
        engine = registry.make_engine(Path(folder) / "ads.db")
        registry.init_db(engine)
        with registry.session(engine) as opened:
            for seed in range(run.get("more", 0)):
                campaign = registry.fake_campaign(seed, start=loaded.scenario.market.start)
                registry.add_campaign(opened, registry.AdvertiserCreate(name=f"Advertiser {seed}"), campaign)
        simulate(engine, load("smoke", ["market.days=1"]))  # compiles, or loads
        at_first = _bytes(Path(folder))
        where = Path(folder) / "events" if "events" in run else None
        report = simulate(engine, loaded, workers=run["workers"], events=where, before=before)
        grown = _bytes(Path(folder)) - at_first
        engine.dispose()
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        **run,
        "seconds": round(report.seconds, 3),
        "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
        "disk_bytes": grown,
        "auctions": report.auctions,
        "size": sizes[0],
    }


def _bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def fit(taken: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return the lines, no part of which is below 0, that miss the measured runs least in proportion."""
    lines = {}
    for what, names in DEPENDS.items():
        kept = list(names)
        while True:
            rows = np.array([[run["size"][name] / run[what] for name in kept] for run in taken])
            each, *_ = np.linalg.lstsq(rows, np.ones(len(taken)), rcond=None)
            if each.min() >= 0:
                break
            kept.pop(int((each * rows.mean(axis=0)).argmin()))
        lines[what] = {name: float(f"{one:.4g}") for name, one in zip(kept, each, strict=True)}
    return lines


def missed(taken: list[dict[str, Any]], lines: dict[str, dict[str, float]]) -> dict[str, str]:
    """Return by how much the lines miss the measured runs: in the middle, and at worst."""
    told = {}
    for what, line in lines.items():
        off = np.array([abs(priced(line, run["size"]) / run[what] - 1) for run in taken])
        told[what] = f"{np.median(off):.0%} in the middle, {off.max():.0%} at worst"
    return told


def main() -> None:
    """Measure all runs, and write the lines."""
    if len(sys.argv) > 1:
        sys.stdout.write(json.dumps(take(json.loads(sys.argv[1]))))
        return
    taken = []
    for run in RUNS:
        # The faster of two: whatever else the machine does only ever slows a run down.
        taken.append(min((measured(run) for _ in range(2)), key=lambda one: float(one["seconds"])))
        sys.stdout.write(f"{json.dumps(run)}: {taken[-1]['seconds']} s\n")
    lines = fit(taken)
    misses = missed(taken, lines)
    how = {
        "command": "python -m analysis.price_fit",
        "paceline": metadata.version("paceline"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
        "misses": misses,
        "runs": [{key: value for key, value in run.items() if key != "size"} for run in taken],
    }
    FILE.write_text(json.dumps({"measured": how, "lines": lines}, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("".join(f"{what}: off by {off}\n" for what, off in misses.items()))


if __name__ == "__main__":
    main()
