"""Plans: which replications a study asks for, by what is known so far; each is the same for any batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from analysis.study.metrics import METRICS, Metric
from analysis.study.replication import Task
from analysis.study.statistics.selection import FIRST, select
from analysis.study.statistics.sequential import MINIMUM, look
from entities.errors import InputError
from entities.messages import hint, quoted
from scenarios.precision import Precision

Known = Mapping[Task, float | None]
"""Of each replication that is known, the plan's metric of all line items together; None where it has none."""
NAMED = 3
"""How many arms a line names that are not told from the best."""
MOST = 10_000
"""Seeds after which a study ends, however wide its intervals are."""


class Plan(Protocol):
    """What a study asks for."""

    def tasks(self, known: Known) -> list[Task]:
        """Return all replications that are asked for, known ones included, the earlier ones first.

        If all of them are known, the study is over.
        """

    def told(self, known: Known) -> str:
        """Return what came of the plan, in a line; empty where there is nothing to tell."""

    def check(self, known: Known) -> None:
        """Raise an InputError for a replication by which the plan cannot judge."""


@dataclass(frozen=True)
class Winner:
    """The best arm, as far as it is known."""

    arm: str | None
    """None where it was not decided."""
    runs: int
    """How many were counted, of all arms together."""
    indifferent: Mapping[str, float]
    """By arm, those that may as well be the best: how far they are behind, by the seeds that both played.

    Less than the difference that matters, in the unit of the metric; below 0 where they are ahead. Where
    nothing was decided they are those that were left, held against the first of them.
    """


@dataclass(frozen=True)
class Fixed:
    """So many seeds for every arm."""

    arms: Sequence[str]
    first: int
    replications: int

    def tasks(self, _: Known) -> list[Task]:
        """Return every arm with every seed: seed by seed, so that arms can be compared early."""
        return _all(self.arms, self.first, self.replications)

    def told(self, _: Known) -> str:
        """Return nothing."""
        return ""

    def check(self, _: Known) -> None:
        """Take any replication."""


@dataclass(frozen=True)
class _Judging:
    arms: Sequence[str]
    baseline: str
    first: int
    metric: Metric
    wanted: Precision
    """The difference that matters."""
    most: int = MOST
    batch: int = 1
    """Seeds that are asked for at once, at least: what is played too much is not reported."""

    def check(self, known: Known) -> None:
        """Raise an InputError for the first replication that has no value."""
        for task in known:
            _value(self.metric, task, known)

    @property
    def _amount(self) -> str:
        return f"{self.wanted} of the mean of {self.baseline}" if self.wanted.relative else f"{self.wanted}"

    def _wanted(self, mean: float) -> float:
        # In the unit of the metric, given the baseline's mean.
        if wanted := self.wanted.of(mean):
            return wanted
        raise InputError(f"{self.metric.name} of {self.baseline} is 0: a part of it is no precision")


