"""Runs in memory: played there, with their hours kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.lib.recfunctions import repack_fields
from numpy.typing import NDArray

from analysis.audit.bids import KeptBids
from analysis.audit.report import Audit, audit
from analysis.booking.books import book_played
from analysis.delivery.report import in_full
from analysis.rows import events_of as forms
from analysis.rows import frames
from analysis.rows.bids import bids_in_memory
from analysis.rows.digest import Digest, combine
from analysis.rows.event_table import decoded
from analysis.rows.parts import Part
from analysis.rows.performance import Rows, Tally
from analysis.rows.results import LINE_ITEMS, TableName
from analysis.runs import rollback
from analysis.runs.clock import stopwatch
from analysis.runs.playing import THREADS, OnProgress, Totals, play
from analysis.runs.run import EventsForm, Run, Spec, spec_of
from analysis.runs.stored import StoredRun
from analysis.runs.storing import new_id, row_of, store
from analysis.runs.versions import now
from entities import registry
from entities.arguments import File, Folder, checked
from scenarios import loader
from scenarios.models import Listing, Scenario
from sim import kernels
from sim.book.records import Book
from sim.engine.delivered import HOURS_TOGETHER
from sim.engine.executors.chosen import Chosen
from sim.engine.run import RunResult
from sim.engine.traffic import Loops
from sim.events import CONVERSIONS, EVENT, FUNNEL, INVENTORY, Hour, Sink
from sim.units import MICROS

ALL = EVENT.names or ()
"""Every column of the events."""


class PlayedRun(Run):
    """A run in memory, with all its hours."""

    def __init__(
        self,
        scenario: Scenario,
        book: Book,
        outcome: RunResult,
        hours: Sequence[Hour],
        *,
        listings: Mapping[str, Listing] | None = None,
        workers: int = 1,
        started: datetime | None = None,
        seconds: float = 0.0,
        run_id: str | None = None,
        currency: registry.Currency | None = None,
        events_of: forms.EventsOf = forms.ALL,
    ) -> None:
        """Take the run with its *hours*, which have the bids that *events_of* asks for."""
        self.started = started or now()
        self.run_id = run_id or new_id(scenario, self.started)
        self.outcome, self.workers, self.seconds = outcome, workers, seconds
        self._scenario, self._book, self._hours, self._currency = scenario, book, hours, currency
        self._events_of = events_of
        if listings is not None:
            self.listings = listings

    @cached_property
    def spec(self) -> Spec:
        return spec_of(self._scenario, self._book)

    @cached_property
    def listings(self) -> Mapping[str, Listing]:
        """Return the campaigns that the scenario names, by the names that `Loaded` has for them."""
        return loader.built(self.scenario).listings

    @property
    def scenario(self) -> Scenario:
        return self._scenario

    @property
    def book(self) -> Book:
        """Return what was sold, with ids as if they were rows of an empty database."""
        return self._book

    @property
    def hours(self) -> Sequence[Hour]:
        return self._hours

    @cached_property
    def totals(self) -> Totals:
        totals = Totals()
        for hour in self.hours:
            totals = totals.plus(hour)
        return totals

    @cached_property
    def digest(self) -> str:
        digest = Digest(self.columns)
        digest.update(self._rows)
        digest.facts(self.columns, self.outcome.facts)
        return combine(self.outcome.events_digest, digest.hexdigest())

    @cached_property
    def texts(self) -> tuple[str, str]:
        return self.scenario.model_dump_json(), self.book.text

    @cached_property
    def currency(self) -> registry.Currency:
        booked = [one.campaign.currency for one in self.listings.values()]
        return self._currency or next(iter(booked), registry.Currency.usd)

    @cached_property
    def line_items(self) -> pl.DataFrame:
        items = [
            (one.id, one.name, one.campaign_id, one.campaign_name, one.advertiser_name, one.lifetime_micros)
            for one in self.book.line_items
        ]
        return in_full(pl.DataFrame(items, schema=LINE_ITEMS, orient="row"))

    @cached_property
    def events(self) -> pl.LazyFrame:
        self._check_kept()
        return decoded(self.hours, self.columns, self.run_id)

    @cached_property
    def bids(self) -> pl.LazyFrame:
        if not self._events_of.bids:
            raise registry.InputError(
                f"run {self.run_id}: was played without its bids; simulate it with events_of='lost:1%'"
            )
        return bids_in_memory(self.hours, self.columns, self.run_id)

    @checked
    def table(self, name: TableName) -> pl.DataFrame:
        if name == "delivery_events":
            return frames.facts(self.columns, self.run_id, self.outcome.facts)
        return frames.counted(name, Tally(self.columns).dated(getattr(self._rows, name)), self.run_id)

    @checked
    def audit(self, *, allow_code: bool = False) -> Audit:
        del allow_code  # it ran already
        events, of = _by_day(self.events), self._events_of
        bids = KeptBids(of, _by_day(self.bids), events) if of.bids else None
        return audit(self, events, bids=bids)

    @checked
    def save(self, database: File, events: Folder = None, *, events_of: EventsForm = "all") -> StoredRun:
        """Return the run as it is stored in *database* now, with its events if a folder is given."""
        kept, form = None if events is None else Path(events), forms.events_of(events_of)
        forms.check_folder(form, kept)
        if form.bids_of > self._events_of.bids_of:
            had = f"with {self._events_of}" if self._events_of.bids else "without its bids"
            raise registry.InputError(
                f"events_of: run {self.run_id} was played {had}; simulate it with events_of='{form}' to keep"
                " these bids"
            )
        with rollback.database(os.fspath(database), create=True) as (engine, _), rollback.folder(kept):
            booked = book_played(engine, self.run_id, self.book, self.listings)
            row = row_of(self.scenario, booked.book, self.workers, self.started, self.run_id)
            play, about = self._play_back, (booked, kept, form)
            # What cannot be stored is not lost: it is here.
            stored = store(engine, row, self.scenario, play, self._finished, *about, keeps=False)
        stored.created = tuple(booked.missing)
        return stored

    def _finished(self) -> datetime:
        return self.started + timedelta(seconds=self.seconds)

    def _play_back(self, sink: Sink) -> tuple[RunResult, Totals, float]:
        self._check_kept()
        for hour in self.hours:
            sink(hour)
        return self.outcome, self.totals, self.seconds

    @cached_property
    def _rows(self) -> Rows:
        self._check_kept()
        tally, hours = Tally(self.columns), self.hours
        days = (hours[at : at + HOURS_TOGETHER] for at in range(0, len(hours), HOURS_TOGETHER))
        return Rows(*(pl.concat(each) for each in zip(*(tally.rows(*day) for day in days), strict=True)))

    def _check_kept(self) -> None:
        if any(hour.events.dtype != EVENT for hour in self.hours):
            raise registry.InputError(f"run {self.run_id}: was played without keeping all of its events")

    @cached_property
    def won(self) -> NDArray[np.void]:
        """Return the won slots as EVENT records, or the columns of them that were kept, in their order."""
        told = "ghost" in (self.hours[0].events.dtype.names or ())
        return np.concatenate([hour.won if told else hour.events for hour in self.hours])

    @cached_property
    def recorded(self) -> NDArray[np.void]:
        """Return the same with the ghosts among them, where the column `ghost` was kept."""
        return np.concatenate([hour.events for hour in self.hours])

    def pacing(self, name: str) -> NDArray[np.int64]:
        """Return one field of the hours' pacing, line items × hours."""
        return np.stack([getattr(hour.pacing, name) for hour in self.hours], axis=1)

    @cached_property
    def counts(self) -> dict[str, NDArray[np.int64]]:
        """Return each column of FUNNEL by its name, line items × hours."""
        return _by_name(FUNNEL, (hour.funnel for hour in self.hours))

    @cached_property
    def supply(self) -> dict[str, NDArray[np.int64]]:
        """Return each column of INVENTORY by its name, summed over devices and placements: hours."""
        return _by_name(INVENTORY, (hour.inventory.sum(axis=(0, 1)) for hour in self.hours))

    @cached_property
    def converted(self) -> dict[str, NDArray[np.int64]]:
        """Return each column of CONVERSIONS by its name, line items × hours; zeros for none."""
        none = np.zeros((len(self.book.line_items), len(CONVERSIONS)), np.int64)
        found = (none if hour.conversions is None else hour.conversions for hour in self.hours)
        return _by_name(CONVERSIONS, found)

    def place(self, name: str) -> int:
        """Return where the line item of that name stands in the book."""
        return [item.name for item in self.book.line_items].index(name)

    def total(self, column: str, name: str | None = None) -> int:
        """Return one sum of the funnel, by its name in FUNNEL, over all line items or of one."""
        counts = self.counts[column]
        return int((counts if name is None else counts[self.place(name)]).sum())

    def money(self, column: str, name: str | None = None) -> NDArray[np.float64]:
        """Return a column of micros in whole units of currency, of all wins or of those of one line item."""
        values = self.won[column] / MICROS
        mine = slice(None) if name is None else self.won["line_item"] == self.place(name)
        return np.asarray(values[mine], np.float64)


