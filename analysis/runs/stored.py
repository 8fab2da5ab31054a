"""Runs of a database: found, listed and read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session, defer

from analysis.audit.bids import IDS as BID_AUDIT
from analysis.audit.files import on_disk, whole
from analysis.audit.report import Audit, audit
from analysis.delivery.report import in_full
from analysis.rows import frames
from analysis.rows.bid_files import scan_bids
from analysis.rows.bids import BID_COLUMNS
from analysis.rows.event_files import scan_events
from analysis.rows.event_ids import ids_now
from analysis.rows.events import EVENT_COLUMNS
from analysis.rows.hidden import show_stored
from analysis.rows.manifest import read_manifest
from analysis.rows.results import LINE_ITEMS, TableName, fingerprint
from analysis.runs.book_text import identified, read_book, readable
from analysis.runs.playing import Totals
from analysis.runs.run import EventsForm, Run, Spec
from analysis.runs.versions import version
from entities import registry
from entities.arguments import File, Folder, checked
from entities.messages import listed, nearest
from scenarios.models import Scenario
from sim import external
from sim.book.records import Book
from sim.events import Hour

_ROW = registry.SimulationRun
_FINISHED = (
    select(_ROW)
    .where(_ROW.status == registry.RunStatus.complete)
    .order_by(_ROW.number.desc(), _ROW.run_id.desc())
)
"""Those of a database, the latest first: the one that was stored last, whatever the clocks said."""


class StoredRun(Run):
    """A finished run of a database, read as it is asked for."""

    def __init__(self, engine: Engine, row: registry.SimulationRun, events: Path | None = None) -> None:
        self.engine, self.row = engine, row
        self.run_id, self.started = row.run_id, row.started_at
        self.workers, self.seconds = row.workers, row.seconds
        self.events_folder = events
        """Where its events are, None where that is not known."""

    @cached_property
    def spec(self) -> Spec:
        row = self.row
        with readable(self.run_id), external.described():  # what plays is in the book
            scenario = Scenario.model_validate_json(self.texts[0])
        return Spec(scenario, row.seed, row.fingerprint, row.code, self.versions)

    @property
    def versions(self) -> Mapping[str, str]:
        """Return the versions of what ran it, as they are stored."""
        row = self.row
        try:
            packages = {str(name): str(version) for name, version in json.loads(row.packages).items()}
        except (ValueError, AttributeError):
            packages = {"packages": row.packages}
        return {
            "paceline": row.paceline_version,
            "python": row.python_version,
            **packages,
            "platform": row.platform,
        }

    @cached_property
    def texts(self) -> tuple[str, str]:
        """Return the scenario and the book as they are stored, JSON."""
        with registry.session(self.engine, writes=False) as reader:
            query = select(_ROW.scenario_text, _ROW.book_text).where(_ROW.run_id == self.run_id)
            found = reader.execute(query).first()
            if found is None:
                raise no_run(reader, self.run_id)
            return found[0], found[1]

    @cached_property
    def book_as_stored(self) -> Book:
        """Return what was sold, with ids of 0: the registry is not looked at."""
        with readable(self.run_id):
            return read_book(self.texts[1])

    @cached_property
    def book(self) -> Book:
        """Return what was sold, with the registry's ids; InputError where it cannot be read."""
        with self.unchanged(), registry.session(self.engine, writes=False) as reader:
            return identified(reader, self.run_id, self.book_as_stored)

    def unchanged(self) -> AbstractContextManager[None]:
        """Return what makes an InputError of whatever goes wrong because the scenario or book was changed."""
        return readable(self.run_id, lambda: self.fingerprint_now == self.row.fingerprint)

    @property
    def fingerprint_now(self) -> str:
        """Return the fingerprint of the scenario and the book as they are read now."""
        return fingerprint(self.scenario, self.book_as_stored)

    @property
    def hours(self) -> Sequence[Hour]:
        """Refuse: a database keeps rows."""
        raise registry.InputError(
            f"run {self.run_id}: a database keeps its rows and not its hours; reproduce it to have them"
        )

    @property
    def totals(self) -> Totals:
        return Totals(self.row.auctions, self.row.impressions, self.row.spend_micros)

    @property
    def digest(self) -> str:
        return self.row.digest

    @cached_property
    def currency(self) -> registry.Currency:
        campaign, shown = registry.Campaign, registry.PerformanceExtended
        query = (
            select(campaign.currency)
            .join(registry.LineItem, registry.LineItem.campaign_id == campaign.id)
            .join(shown, shown.line_item_id == registry.LineItem.id)
            .where(shown.run_id == self.run_id)
        )
        with registry.session(self.engine, writes=False) as reader:
            return reader.scalar(query.limit(1)) or registry.Currency.usd

    @cached_property
    def line_items(self) -> pl.DataFrame:
        """Return all line items of the registry under the names that they have now, on this run's terms."""
        item, campaign, advertiser = registry.LineItem, registry.Campaign, registry.Advertiser
        budget = registry.Budget
        lifetime = (budget.line_item_id == item.id) & (budget.budget_type == registry.BudgetType.lifetime)
        query = (
            select(item.id, item.name, campaign.id, campaign.name, advertiser.name, budget.amount_micros)
            .join(campaign, item.campaign_id == campaign.id)
            .join(advertiser, campaign.advertiser_id == advertiser.id)
            .outerjoin(budget, lifetime)
        )
        with registry.session(self.engine, writes=False) as reader:
            found = frames.frame(reader.execute(query), LINE_ITEMS)
        with suppress(registry.InputError):  # where its book cannot be read, those of the registry are left
            own = {item.id: item.lifetime_micros for item in self.book.line_items}
            terms = pl.DataFrame(
                [*own.items()], {"line_item_id": pl.Int64(), "own": pl.Int64()}, orient="row"
            )
            booked = pl.col("line_item_id").is_in([*own])
            found = found.join(terms, on="line_item_id", how="left", maintain_order="left").with_columns(
                pl.when(booked).then("own").otherwise("budget_micros").alias("budget_micros")
            )
        return in_full(found.drop("own", strict=False))

    @property
    def events(self) -> pl.LazyFrame:
        if self.events_folder is None:
            raise registry.InputError(
                f"run {self.run_id}: a database keeps no events; name the folder that holds them"
            )
        show_stored(self.events_folder, self.run_id)
        whole(self.events_folder, self.run_id)
        return scan_events(self.events_folder, self.run_id).with_columns(self.ids_in_files(EVENT_COLUMNS))

    @property
    def bids(self) -> pl.LazyFrame:
        if self.events_folder is None:
            raise registry.InputError(
                f"run {self.run_id}: a database keeps no bids; name the folder that holds them"
            )
        show_stored(self.events_folder, self.run_id)
        return scan_bids(self.events_folder, self.run_id).with_columns(self.ids_in_files(BID_COLUMNS))

    def ids_in_files(self, named: Iterable[str]) -> list[pl.Expr]:
        """Return what makes the *named* columns of its files have the ids of this database.

        They have those under which it was booked, in another one or before it was stored.
        """
        if self.events_folder is None:
            return []
        return ids_now(read_manifest(self.events_folder, self.run_id), self.columns, [*named])

    @checked
    def table(self, name: TableName) -> pl.DataFrame:
        with registry.session(self.engine, writes=False) as reader:
            return frames.stored(reader, name, self.run_id)

    def rows_of(self, name: TableName, line_item_id: int) -> pl.DataFrame:
        with registry.session(self.engine, writes=False) as reader:
            return frames.stored(reader, name, self.run_id, line_item_id)

    @checked
    def save(self, database: File, events: Folder = None, *, events_of: EventsForm = "all") -> Run:
        """Refuse: it is stored."""
        del database, events, events_of
        raise registry.InputError(
            f"run {self.run_id}: is stored in {self.engine.url.database}; reproduce it to store it elsewhere"
        )

    def unread(self) -> StoredRun:
        """Return the same run, of which nothing was read yet: what its book names may be played now."""
        return StoredRun(self.engine, self.row, self.events_folder)

    @checked
    def audit(self, *, allow_code: bool = False) -> Audit:
        run = self.unread()
        with external.code(allow_code), run.unchanged():
            # A folder without the events is refused before anything is counted.
            how: dict[str, Any] = {"same_code": self.row.code == version("code")}
            if self.events_folder is None:
                return audit(run, None, self.engine, self.row, **how)
            show_stored(self.events_folder, self.run_id)
            files = on_disk(self.events_folder, self.run_id)
            bids = files.bids and files.bids._replace(ids=run.ids_in_files(BID_AUDIT))
            how |= {"bids": bids, "sample": "" if files.of.everybody else str(files.of)}
            how |= {"ids": run.ids_in_files(EVENT_COLUMNS)}
            return audit(run, files.days, self.engine, self.row, files.verdict, **how)


