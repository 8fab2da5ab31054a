"""One replication: an arm played with one seed, in whatever process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from analysis.booking.books import book_scenario
from analysis.rows.results import fingerprint
from analysis.runs.playing import play
from analysis.study import optimum
from analysis.study.measured import Measured
from analysis.study.metrics import EVERYONE, chosen, values
from entities.errors import InputError
from entities.messages import quoted
from scenarios.models import Scenario
from scenarios.study import LoadedStudy
from sim.book.arrays import arrays_of
from sim.book.records import Book
from sim.engine.setup import Setup
from sim.engine.watched import Audiences
from sim.layout import BookArrays

_AUDIENCES = Audiences()
"""What was watched in the latest replications of this process: the arms of a seed follow on each other."""


class Task(NamedTuple):
    """A replication that is to be played."""

    arm: str
    seed: int


@dataclass(frozen=True)
class Booked:
    """An arm that can be played: its market, and who competes there."""

    name: str
    scenario: Scenario
    book: Book

    def fingerprint(self, seed: int) -> str:
        """Return what names its replication with that *seed* by its content."""
        return fingerprint(self._seeded(seed), self.book)

    def _seeded(self, seed: int) -> Scenario:
        return self.scenario.reseeded(seed)

    @cached_property
    def _arrays(self) -> BookArrays:
        return arrays_of(self.book, self.scenario.market)

    def replicate(self, seed: int) -> Replication:
        """Return what comes of it with that *seed*."""
        clock, scenario = time.perf_counter(), self._seeded(seed)
        measured = Measured(self.book, scenario.market.horizon.hours)
        watched = _AUDIENCES.of(scenario.market, seed)
        setup = Setup(scenario.market, self.book, seed, self._arrays, watched=watched)
        outcome, totals = play(scenario, self.book, measured, setup=setup)
        if not optimum.unknown(scenario.market, self.book):
            measured.optimum_micros = optimum.best(scenario, self.book, watched).utility_micros
        return Replication(
            arm=self.name,
            seed=seed,
            fingerprint=self.fingerprint(seed),
            digest=outcome.events_digest,
            auctions=totals.auctions,
            seconds=time.perf_counter() - clock,
            values=tuple(values(measured, chosen((), scenario.market, self.book))),
        )


@dataclass(frozen=True)
class Arms:
    """Arms by name, of which any task can be played."""

    arms: Mapping[str, Booked]

    def __call__(self, task: Task) -> Replication:
        """Return what comes of a task."""
        return self.arms[task.arm].replicate(task.seed)


@dataclass(frozen=True)
class Replication:
    """What came of an arm with one seed."""

    arm: str
    seed: int
    fingerprint: str
    digest: str
    """Of the events, 64 hexadecimal digits."""
    auctions: int
    seconds: float
    values: tuple[tuple[str, str, float | None], ...]
    """Line item, metric and value; the line item is EVERYONE for all of them together."""

    @property
    def task(self) -> Task:
        """Return which one it is."""
        return Task(self.arm, self.seed)

    def value(self, metric: str, line_item: str = EVERYONE) -> float | None:
        """Return the value of a *metric* of a line item, or of all together, as one of the market is."""
        found = {(path, name): value for path, name, value in self.values}
        return found.get((line_item, metric), found.get((EVERYONE, metric)))


def booked(study: LoadedStudy) -> dict[str, Booked]:
    """Return the arms of *study* by name; InputError for one whose campaigns cannot be booked."""
    arms = {}
    for arm in study.arms:
        try:
            arms[arm.name] = Booked(arm.name, arm.loaded.scenario, book_scenario(arm.loaded))
        except InputError as error:
            raise InputError(f"arm {quoted(arm.name)}: {error}") from None
    return arms
