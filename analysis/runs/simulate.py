"""One run from scenario to `Run`: in memory, or over the registry of a database and stored in it at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Engine

from analysis.booking import guards
from analysis.booking.books import book_registry, book_scenario
from analysis.rows.events_of import ALL, EventsOf
from analysis.runs.clock import Began, stopwatch
from analysis.runs.played import PlayedRun, play_in_memory
from analysis.runs.playing import OnProgress, Totals, play
from analysis.runs.stored import StoredRun
from analysis.runs.storing import row_of, store
from scenarios.loader import Loaded
from sim.book.records import Book
from sim.engine.run import RunResult
from sim.events import Sink


def simulate(
    engine: Engine,
    loaded: Loaded,
    *,
    workers: int = 1,
    events: Path | None = None,
    events_of: EventsOf = ALL,
    progress: OnProgress = None,
    warn: Callable[[str], None] = lambda _: None,
    note: str = "",
    tags: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
    wait_s: float | None = None,
) -> StoredRun:
    """Return the run of *loaded* over the registry of *engine*, stored with all its rows.

    Its events, or those that *events_of* asks for, go into a folder of their own below *events*.
    Campaigns that the scenario names and the registry lacks are created. Whatever goes wrong before the last
    commit leaves the database as it was, and memory does not grow with the horizon. InputError for what
    cannot be booked. Before the market runs *warn* is given, a line each, what is allowed and yet probably
    not intended, and once the run is stored what else went wrong. At the end it waits *wait_s* for other
    writers, ten minutes where left out, and *say* is told; a run that cannot be stored is kept in a file.
    """
    scenario, began = loaded.scenario, Began()
    with stopwatch() as seconds:
        booked = book_registry(engine, loaded, warn)
        book = booked.book
        _guard(loaded, book, warn)
        row = row_of(scenario, book, workers, began.at, note=note, tags=tags)

        def source(sink: Sink) -> tuple[RunResult, Totals, float]:
            outcome, totals = play(
                scenario, book, sink, workers=workers, progress=progress, bids_of=events_of.bids_of
            )
            return outcome, totals, seconds()

        run = store(
            engine,
            row,
            scenario,
            source,
            began.passed,
            booked,
            events,
            events_of,
            warn=warn,
            say=say,
            wait_s=wait_s,
        )
    run.created, run.joined = tuple(booked.missing), _joined(book, loaded)
    return run


def simulate_in_memory(
    loaded: Loaded,
    *,
    workers: int = 1,
    events_of: EventsOf = ALL,
    progress: OnProgress = None,
    warn: Callable[[str], None] = lambda _: None,
) -> PlayedRun:
    """Return the run of the scenario's own campaigns, as an empty database would have it, kept in memory.

    Every event is kept, and the bids that *events_of* asks for. InputError for what cannot be booked; *warn*
    is used as in `simulate`.
    """
    book = book_scenario(loaded)
    _guard(loaded, book, warn)
    return play_in_memory(
        loaded.scenario,
        book,
        workers=workers,
        progress=progress,
        events_of=events_of,
        listings=loaded.listings,
    )


def _guard(loaded: Loaded, book: Book, warn: Callable[[str], None]) -> None:
    for line in guards.warnings(loaded.scenario.market, book, loaded.listings.values()):
        warn(line)


def _joined(book: Book, loaded: Loaded) -> tuple[str, ...]:
    named = {(listing.advertiser.name, listing.campaign.name) for listing in loaded.listings.values()}
    return tuple(
        campaign.name for campaign in book.campaigns if (campaign.advertiser, campaign.name) not in named
    )
