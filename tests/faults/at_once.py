"""Several processes on one database and one folder of events, all begun at one moment."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import NamedTuple

from analysis.booking.books import create
from analysis.runs import simulate as runs
from analysis.runs import stored
from analysis.runs.rollback import database
from entities import registry
from scenarios import loader
from tests.faults.killed import MARKET
from tests.unit.cli.small import tree

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.faults.warm"])  # so that each process has all of it ready
EVENTS = "events"


class Job(NamedTuple):
    """What one of the processes does: play a market with a seed, or create a campaign of a profile."""

    seed: int = 0
    profile: str = ""


def at_once(folder: Path, jobs: Sequence[Job], name: str = "ads.db") -> None:
    """Do all *jobs* at once, each of which must go well."""
    with database(name if "://" in name else str(folder / name), create=True):
        pass
    barrier = _context.Barrier(len(jobs))
    processes = [_context.Process(target=_do, args=(folder, name, job, barrier)) for job in jobs]
    for process in processes:
        process.start()
    ended = []
    for process in processes:
        process.join()
        with closing(process):
            ended.append(process.exitcode)
    assert ended == [0] * len(jobs), (folder / "said").read_text()


def _do(folder: Path, name: str, job: Job, barrier: Barrier) -> None:
    os.chdir(folder)
    os.environ["TMPDIR"] = str(folder)
    sys.stderr = Path("said").open("a")  # noqa: SIM115 - to the end of this process
    barrier.wait(60)
    with database(name) as (engine, _):
        if job.profile:
            with registry.session(engine) as opened:
                create(opened, loader.profile(job.profile))
                opened.commit()
        else:
            scenario = loader.load("smoke", [*MARKET, f"seed={job.seed}"])
            runs.simulate(engine, scenario, events=Path(EVENTS))


def whole(folder: Path, jobs: Sequence[Job], name: str = "ads.db") -> None:
    """Assert that every job was done, and that nothing else is there.

    Each run keeps all laws, slot by slot; those of one seed are equal where nobody created anything.
    """
    seeds = sorted(job.seed for job in jobs if not job.profile)
    profiles = {job.profile for job in jobs if job.profile}
    with database(name if "://" in name else str(folder / name)) as (engine, _):
        found = stored.runs(engine, folder / EVENTS)
        assert sorted(run.row.seed for run in found) == seeds
        assert [run.audit().broken for run in found] == [()] * len(seeds)
        if not profiles:
            assert len({run.digest for run in found}) == len(set(seeds))
        with registry.session(engine, writes=False) as reader:
            names = [row.name for row in reader.query(registry.Campaign)]
        own = 2 if seeds else 0  # those of the scenario, once for all
        assert len(names) == len(set(names)) == own + len(profiles)
        shown = {f"run_id={run.run_id}" for run in found}
    assert {path.name for path in folder.glob(f"{EVENTS}/*")} == shown
    left = [path for path in tree(folder) if not path.startswith(f"{EVENTS}/run_id=") and path != EVENTS]
    assert sorted({*left} - {"said"}) == ([name] if "://" not in name else [])
