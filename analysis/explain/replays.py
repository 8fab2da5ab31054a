"""Replays: what a line item delivers in a market that is played again in memory, on the same luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, NamedTuple

import numpy as np

from analysis.explain.constraints import Asked
from analysis.rows.columns import columns_of
from analysis.rows.digest import Digest, combine
from analysis.rows.performance import Batch, Hours, Tally
from analysis.rows.results import fingerprint
from analysis.runs import playing
from sim.engine.run import RunResult
from sim.events import FUNNEL, Hour, Sink


class Delivered(NamedTuple):
    """What a line item delivered."""

    impressions: int = 0
    spend_micros: int = 0
    value_micros: int = 0
    """What its impressions were worth to it."""

    def __sub__(self, other: Delivered) -> Delivered:
        return Delivered(*(mine - its for mine, its in zip(self, other, strict=True)))


_AT = [FUNNEL.index(name) for name in ("impressions", "spend_micros", "worth_sum_micros")]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the replays are."""

    run: int
    """Number of the one that is being played, from 1."""
    runs: int
    """How many there will be, at most."""
    share: float
    """What of it is played."""


OnProgress = Annotated[Callable[[Progress], None] | None, "a function that takes a Progress, or None"]


@dataclass
class Replays:
    """Plays markets, and remembers what came of each: none is played twice."""

    place: int
    """Whose delivery is counted: a place in the book."""
    workers: int
    runs: int = 0
    """How many will be played, at most, as far as is known."""
    progress: OnProgress = None
    known: dict[str, Delivered] = field(default_factory=dict)

    def delivered(self, asked: Asked) -> Delivered:
        """Return what comes of a market."""
        name = fingerprint(*asked)
        if name not in self.known:
            self.known[name], _ = self._play(asked)
        return self.known[name]

    def digest(self, asked: Asked) -> str:
        """Return the digest of a market's run; what the line item delivers is remembered as well."""
        columns = columns_of(asked.book, asked.scenario)
        tally, digest = Tally(columns), Digest(columns)

        def count(hours: Hours) -> None:
            digest.update(tally.rows(*hours))

        batch = Batch(count)
        self.known[fingerprint(*asked)], outcome = self._play(asked, batch.add)
        batch.flush()
        digest.facts(columns, outcome.facts)
        return combine(outcome.events_digest, digest.hexdigest())

    def _play(self, asked: Asked, *sinks: Sink) -> tuple[Delivered, RunResult]:
        sums = np.zeros(len(_AT), np.int64)

        def add(hour: Hour) -> None:
            sums[:] += hour.funnel[self.place, _AT]

        tell = partial(self._tell, len(self.known) + 1) if self.progress else None
        outcome, _ = playing.play(*asked, *sinks, add, workers=self.workers, progress=tell)
        return Delivered(*sums.tolist()), outcome

    def _tell(self, run: int, now: playing.Progress) -> None:
        if self.progress:
            self.progress(Progress(run, max(run, self.runs), now.hour / now.hours))
