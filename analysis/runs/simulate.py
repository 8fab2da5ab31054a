"""One run from scenario to database: the registry read, the market simulated, the rows stored at once."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from analysis.runs import guards
from analysis.runs import term_differences as terms
from analysis.runs.code import code
from analysis.runs.columns import BookColumns, CreativeColumn, LineItemColumn
from analysis.runs.recording import Recording
from entities import registry
from entities.messages import nearest
from scenarios.loader import Loaded
from scenarios.models import Listing, Scenario
from sim.book.booking import book_of
from sim.book.records import Book
from sim.book.script import script_of
from sim.engine.executors import executor
from sim.engine.run import simulate as run_market
from sim.events import FUNNEL, INVENTORY, Hour

PACKAGES = ("numba", "numpy", "polars", "pydantic", "simpy", "sqlalchemy", "tzdata")
"""Those whose version can change a run's bytes, or how they are stored."""
_AVAILS = INVENTORY.index("avails")
_IMPRESSIONS, _SPEND = FUNNEL.index("impressions"), FUNNEL.index("spend_micros")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    hour: int
    """Hours that are finished."""
    hours: int
    auctions: int
    day: datetime
    """The simulated moment, UTC."""


Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run that is in the database."""

    run_id: str
    scenario: str
    seed: int
    digest: str
    auctions: int
    impressions: int
    spend_micros: int
    seconds: float
    workers: int
    made: tuple[str, ...]
    """The examples, profiles and campaigns that were not in the registry before."""
    joined: tuple[str, ...] = ()
    """Campaigns of the registry that competed without being named by the scenario."""


def simulate(
    engine: Engine,
    loaded: Loaded,
    *,
    workers: int = 1,
    events: Path | None = None,
    watch: Watch = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
    note: str = "",
    tags: Sequence[str] = (),
) -> RunReport:
    """Return the report of a run of *loaded* over the registry of *engine*, stored with all its rows.

    Campaigns that the scenario names and the registry lacks are created. Whatever goes wrong before the last
    commit leaves the database as it was. InputError for what cannot be booked. Before the market runs *warn*
    is given, a line each, what is allowed and yet probably not intended.
    """
    scenario, started, clock = loaded.scenario, datetime.now(UTC), time.perf_counter()
    book, missing = _book(engine, loaded, warn)
    _check_changes(loaded, book)
    for line in guards.warnings(scenario.market, book, loaded.listings.values()):
        warn(line)
    run_id = f"{scenario.name}-{started:%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    with Recording(columns_of(book, scenario), run_id, events) as recording:
        total = Totals(scenario, watch)

        def sink(hour: Hour) -> None:
            recording(hour)
            total(hour)

        with executor(workers) as threads:
            outcome = run_market(scenario.market, book, scenario.seed, sink, threads)
        digest = recording.digest(outcome.events_digest)
        seconds = time.perf_counter() - clock
        row = registry.SimulationRun(
            run_id=run_id,
            scenario=scenario.name,
            scenario_text=scenario.model_dump_json(),
            book_text=book.text,
            fingerprint=fingerprint(scenario, book),
            seed=scenario.seed,
            start=scenario.market.horizon.start,
            horizon_hours=scenario.market.horizon.hours,
            tick_minutes=scenario.market.tick_minutes,
            shards=scenario.market.shards,
            workers=workers,
            paceline_version=metadata.version("paceline"),
            code=code(),
            python_version=platform.python_version(),
            packages=json.dumps({name: metadata.version(name) for name in PACKAGES}),
            platform=f"{platform.system()} {platform.machine()}",
            digest=digest,
            started_at=started,
            finished_at=datetime.now(UTC),
            seconds=seconds,
            auctions=total.auctions,
            impressions=total.impressions,
            spend_micros=total.spend_micros,
            notes=note,
            tags=" ".join(sorted(set(tags))),
        )
        # One transaction for all: what is created for a run appears with the run, or not at all.
        with registry.session(engine) as opened:
            for name in missing:
                create(opened, loaded.listings[name])
            _check_unchanged(opened, book)
            recording.store(opened, row, outcome.facts)
    return RunReport(
        run_id,
        scenario.name,
        scenario.seed,
        digest,
        total.auctions,
        total.impressions,
        total.spend_micros,
        seconds,
        workers,
        tuple(missing),
        _joined(book, loaded),
    )


def _joined(book: Book, loaded: Loaded) -> tuple[str, ...]:
    named = {(listing.advertiser.name, listing.campaign.name) for listing in loaded.listings.values()}
    return tuple(
        campaign.name for campaign in book.campaigns if (campaign.advertiser, campaign.name) not in named
    )


def find_run(opened: Session, run_id: str | None = None) -> registry.SimulationRun:
    """Return the finished run of that id, or the latest one; InputError where there is none."""
    run = registry.SimulationRun
    finished = select(run).where(run.status == registry.RunStatus.complete)
    if run_id is None:
        latest = finished.order_by(run.started_at.desc(), run.run_id.desc()).limit(1)
        found = opened.scalars(latest).first()
        if found is None:
            raise registry.InputError("there is no finished run; `paceline simulate` makes one")
        return found
    found = opened.scalars(finished.where(run.run_id == run_id)).first()
    if found is None:
        raise no_run(opened, run_id)
    return found


def no_run(opened: Session, run_id: str) -> registry.InputError:
    """Return what is told of a run that is not there: the one that was meant, or where they are listed."""
    run = registry.SimulationRun
    known = opened.scalars(select(run.run_id).order_by(run.started_at.desc())).all()
    begun = [one for one in known if run_id and one.startswith(run_id)]
    near = next(iter(begun), None) or nearest(run_id, known)
    hint = f"did you mean {near}?" if near else "`paceline runs` lists the runs"
    return registry.InputError(f"there is no run {run_id!r}; {hint}")


def fingerprint(scenario: Scenario, book: Book) -> str:
    """Return what names an experiment by its content: SHA-256 of the scenario and the resolved book."""
    whole = scenario.model_dump_json(exclude={"name", "description"}) + book.text
    return hashlib.sha256(whole.encode()).hexdigest()


def columns_of(book: Book, scenario: Scenario) -> BookColumns:
    """Return the book as the aggregation sees it."""
    return BookColumns(
        start=scenario.market.horizon.start,
        line_items=tuple(
            LineItemColumn(
                item.id,
                item.campaign_id,
                item.advertiser_id,
                item.key,
                item.name,
                item.campaign_name,
                item.advertiser_name,
            )
            for item in book.line_items
        ),
        creatives=tuple(CreativeColumn(one.id, one.line_item, one.name) for one in book.creatives),
        regions=tuple(scenario.market.regions),
    )


class Totals:
    """Counts the headline figures, and tells the watcher."""

    def __init__(self, scenario: Scenario, watch: Watch) -> None:
        self.auctions = self.impressions = self.spend_micros = 0
        self._horizon, self._watch = scenario.market.horizon, watch

    def __call__(self, hour: Hour) -> None:
        """Count one finished hour."""
        self.auctions += int(hour.inventory[..., _AVAILS].sum())
        self.impressions += int(hour.funnel[:, _IMPRESSIONS].sum())
        self.spend_micros += int(hour.funnel[:, _SPEND].sum())
        done = hour.hour + 1
        self._watch(Progress(done, self._horizon.hours, self.auctions, self._horizon.at(done)))


def create(opened: Session, listing: Listing) -> bool:
    """Return whether the campaign of *listing* was added, which it is unless one of its name exists."""
    if _found(opened, listing):
        return False
    registry.add_campaign(opened, listing.advertiser, listing.campaign)
    return True


def _book(
    engine: Engine, loaded: Loaded, warn: Callable[[str], None] = lambda _: None
) -> tuple[Book, list[str]]:
    """Return the book of a run, and which campaigns of the scenario the registry lacks.

    They are created to be booked under the ids that they will have, and taken back: a lock on the database
    for as long as a run takes would keep everybody else from it.
    """
    with registry.session(engine, writes=False) as reader:
        missing = [name for name, listing in loaded.listings.items() if not _found(reader, listing)]
        if not missing:
            _compare(reader, loaded, warn)
            return _booked(reader, loaded.scenario), missing
    with registry.session(engine) as opened:
        for name in missing:
            create(opened, loaded.listings[name])
        _compare(opened, loaded, warn)
        book = _booked(opened, loaded.scenario)
        opened.rollback()
    return book, missing


def _found(opened: Session, listing: Listing) -> registry.Campaign | None:
    return registry.find_campaign(opened, listing.advertiser.name, listing.campaign.name)


def _compare(opened: Session, loaded: Loaded, warn: Callable[[str], None]) -> None:
    # The registry's terms are the ones that compete: whoever wrote others must hear of it.
    for name, listing in loaded.listings.items():
        found = _found(opened, listing)
        other = terms.differences(found, listing.campaign.row()) if found else []
        if not other:
            continue
        more = f" and {len(other) - 1} more" if len(other) > 1 else ""
        told = f"campaign {listing.campaign.name!r} is in the registry with other terms: {other[0]}{more}"
        if "." in name:  # the scenario's own
            where = loaded.source.origin(tuple(name.split(".")[:1]))
            raise registry.InputError(f"{where}: {name}: {told}; give it a new name, or use another database")
        warn(f"{name}: {told}; the registry's are used")


def _booked(opened: Session, scenario: Scenario) -> Book:
    rows = registry.active_line_items(opened, or_paused=True)
    book = book_of(rows, scenario.market)
    if book.line_items:
        return book
    if rows:
        raise registry.InputError(
            f"scenario {scenario.name}: nobody bids, all that could are paused, as is {rows[0].name!r};"
            " a change in the scenario's market can set a status of active"
        )
    raise registry.InputError(
        f"scenario {scenario.name}: nobody bids, the registry has no active line item; name examples,"
        " profiles or campaigns in the scenario, or create some first"
    )


def _check_changes(loaded: Loaded, book: Book) -> None:
    # Whom a change names is known only now that the registry is read.
    try:
        script_of(loaded.scenario.market, book)
    except registry.InputError as error:
        raise registry.InputError(f"{loaded.source.origin(error.key)}: {error}") from None


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


def available_workers(asked: int | None) -> int:
    """Return how many threads to use: what was *asked* for, else one for each processor we may use."""
    if asked is not None:
        return asked

    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