def find(engine: Engine, run_id: str | None = None, events: Path | None = None) -> StoredRun:
    """Return the finished run of that id, or the latest one, with its events if their folder is given.

    InputError where there is none.
    """
    with registry.session(engine, writes=False) as reader:
        return StoredRun(engine, find_run(reader, run_id), events)


def runs(engine: Engine, events: Path | None = None) -> list[StoredRun]:
    """Return every finished run, the latest first, with its events if their folder is given."""
    query = _FINISHED.options(defer(_ROW.scenario_text), defer(_ROW.book_text))
    with registry.session(engine, writes=False) as reader:
        return [StoredRun(engine, row, events) for row in reader.scalars(query)]


def find_run(opened: Session, run_id: str | None = None) -> registry.SimulationRun:
    """Return the row of the finished run of that id, or of the latest one; InputError where there is none."""
    query = _FINISHED if run_id is None else _FINISHED.where(_ROW.run_id == run_id)
    if found := opened.scalars(query.limit(1)).first():
        return found
    if run_id is None:
        raise registry.InputError("there is no finished run; simulate makes one")
    raise no_run(opened, run_id)


def no_run(opened: Session, run_id: str) -> registry.InputError:
    """Return the error of a run that is not there: the one of nearly that name, or where they are listed."""
    known = opened.scalars(select(_ROW.run_id).order_by(_ROW.number.desc(), _ROW.run_id.desc())).all()
    begun = [one for one in known if run_id and one.startswith(run_id)]
    near = next(iter(begun), None) or nearest(run_id, known)
    hint = f"did you mean {near}?" if near else f"runs are {listed(known, 5)}" if known else "there are none"
    return registry.InputError(f"there is no run {run_id!r}; {hint}")


def table_rows(session: Session) -> dict[str, int]:
    """Return how many rows each table has, what is sold first."""
    return {
        model.__tablename__: session.scalar(select(func.count()).select_from(model)) or 0
        for model in registry.TABLES
    }
