"""A finished run once more, from what the database keeps of it alone: does it come out the same?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl
from sqlalchemy import Engine

from analysis.rows import frames
from analysis.rows.columns import columns_of
from analysis.rows.digest import Digest, combine
from analysis.rows.performance import Batch, Hours, Rows, Tally, counting_of
from analysis.runs.book_text import CodeError
from analysis.runs.clock import stopwatch
from analysis.runs.played import PlayedRun, play_in_memory
from analysis.runs.playing import OnProgress, play
from analysis.runs.stored import StoredRun, find
from analysis.runs.versions import version
from entities import registry
from sim.book.records import Book

DIGITS = 12
"""How many digits of a hash stand for it."""


@dataclass(frozen=True, slots=True)
class Version:
    """Something that can change a run's bytes, and has changed since."""

    name: str
    then: str
    now: str


class Figures(NamedTuple):
    """What is compared."""

    digest: str
    auctions: int
    impressions: int
    spend_micros: int


@dataclass(frozen=True, slots=True)
class Reproduction:
    """A run beside its repetition."""

    run_id: str
    scenario: str
    seed: int
    then: Figures
    now: Figures
    versions: tuple[Version, ...]
    """What has another version now than then."""
    difference: str
    """Where the first stored row differs from what came out now; empty where none does."""
    compared: bool
    """Whether rows were compared: not where the registry has other names for line items by now."""
    seconds: float
    """How long the repetition took."""

    @property
    def same(self) -> bool:
        """Return whether everything came out as it was."""
        return self.then == self.now and not self.difference


def compare(
    engine: Engine, run_id: str | None = None, *, workers: int = 1, progress: OnProgress = None
) -> Reproduction:
    """Return how a run, the latest where none is named, comes out today; nothing is stored or kept.

    The registry is not looked at: the scenario and the book are those that are stored with the run.
    InputError where there is no such run, or where this version cannot read what is stored.
    """
    run = find(engine, run_id)
    versions = _versions(run)
    try:
        scenario, book = run.scenario, run.book_as_stored
    except CodeError:
        raise
    except registry.InputError as error:
        changed = ", ".join(f"{one.name} {one.then} then, {one.now} now" for one in versions)
        raise registry.InputError(f"{error}; {changed or 'the versions are the same'}") from None
    named = Version("fingerprint", run.row.fingerprint[:DIGITS], run.fingerprint_now[:DIGITS])
    if named.then != named.now:  # of what was stored, or a version reads more into it
        versions = (named, *versions)
    ids = _with_ids(run)
    with stopwatch() as seconds, run.unchanged():
        columns, counted = columns_of(ids or book, scenario), list[Rows]()
        tally, digest = Tally(columns), Digest(columns)

        def count(hours: Hours) -> None:
            counted.append(tally.rows(*hours))
            digest.update(counted[-1])

        batch = Batch(count)
        outcome, totals = play(
            scenario,
            book,
            batch.add,
            workers=workers,
            progress=progress,
            clerk=counting_of(columns),
            events=False,
        )
        batch.flush()
        digest.facts(columns, outcome.facts)
    difference = ""
    if ids:
        tables = {
            name: frames.counted(name, tally.dated(pl.concat(rows)), run.run_id)
            for name, rows in zip(Rows._fields, zip(*counted, strict=True), strict=True)
        }
        tables["delivery_events"] = frames.facts(columns, run.run_id, outcome.facts)
        difference = _first_difference(run, tables)
    return Reproduction(
        run.run_id,
        run.row.scenario,
        run.row.seed,
        then=Figures(run.digest, *run.totals),
        now=Figures(combine(outcome.events_digest, digest.hexdigest()), *totals),
        versions=versions,
        difference=difference,
        compared=ids is not None,
        seconds=seconds(),
    )


def _with_ids(run: StoredRun) -> Book | None:
    # Rows go by the registry's ids, and whether a line item was renamed is no matter of the run.
    try:
        return run.book
    except registry.InputError:
        return None


def _first_difference(run: StoredRun, tables: dict[str, pl.DataFrame]) -> str:
    found = (frames.first_difference(name, run.table(name), now) for name, now in tables.items())
    return next(filter(None, found), "")


def reproduce(run: StoredRun, *, workers: int = 1, progress: OnProgress = None) -> PlayedRun:
    """Return *run* as it comes out today, in memory under its own id, with all its hours; nothing is stored.

    InputError where this version cannot read what is stored, or line items were renamed since.
    """
    with run.unchanged():
        return play_in_memory(
            run.scenario,
            run.book,
            workers=workers,
            progress=progress,
            run_id=run.run_id,
            currency=run.currency,
        )


def _versions(run: StoredRun) -> tuple[Version, ...]:
    then = {"paceline": "", "code": run.row.code, **run.versions}  # in this order
    return tuple(
        Version(name, *((old[:DIGITS], now[:DIGITS]) if name == "code" else (old, now)))
        for name, old in then.items()
        if old != (now := version(name))
    )
