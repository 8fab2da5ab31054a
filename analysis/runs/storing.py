"""A run stored: its hours recorded, and all of it added to a database in one transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from analysis.booking.books import create
from analysis.rows.columns import columns_of
from analysis.rows.results import fingerprint
from analysis.runs.playing import Totals
from analysis.runs.recording import Recording
from analysis.runs.stored import StoredRun
from analysis.runs.versions import PACKAGES, now, version
from entities import registry
from scenarios.models import Listing, Scenario
from sim.book.records import Book
from sim.engine.run import RunResult
from sim.events import Sink

Source = Callable[[Sink], tuple[RunResult, Totals, float]]
"""Gives a sink all hours, and returns what came of them and how many seconds the market took."""


@dataclass(frozen=True)
class Order:
    """What is to be stored beside the rows."""

    scenario: Scenario
    book: Book
    workers: int
    missing: tuple[Listing, ...] = ()
    """Campaigns that the registry lacks."""
    note: str = ""
    tags: Iterable[str] = ()
    started: datetime = field(default_factory=now)
    run_id: str = ""

    def __post_init__(self) -> None:
        if not self.run_id:
            object.__setattr__(self, "run_id", new_id(self.scenario, self.started))


def new_id(scenario: Scenario, started: datetime) -> str:
    """Return the name of a new run."""
    return f"{scenario.name}-{started:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def store(engine: Engine, order: Order, source: Source, events: Path | None = None) -> StoredRun:
    """Return the run whose hours *source* gives, stored with all its rows, its events in that folder.

    Whatever goes wrong before the last commit leaves the database as it was.
    """
    with Recording(columns_of(order.book, order.scenario), order.run_id, events) as recording:
        outcome, totals, seconds = source(recording)
        digest = recording.digest(outcome.events_digest)
        row = _row(order, totals, digest, seconds)
        # One transaction for all: what is created for a run appears with the run, or not at all.
        with registry.session(engine) as opened:
            for listing in order.missing:
                create(opened, listing)
            _check_unchanged(opened, order.book)
            recording.store(opened, row, outcome.facts)
    return StoredRun(engine, row, events)


def _row(order: Order, totals: Totals, digest: str, seconds: float) -> registry.SimulationRun:
    scenario, market = order.scenario, order.scenario.market
    return registry.SimulationRun(
        run_id=order.run_id,
        scenario=scenario.name,
        scenario_text=scenario.model_dump_json(),
        book_text=order.book.text,
        fingerprint=fingerprint(scenario, order.book),
        seed=scenario.seed,
        start=market.horizon.start,
        horizon_hours=market.horizon.hours,
        tick_minutes=market.tick_minutes,
        shards=market.shards,
        workers=order.workers,
        paceline_version=version("paceline"),
        code=version("code"),
        python_version=version("python"),
        packages=json.dumps({name: version(name) for name in PACKAGES}),
        platform=version("platform"),
        digest=digest,
        started_at=order.started,
        finished_at=now(),
        seconds=seconds,
        auctions=totals.auctions,
        impressions=totals.impressions,
        spend_micros=totals.spend_micros,
        notes=order.note,
        tags=" ".join(sorted(set(order.tags))),
    )


def _check_unchanged(opened: Session, book: Book) -> None:
    item, creative = registry.LineItem, registry.Creative
    line_items = dict(opened.execute(select(item.id, item.name)).all())
    creatives = dict(opened.execute(select(creative.id, creative.name)).all())
    booked = [(line_items, one.id, one.name) for one in book.line_items]
    booked += [(creatives, one.id, one.name) for one in book.creatives]
    for found, id_, name in booked:
        if found.get(id_) != name:
            raise registry.DatabaseError(
                f"{name!r} was renamed, removed or created anew while the market ran;"
                " nothing was stored, run it again"
            )
