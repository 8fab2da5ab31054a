"""Replays: what a line item delivers in a market that is played again in memory, on the same luck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
    """What its impressions were worth to it, at the maximum bid that it has."""

    def __sub__(self, other: Delivered) -> Delivered:
        return Delivered(*(mine - its for mine, its in zip(self, other, strict=True)))


_DELIVERED = [FUNNEL.index(name) for name in ("impressions", "spend_micros", "worth_sum_micros")]
_SPEND = FUNNEL.index("spend_micros")


class Replay(NamedTuple):
    """What came of a market for one line item."""

    funnel: tuple[int, ...]
    """Its counts, in the order of FUNNEL."""
    expected_micros: int
    """What it should have spent by the end."""
    spend: NDArray[np.int64]
    """What it and its campaign spent in each hour, hours × 2."""

    @property
    def delivered(self) -> Delivered:
        """Return what it delivered."""
        return Delivered(*(self.funnel[at] for at in _DELIVERED))

    def count(self, stage: str) -> int:
        """Return one count of its funnel."""
        return self.funnel[FUNNEL.index(stage)]


class Whole(NamedTuple):
    """What is compared of a market that is played as it was."""

    digest: str
    funnel: NDArray[np.int64]
    """Of all line items together, hours × FUNNEL."""


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
    """Plays markets for one line item, and remembers what came of each: none is played twice."""

    place: int
    """Whose they are: a place in the book."""
    workers: int = 1
    most: int = 1
    """How many will be played, at most."""
    progress: OnProgress = None
    known: dict[str, Replay] = field(default_factory=dict)

    def played(self, asked: Asked) -> Replay:
        """Return what comes of a market."""
        name = fingerprint(*asked)
        if name not in self.known:
            self.known[name], _ = self._play(asked)
        return self.known[name]

    def whole(self, asked: Asked) -> Whole:
        """Return all that comes of a market, which is remembered as well."""
        columns = columns_of(asked.book, asked.scenario)
        tally, digest = Tally(columns), Digest(columns)
        funnel: list[NDArray[np.int64]] = []

        def count(hours: Hours) -> None:
            digest.update(tally.rows(*hours))

        batch = Batch(count)
        sinks = (batch.add, lambda hour: funnel.append(hour.funnel.sum(axis=0)))
        self.known[fingerprint(*asked)], outcome = self._play(asked, *sinks)
        batch.flush()
        digest.facts(columns, outcome.facts)
        return Whole(combine(outcome.events_digest, digest.hexdigest()), np.stack(funnel))

    def _play(self, asked: Asked, *sinks: Sink) -> tuple[Replay, RunResult]:
        sums, expected, spend = np.zeros(len(FUNNEL), np.int64), 0, list[tuple[int, int]]()
        book = asked.book
        siblings = list(book.campaigns[book.line_items[self.place].campaign].line_items)

        def add(hour: Hour) -> None:
            nonlocal expected
            sums[:] += hour.funnel[self.place]
            expected = int(hour.pacing.expected_cum_micros[self.place])
            spent = hour.funnel[:, _SPEND]
            spend.append((int(spent[self.place]), int(spent[siblings].sum())))

        tell = partial(self._tell, len(self.known) + 1) if self.progress else None
        outcome, _ = playing.play(*asked, *sinks, add, workers=self.workers, progress=tell)
        return Replay(tuple(sums.tolist()), expected, np.array(spend, np.int64)), outcome

    def _tell(self, run: int, now: playing.Progress) -> None:
        if self.progress:
            self.progress(Progress(run, max(run, self.most), now.hour / now.hours))
