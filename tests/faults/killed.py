"""A process that plays a run and dies at one of its dealings with files, as SIGKILL would have it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from analysis.rows.events_of import events_of
from analysis.runs import simulate as runs
from analysis.runs.checkpoints import every
from analysis.runs.rollback import database
from analysis.runs.unfinished import left
from scenarios.loader import load

MARKET = (
    "market.population.viewers=60",
    "campaigns.0.campaign.line_items.0.lifetime_budget=10",
    "campaigns.1.campaign.line_items.0.lifetime_budget=4",
)
_TOUCHING = ("open", "os.", "shutil.", "sqlite3.", "fcntl.")
"""What audit events of dealings with files begin with."""
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.warm"])  # so that each process has all of it ready


def played(folder: Path, at: int = 0, *, events: bool = False) -> tuple[int | None, int]:
    """Return how a process ended that plays the market into `ads.db`, and how often it touched a file.

    Where a run was broken off there, it goes on with that. It is killed at touch number *at*, if above 0.
    Its *events* go to a folder of that name.
    """
    touches = _context.Value("q", 0)
    process = _context.Process(target=_play, args=(folder, at, events, touches))
    process.start()
    process.join()
    return process.exitcode, touches.value


def _play(folder: Path, at: int, events: bool, touches: Synchronized[int]) -> None:
    os.chdir(folder)
    os.environ["TMPDIR"] = str(folder)

    def watch(event: str, _: Any) -> None:
        if event.startswith(_TOUCHING):
            touches.value += 1
            if touches.value == at:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    with database("ads.db", create=True) as (engine, _):
        if found := left(engine):
            runs.resume(engine, found[0].run_id)
        else:
            more: dict[str, Any] = (
                {"events": Path("events"), "events_of": events_of("lost:30%")} if events else {}
            )
            runs.simulate(engine, load("smoke", MARKET), keep_every=every("hours:9"), **more)
