"""A study played: what is known already is read, the rest is played, and all of it is kept as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl
from sqlalchemy import Engine

from analysis.booking import guards
from analysis.study import kept
from analysis.study.compared import Compared, as_rows, compared
from analysis.study.metrics import EVERYONE, METRICS, SHOWN, chosen
from analysis.study.plans import Best, Fixed, Plan, Until, Winner, judged_by
from analysis.study.replication import Arms, Booked, Replication, Task, booked
from analysis.study.workers import Failed, KilledError, Workers
from entities.errors import InputError, PacelineError
from entities.messages import hint, nearest, quoted
from scenarios.precision import precision
from scenarios.study import LoadedStudy, Study
from sim.market.changes import goes_by


@dataclass
class Progress:
    """How far a study is."""

    total: int
    done: int = 0
    """Replications that are known, those of before included."""
    before: int = 0
    """Those that were known before."""
    failed: list[Failed[Task]] = field(default_factory=list)
    auctions: int = 0


@dataclass(frozen=True)
class StudyRun:
    """What came of a study."""

    study: Study
    arms: tuple[str, ...]
    results: pl.DataFrame
    """The tidy table, `kept.SCHEMA`: the seeds that every arm was played with, and others."""
    progress: Progress
    told: str = ""
    """Why it stopped, in a line, where it stopped by itself."""
    watched: bool = False
    """Whether it stopped because intervals were narrow enough, which they have to make up for."""
    line_item: str = EVERYONE
    """The path of the line item whose figures are asked for; EVERYONE for all together."""
    best: Winner | None = None
    """The best arm, where it was asked for and none failed."""
    currency: str = ""
    """The sign of its money."""

    @property
    def baseline(self) -> str:
        """Return the arm that others are held against."""
        return self.study.held_against

    def compared(
        self, metrics: Sequence[str] = (), line_item: str = "", *, level: float = 0.95
    ) -> list[Compared]:
        """Return the arms by some *metrics*, those that the study asks for, or a few that belong together.

        Of all line items together, or of one; of that which the study names. InputError for a metric or line
        item that the study has not.
        """
        names, whose = tuple(metrics) or self.study.metrics or SHOWN, line_item or self.line_item
        return compared(
            self.results, self.arms, self.baseline, names, whose, level=level, watched=self.watched
        )

    def differences(
        self, metrics: Sequence[str] = (), line_item: str = "", *, level: float = 0.95
    ) -> pl.DataFrame:
        """Return the same as a frame, a row for each metric and arm.

        metric, unit, line_item, arm; mean; difference to the baseline, low and high of its interval,
        standard_error, level, method; seeds, and saved_by_pairing, how many times as many seeds unpaired runs
        would need. NULL where there is none.
        """
        return pl.DataFrame(list(as_rows(self.compared(metrics, line_item, level=level))))


OnProgress = Callable[[Progress], None]


def run(
    loaded: LoadedStudy,
    engine: Engine,
    *,
    until: str | None = None,
    best: str | None = None,
    line_item: str = "",
    workers: int = 1,
    progress: OnProgress = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
) -> StudyRun:
    """Return what comes of a study, kept in the database of *engine*: what is there already is not played.

    Each replication is stored as it ends, so that what breaks off goes on where it stopped. With *until*, a
    precision such as `0.5%`, seeds are added until every difference of the first metric is known to it; with
    *best*, a metric, until the best arm by it is found, where differences of *until* and more matter; both
    go by the *line_item* whose figures are asked for, or that which the study names, or all together.
    *progress* is called at the start and after each replication, and *warn*, a line each, with what is
    probably not intended. InputError for arms that cannot be booked, for metrics that they cannot have,
    and for a replication without the metric that the study goes by; PacelineError if a worker is killed.
    """
    arms, study = booked(loaded), loaded.study
    _check_metrics(loaded, arms)
    _check_best(best, arms)
    plan, metric = _plan(loaded, [*arms], until, best, workers)
    for line in _warnings(loaded, arms):
        warn(line)
    whose = _whose(loaded, arms, line_item)
    first = plan.tasks({})
    others = kept.others(engine, study.name, {task: arms[task.arm].fingerprint(task.seed) for task in first})
    if others:
        warn(
            f"study {study.name}: {others:,} of its replications here were played on other terms, and"
            " give way; another name keeps both"
        )
    return replicated(
        study, arms, engine, plan, metric, whose, currency=loaded.currency, workers=workers, progress=progress
    )


def _whose(loaded: LoadedStudy, arms: dict[str, Booked], asked: str) -> str:
    # The path of the line item, which every arm has.
    name = asked or loaded.study.line_item
    if not name:
        return EVERYONE
    where = "" if asked else f"{loaded.source.origin(('line_item',))}: line_item: "
    for arm in arms.values():
        paths = [item.path for item in arm.book.line_items]
        own = [path for path in paths if goes_by(name, path)]
        if len(own) != 1:
            what = f"several line items of arm {quoted(arm.name)} are called" if own else "no line item"
            raise InputError(f"{where}{what} {quoted(name)}; {_instead(name, own, paths)}")
    return own[0]


def _instead(name: str, own: list[str], paths: list[str]) -> str:
    # The nearest by its own name, unless several bear it.
    names = {path.rpartition(" / ")[2]: path for path in paths}
    near = None if own else nearest(name.rpartition(" / ")[2], names)
    return f"did you mean {near}?" if near else hint(name, own or paths)


def replicated(
    study: Study,
    arms: dict[str, Booked],
    engine: Engine,
    plan: Plan,
    metric: str,
    line_item: str = EVERYONE,
    *,
    currency: str = "",
    workers: int = 1,
    progress: OnProgress = lambda _: None,
) -> StudyRun:
    """Return what comes of *arms* that are booked, played as a *plan* asks for by a *metric* of a line item.

    The rest is as in `run`.
    """
    now, known, failed = Progress(0), dict[Task, float | None](), set[Task]()
    with Workers(Arms(arms), workers) as pool:
        while todo := [task for task in plan.tasks(known) if task not in known and task not in failed]:
            names = {arms[task.arm].fingerprint(task.seed): task for task in todo}
            before = kept.known(engine, study.name, names)
            known |= {one.task: one.value(metric, line_item) for one in before}
            plan.check(known)
            now.before += len(before)
            now.done, now.total = len(known), len(known) + len(todo) - len(before)
            progress(now)
            for found in _resumable(pool.play([task for task in todo if task not in known])):
                if isinstance(found, Failed):
                    failed.add(found.task)
                    now.failed.append(found)
                else:
                    kept.add(engine, study.name, found)
                    known[found.task] = found.value(metric, line_item)
                    plan.check({found.task: known[found.task]})
                    now.done += 1
                    now.auctions += found.auctions
                progress(now)
            if failed and not isinstance(plan, Fixed):  # whose seeds would never be complete
                break
    asked = [*known] if failed else plan.tasks(known)
    wanted = pl.DataFrame(asked, schema={"arm": pl.String(), "seed": pl.Int64()}, orient="row")
    results = kept.frame(engine, study.name).join(wanted, on=["arm", "seed"], maintain_order="left")
    told = "" if failed else plan.told(known)
    best = plan.winner(known) if isinstance(plan, Best) and not failed else None
    return StudyRun(
        study, tuple(arms), results, now, told, isinstance(plan, Until), line_item, best, currency
    )


def _resumable(playing: Iterator[Replication | Failed[Task]]) -> Iterator[Replication | Failed[Task]]:
    try:
        yield from playing
    except KilledError as error:
        raise PacelineError(f"{error}; what ended is kept, and the same command goes on") from None


def _plan(
    loaded: LoadedStudy, arms: list[str], until: str | None, best: str | None, workers: int
) -> tuple[Plan, str]:
    # The plan, and the name of the metric that it goes by.
    study = loaded.study
    first, baseline, batch = loaded.first_seed, study.held_against, -(-2 * workers // len(arms))
    if best is not None:
        wanted = precision("1%" if until is None else until)
        return Best(arms, baseline, first, judged_by(best), wanted, batch=batch), best
    metric = next(iter(study.metrics), SHOWN[0])
    until = study.precision if until is None else until
    if until is not None:
        return Until(arms, baseline, first, METRICS[metric], precision(until), batch=batch), metric
    return Fixed(arms, first, study.replications), metric


def _check_metrics(loaded: LoadedStudy, arms: dict[str, Booked]) -> None:
    try:
        for arm in arms.values():
            chosen(loaded.study.metrics, arm.scenario.market, arm.book)
    except InputError as error:
        where = f"{loaded.source.origin(('metrics',))}: {loaded.source.name(('metrics',))}"
        raise _blamed("--metric" if loaded.other_metrics else where, error) from None


def _check_best(best: str | None, arms: dict[str, Booked]) -> None:
    try:
        for arm in arms.values():
            chosen([best] if best else (), arm.scenario.market, arm.book)
        if best:
            judged_by(best)
    except InputError as error:
        raise _blamed("--best", error) from None


def _blamed(where: str, error: InputError) -> InputError:
    # A list that is cut short says where all of it is.
    rest = " (paceline list metrics has all)" if str(error).endswith("…") else ""
    return InputError(f"{where}: {error}{rest}")


def _warnings(loaded: LoadedStudy, arms: dict[str, Booked]) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for arm in loaded.arms:
        listings = arm.loaded.listings.values()
        for line in guards.warnings(arm.loaded.scenario.market, arms[arm.name].book, listings):
            found.setdefault(line, []).append(arm.name)
    for line, names in found.items():
        several = f"{len(names)} arms" if len(names) > 1 else f"arm {names[0]}"
        yield line if len(names) == len(arms) else f"{several}: {line}"
