"""A run stored: its hours recorded, and all of it added to a database in one transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from analysis.booking.books import Booked
from analysis.rows.columns import columns_of
from analysis.rows.event_files import EventFiles
from analysis.rows.events_of import ALL, EventsOf
from analysis.rows.hidden import sweep_events
from analysis.rows.seal import seal_of
from analysis.runs.checkpoints import Recorded
from analysis.runs.committing import WAIT_S, Complete, Say, commit, commit_or_keep
from analysis.runs.playing import Totals
from analysis.runs.recording import Recording
from analysis.runs.rollback import file_of
from analysis.runs.run import spec_of
from analysis.runs.stored import StoredRun
from analysis.runs.versions import PACKAGES
from entities import registry
from scenarios.models import Scenario
from sim.book.records import Book
from sim.engine.run import RunResult

Source = Callable[[Recording], tuple[RunResult, Totals, float]]
"""Gives a sink all hours, and returns what came of them and how many seconds the market took."""


def new_id(scenario: Scenario, started: datetime) -> str:
    """Return the name of a new run."""
    return f"{scenario.name}-{started:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def row_of(
    scenario: Scenario,
    book: Book,
    workers: int,
    started: datetime,
    run_id: str = "",
    note: str = "",
    tags: Iterable[str] = (),
) -> registry.SimulationRun:
    """Return the row of a run that begins; `store` adds what came of it."""
    market, spec = scenario.market, spec_of(scenario, book)
    return registry.SimulationRun(
        run_id=run_id or new_id(scenario, started),
        scenario=scenario.name,
        scenario_text=scenario.model_dump_json(),
        book_text=book.text,
        fingerprint=spec.fingerprint,
        seed=scenario.seed,
        start=market.horizon.start,
        horizon_hours=market.horizon.hours,
        tick_minutes=market.tick_minutes,
        shards=market.shards,
        workers=workers,
        paceline_version=spec.versions["paceline"],
        code=spec.code,
        python_version=spec.versions["python"],
        packages=json.dumps({name: spec.versions[name] for name in PACKAGES}),
        platform=spec.versions["platform"],
        status=registry.RunStatus.complete,
        started_at=started,
        notes=note,
        tags=" ".join(sorted(set(tags))),
    )


def store(
    engine: Engine,
    row: registry.SimulationRun,
    scenario: Scenario,
    source: Source,
    finished: Callable[[], datetime],
    booked: Booked,
    events: Path | None = None,
    events_of: EventsOf = ALL,
    warn: Say = lambda _: None,
    say: Say = lambda _: None,
    wait_s: float | None = None,
    keeps: bool = True,
    folder: Path | None = None,
    recorded: Recorded | None = None,
) -> StoredRun:
    """Return the run whose hours *source* gives, stored with all its rows, *events_of* it in that folder.

    *finished* tells when the last of them was over. What it has *booked* has the ids of its names by then.
    Whatever goes wrong before the last commit leaves the database as it was; *warn* is given a line on what
    goes wrong after it. It waits *wait_s* for other writers, and *say* is told. Where it *keeps*, a run that
    cannot be stored goes into a file. What killed runs left among the events is swept first. Until the commit
    rows wait in the *folder* of the run, where they go on from what was *recorded*, or in a temporary one.
    """
    files, columns = None, columns_of(booked.book, scenario)
    if events:
        here = _place(engine)
        sweep_events(events, partial(_is_stored, engine, here))
        about: dict[str, Any] = {"scenario": row.scenario, "seed": row.seed, "note": here}
        about |= {"kept": recorded.events if recorded else None}
        files = EventFiles(events, row.run_id, columns, events_of=events_of, **about)
    with Recording(columns, row.run_id, files, warn, folder, recorded) as recording:
        outcome, totals, row.seconds = source(recording)
        row.auctions, row.impressions, row.spend_micros = totals
        row.finished_at, row.events_digest = finished(), outcome.events_digest
        row.digest = recording.digest(outcome.events_digest, outcome.facts)
        row.seal = seal_of(row)
        run = Complete(recording, row, outcome.facts, scenario, booked.book, booked.campaigns)
        last = commit_or_keep if keeps else commit
        stored = last(engine, run, say, WAIT_S if wait_s is None else wait_s)
    return StoredRun(engine, stored, events)


def _place(engine: Engine) -> str:
    file = file_of(engine)
    return str(file.resolve()) if file else engine.url.render_as_string(hide_password=True)


def _is_stored(engine: Engine, here: str, run_id: str, there: str) -> bool | None:
    # Another database than this one is not opened; where it is gone its runs are.
    if there != here:
        return None if "://" in there or Path(there).exists() else False
    with registry.session(engine, writes=False) as reader:
        return reader.get(registry.SimulationRun, run_id) is not None