class Until(_Judging):
    """As many seeds as it takes until every difference to the baseline is known to a precision."""

    def tasks(self, known: Known) -> list[Task]:
        """Return every arm with the seeds that the rule has asked for so far."""
        values = _values(self.metric, self.arms, self.first, known)
        stop, more = self._looked(values)
        seeds = stop or max(min(MINIMUM, self.most), min(values.shape[1] + more, self.most))
        return _all(self.arms, self.first, seeds)

    def told(self, known: Known) -> str:
        """Return when it stopped, and why."""
        stop, _ = self._looked(_values(self.metric, self.arms, self.first, known))
        if not stop:
            return f"Not known to ± {self.wanted} after {self.most:,} seeds, the most that were asked for."
        what = f"every difference of {self.metric.name} is known to ± {self._amount}"
        return f"Stopped after {stop} seeds: {what}."

    def _looked(self, values: NDArray[np.float64]) -> tuple[int | None, int]:
        # After how many seeds the rule stops, or how many more it asks for.
        if values.shape[1] < 2:
            return None, 0
        base, values = self.arms.index(self.baseline), values[:, : self.most]
        means = np.cumsum(values[base]) / np.arange(1, values.shape[1] + 1)
        targets = np.array([self._wanted(mean) for mean in means.tolist()])
        found = look(np.delete(values, base, axis=0) - values[base], targets)
        # A quarter of what seems to be missing, for the variance is not known well.
        return (found.seeds, 0) if found.stop else (None, max(self.batch, found.more // 4))


class Best(_Judging):
    """As many seeds of as many arms as it takes until one is the best by a metric."""

    def tasks(self, known: Known) -> list[Task]:
        """Return all arms with the first seeds, and of those that may be the best the next ones."""
        start = _all(self.arms, self.first, FIRST)
        if any(task not in known for task in start):
            return start
        values = self._rows(known)
        found = select(values, self._zone(values))
        played = [
            Task(arm, self.first + seed)
            for seed in range(max(map(len, values)))
            for arm, row in zip(self.arms, values, strict=True)
            if seed < len(row)
        ]
        if found.seeds >= self.most:
            return played
        more = [
            Task(self.arms[arm], self.first + seed)
            for seed in range(found.seeds, min(found.seeds + self.batch, self.most))
            for arm in found.arms
        ]
        return [*played, *(task for task in more if task not in known)]

    def told(self, known: Known) -> str:
        """Return which arm is the best, and what it took."""
        won = self.winner(known)
        if won.arm is None:
            seeds = select(values := self._rows(known), self._zone(values)).seeds
            return f"Not decided after {seeds:,} seeds between {', '.join(won.indifferent)}."
        best = f"Best by {self.metric.name}: {won.arm}"
        if not won.indifferent:
            return (
                f"{best}, after {won.runs:,} runs; right with at least 95 % if it is better by"
                f" {self._amount} or more."
            )
        near = [f"{arm} ({self._behind(apart, known)})" for arm, apart in won.indifferent.items()]
        more = f" and {len(near) - NAMED} more" if len(near) > NAMED else ""
        return (
            f"{best}, not told from {', '.join(near[:NAMED])}{more}: less than {self._amount} lies between"
            f" them; {won.runs:,} runs."
        )

    def winner(self, known: Known) -> Winner:
        """Return the best arm, and those that are not told from it."""
        values = self._rows(known)
        zone = self._zone(values)
        found = select(values, zone)
        first = found.arms[0] if found.best is None else found.best
        # As far as each was judged: what is played too much changes nothing.
        judged = [
            row[: found.seeds if left is None else left] for row, left in zip(values, found.left, strict=True)
        ]
        apart = {}
        for arm, row in enumerate(judged):
            seeds = min(len(row), len(judged[first]))
            behind = float((judged[first][:seeds] - row[:seeds]).mean())
            if arm in found.arms or (arm != first and found.best is not None and behind < zone):
                apart[self.arms[arm]] = behind
        near = (
            dict(sorted(apart.items(), key=lambda one: (one[1], one[0]))) if found.best is not None else apart
        )
        return Winner(None if found.best is None else self.arms[first], found.runs, near)

    def _behind(self, apart: float, known: Known) -> str:
        if not apart:
            return "equal"
        base = self._rows(known)[self.arms.index(self.baseline)][:FIRST].mean()
        amount = f"{100 * abs(apart / base):.2g} %" if self.wanted.relative else f"{abs(apart):.2g}"
        return f"{amount} {'behind' if apart > 0 else 'ahead'}"

    def _rows(self, known: Known) -> list[NDArray[np.float64]]:
        # For each arm its values, more is better, up to the first seed that is not known.
        rows = []
        for arm in self.arms:
            row, seed = [], self.first
            while (task := Task(arm, seed)) in known:
                row.append(_value(self.metric, task, known))
                seed += 1
            rows.append((self.metric.better or 1) * np.array(row, np.float64))
        return rows

    def _zone(self, values: Sequence[NDArray[np.float64]]) -> float:
        return self._wanted(float(values[self.arms.index(self.baseline)][:FIRST].mean()))


def judged_by(name: str) -> Metric:
    """Return the metric of that *name* by which one arm can be better; InputError for any other."""
    sided = [each.name for each in METRICS.values() if each.better]
    if name not in METRICS:
        raise InputError(f"no metric {quoted(name)}; {hint(name, METRICS)}")
    if name not in sided:
        raise InputError(f"neither more nor less {name} is better; {hint('', sided)}")
    return METRICS[name]


def _all(arms: Sequence[str], first: int, seeds: int) -> list[Task]:
    return [Task(arm, seed) for seed in range(first, first + seeds) for arm in arms]


def _values(metric: Metric, arms: Sequence[str], first: int, known: Known) -> NDArray[np.float64]:
    # Arms × the first seeds, as far as every arm has them.
    columns, seed = [], first
    while all(Task(arm, seed) in known for arm in arms):
        columns.append([_value(metric, Task(arm, seed), known) for arm in arms])
        seed += 1
    return np.array(columns, np.float64).reshape(-1, len(arms)).T


def _value(metric: Metric, task: Task, known: Known) -> float:
    value = known[task]
    if value is None:
        raise InputError(
            f"{metric.name} has no value in arm {quoted(task.arm)}, seed {task.seed}, for it divides by"
            " nothing there; name another metric, or leave this arm out"
        )
    return value