def _by_day(rows: pl.LazyFrame) -> dict[str, Part]:
    days = rows.collect().partition_by("date", as_dict=True)
    return {f"{day:%Y-%m-%d}": frame for (day,), frame in days.items()}


def _by_name(columns: Sequence[str], hours: Iterable[NDArray[np.int64]]) -> dict[str, NDArray[np.int64]]:
    # From arrays of an hour each, whose last axis has the columns, to arrays whose last axis has the hours.
    return dict(zip(columns, np.moveaxis(np.stack(list(hours), axis=-1), -2, 0), strict=True))


def play_in_memory(
    scenario: Scenario,
    book: Book,
    *sinks: Sink,
    keep: Sequence[str] = ALL,
    workers: int = 1,
    progress: OnProgress = None,
    loops: Loops = kernels,
    events_of: forms.EventsOf = forms.ALL,
    executor: Chosen = THREADS,
    **more: Any,
) -> PlayedRun:
    """Return the run of *book* in the market of *scenario*, its hours with the columns to *keep* of events.

    The *sinks* take every hour with all of its events. Bids are kept if *events_of* asks for them.
    """
    hours: list[Hour] = []
    started = now()

    def take(hour: Hour) -> None:
        if tuple(keep) != ALL:
            # Ghosts are kept only where they can be told from what was won.
            kept = repack_fields((hour.events if "ghost" in keep else hour.won)[list(keep)])
            hour = hour._replace(parts=(kept,))
        # Copied, for bids lie in room for all that a tick might have had.
        hours.append(hour.joined()._replace(bids=tuple(part.copy() for part in hour.bids)))

    with stopwatch() as seconds:
        outcome, _ = play(
            scenario,
            book,
            *sinks,
            take,
            workers=workers,
            progress=progress,
            loops=loops,
            bids_of=events_of.bids_of,
            executor=executor,
        )
    more |= {"workers": workers, "started": started, "seconds": seconds(), "events_of": events_of}
    return PlayedRun(scenario, book, outcome, hours, **more)
