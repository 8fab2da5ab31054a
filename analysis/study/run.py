"""A study played: what is known already is read, the rest is played, and all of it is kept as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Engine

from analysis.booking import guards
from analysis.study import kept
from analysis.study.metrics import Metric, chosen
from analysis.study.replication import Booked, booked
from analysis.study.workers import Failed, Task, Workers
from entities.errors import InputError
from scenarios.study import LoadedStudy, Study


@dataclass
class Progress:
    """How far a study is."""

    total: int
    done: int = 0
    """Replications that are known, those of before included."""
    before: int = 0
    """Those that were known before."""
    failed: list[Failed] = field(default_factory=list)
    auctions: int = 0


@dataclass(frozen=True)
class StudyRun:
    """What came of a study."""

    study: Study
    metrics: tuple[Metric, ...]
    """Those that it asks for, or all."""
    arms: tuple[str, ...]
    results: pl.DataFrame
    """The tidy table, `kept.SCHEMA`: the seeds that every arm was played with, and others."""
    progress: Progress

    @property
    def baseline(self) -> str:
        """Return the arm that others are held against."""
        return self.study.held_against


OnProgress = Callable[[Progress], None]


def run(
    loaded: LoadedStudy,
    engine: Engine,
    *,
    workers: int = 1,
    progress: OnProgress = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
) -> StudyRun:
    """Return what comes of a study, kept in the database of *engine*: what is there already is not played.

    Each replication is stored as it ends, so that what breaks off goes on where it stopped. *progress* is
    called at the start and after each, and *warn*, a line each, with what is probably not intended.
    InputError for arms that cannot be booked, and for metrics that they cannot have; RuntimeError if a worker
    is killed.
    """
    arms, study = booked(loaded), loaded.study
    metrics = _metrics(loaded)
    for line in _warnings(loaded, arms):
        warn(line)
    seeds = range(loaded.first_seed, loaded.first_seed + study.replications)
    # Seed by seed, so that arms can be compared early.
    tasks = [Task(arm, seed) for seed in seeds for arm in arms]
    now = Progress(len(tasks))
    todo = _unknown(engine, study.name, arms, tasks)
    now.done = now.before = len(tasks) - len(todo)
    progress(now)
    with Workers(arms, min(workers, max(len(todo), 1))) as pool:
        for found in pool.play(todo):
            if isinstance(found, Failed):
                now.failed.append(found)
            else:
                kept.add(engine, study.name, found)
                now.done += 1
                now.auctions += found.auctions
            progress(now)
    wanted = pl.col("arm").is_in([*arms]) & pl.col("seed").is_in([*seeds])
    results = kept.frame(engine, study.name).filter(wanted)
    return StudyRun(study, metrics, tuple(arms), results, now)


def _metrics(loaded: LoadedStudy) -> tuple[Metric, ...]:
    try:
        for arm in loaded.arms:
            found = chosen(loaded.study.metrics, arm.loaded.scenario.market)
    except InputError as error:
        where = f"{loaded.source.origin(('metrics',))}: {loaded.source.name(('metrics',))}"
        raise InputError(f"{where}: {error}") from None
    return found


def _warnings(loaded: LoadedStudy, arms: dict[str, Booked]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for arm in loaded.arms:
        listings = arm.loaded.listings.values()
        for line in guards.warnings(arm.loaded.scenario.market, arms[arm.name].book, listings):
            found.setdefault(line, []).append(arm.name)
    for line, names in found.items():
        several = f"{len(names)} arms" if len(names) > 1 else f"arm {names[0]}"
        yield line if len(names) == len(arms) else f"{several}: {line}"


def _unknown(engine: Engine, study: str, arms: dict[str, Booked], tasks: list[Task]) -> list[Task]:
    # What another study played is kept under this one's name too.
    names = {arms[task.arm].fingerprint(task.seed): task for task in tasks}
    found = kept.known(engine, names)
    for replication in found:
        kept.add(engine, study, replication)
    known = {(one.arm, one.seed) for one in found}
    return [task for task in tasks if task not in known]
