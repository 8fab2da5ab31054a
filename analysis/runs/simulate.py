"""One run from scenario to `Run`: in memory, or over the registry of a database and stored in it at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Engine

from analysis.booking import guards
from analysis.booking.books import Booked, book_registry, book_scenario
from analysis.rows.events_of import ALL, EventsOf
from analysis.rows.events_of import events_of as read_events_of
from analysis.rows.hidden import show_stored
from analysis.rows.performance import counting_of
from analysis.runs.checkpoints import OFTEN, ROWS, Checkpoints, Every, every, read
from analysis.runs.clock import Began, stopwatch
from analysis.runs.committing import Say
from analysis.runs.played import PlayedRun, play_in_memory
from analysis.runs.playing import THREADS, OnProgress, Totals, play
from analysis.runs.price import check_fits
from analysis.runs.recording import Recording
from analysis.runs.stored import StoredRun, find_run
from analysis.runs.storing import new_id, row_of, store
from analysis.runs.unfinished import Asked, Unfinished, begun, taken_up
from entities import registry
from entities.errors import InputError
from scenarios.loader import Loaded, built
from scenarios.models import Scenario
from sim.book.records import Book
from sim.engine.executors.chosen import Chosen
from sim.engine.run import RunResult


def simulate(
    engine: Engine,
    loaded: Loaded,
    *,
    workers: int = 1,
    events: Path | None = None,
    events_of: EventsOf = ALL,
    keep_every: Every = OFTEN,
    progress: OnProgress = None,
    warn: Callable[[str], None] = lambda _: None,
    note: str = "",
    tags: Sequence[str] = (),
    say: Callable[[str], None] = lambda _: None,
    wait_s: float | None = None,
    anyway: bool = True,
    executor: Chosen = THREADS,
) -> StoredRun:
    """Return the run of *loaded* over the registry of *engine*, stored with all its rows.

    Its events, or those that *events_of* asks for, go into a folder of their own below *events*.
    Campaigns that the scenario names and the registry lacks are created. Whatever goes wrong before the last
    commit leaves the database as it was, and memory does not grow with the horizon. *keep_every* so often the
    run is kept beside the database, and `resume` plays on from there. InputError for what cannot be booked.
    Before the market runs *warn* is given, a line each, what is allowed and yet probably not intended, then
    that the run cannot be kept, and once it is stored what else went wrong. At the end it waits *wait_s* for
    other writers, ten minutes where left out, and *say* is told; a run that cannot be stored goes to a file.
    Unless it shall run *anyway*, InputError for one that begins with more than the machine's memory.
    """
    scenario, began = loaded.scenario, Began()
    with stopwatch() as seconds:
        booked = book_registry(engine, loaded, warn)
        book = booked.book
        if not anyway:
            check_fits(scenario.market, len(book.line_items))
        _guard(loaded, book, warn)
        asked = Asked.of(
            scenario,
            booked,
            run_id=new_id(scenario, began.at),
            started=began.at,
            workers=workers,
            events=events and events.absolute(),
            events_of=str(events_of),
            keep_every=str(keep_every),
            note=note,
            tags=tuple(tags),
        )
        with begun(engine, asked) as unfinished:
            how = How(executor, progress, warn, say, wait_s)
            run = _stored(engine, unfinished, scenario, booked, how, began, seconds)
    run.events_folder = events  # as it was given
    run.joined = _joined(book, loaded)
    return run


def resume(
    engine: Engine,
    run_id: str,
    *,
    workers: int | None = None,
    from_start: bool = False,
    progress: OnProgress = None,
    warn: Say = lambda _: None,
    say: Say = lambda _: None,
    wait_s: float | None = None,
    executor: Chosen = THREADS,
) -> StoredRun:
    """Return an unfinished run, played on from what is kept of it and stored: as if it had never stopped.

    Nothing is kept of a run that was broken off early: it is played again, as it is *from_start*. *warn* is
    told if it cannot be kept. InputError where there is no such run, another process plays it, or this
    version may come to another result.
    """
    began = Began()
    with stopwatch() as seconds, taken_up(engine, run_id) as unfinished:
        asked = unfinished.asked
        with registry.session(engine, writes=False) as reader:
            if reader.get(registry.SimulationRun, run_id):  # its process died before it had cleared up
                if asked.events:
                    show_stored(asked.events, run_id)
                return StoredRun(engine, find_run(reader, run_id), asked.events)
        if changed := asked.changed():
            raise InputError(
                f"run {run_id}: was begun with another version of {', '.join(changed)}, which may come to"
                " another result; discard it, and simulate the scenario again"
            )
        if from_start:
            unfinished.forget()
        scenario = Scenario.model_validate_json(asked.scenario)
        booked = asked.booked()
        unfinished.asked = asked.model_copy(update={"workers": workers or asked.workers})
        how = How(executor, progress, warn, say, wait_s)
        run = _stored(engine, unfinished, scenario, booked, how, began, seconds)
    run.joined = _joined(booked.book, built(scenario))
    return run


class How(NamedTuple):
    """Who plays a run and who hears what of it, and how long it waits for others at its end."""

    executor: Chosen
    progress: OnProgress
    warn: Say
    say: Say
    wait_s: float | None


def _stored(
    engine: Engine,
    unfinished: Unfinished,
    scenario: Scenario,
    booked: Booked,
    how: How,
    began: Began,
    seconds: Callable[[], float],
) -> StoredRun:
    # From the beginning, or from what is kept of it.
    asked, folder = unfinished.asked, unfinished.folder
    events_of, found = read_events_of(asked.events_of), read(folder)
    recorded, before = (found[1].recorded, found[1].seconds) if found else (None, 0.0)
    book, recordings = booked.book, list[Recording]()
    row = row_of(scenario, book, asked.workers, asked.started, asked.run_id, asked.note, asked.tags)

    def source(recording: Recording) -> tuple[RunResult, Totals, float]:
        recordings.append(recording)
        outcome, totals = play(
            scenario,
            book,
            recording,
            workers=asked.workers,
            progress=how.progress,
            bids_of=events_of.bids_of,
            keeper=Checkpoints(folder, recording, every(asked.keep_every), found=found, warn=how.warn),
            since=recorded.totals if recorded else None,
            clerk=counting_of(recording.columns),
            scribe=recording.scribe,
            events=asked.events is not None,
            executor=how.executor,
        )
        return outcome, totals, before + seconds()

    def finished() -> datetime:
        return max(asked.started, began.passed())

    (folder / ROWS).mkdir(exist_ok=True)
    try:
        run = store(
            engine,
            row,
            scenario,
            source,
            finished,
            booked,
            asked.events,
            events_of,
            warn=how.warn,
            say=how.say,
            wait_s=how.wait_s,
            folder=folder,
            recorded=recorded,
        )
    except BaseException:
        unfinished.over = any(recording.is_elsewhere for recording in recordings)
        raise
    run.created = tuple(booked.missing)
    return run


def simulate_in_memory(
    loaded: Loaded,
    *,
    workers: int = 1,
    events_of: EventsOf = ALL,
    progress: OnProgress = None,
    warn: Callable[[str], None] = lambda _: None,
    executor: Chosen = THREADS,
    anyway: bool = True,
) -> PlayedRun:
    """Return the run of the scenario's own campaigns, as an empty database would have it, kept in memory.

    Every event is kept, and the bids that *events_of* asks for. InputError for what cannot be booked; *warn*
    and *anyway* are used as in `simulate`.
    """
    book = book_scenario(loaded)
    if not anyway:
        check_fits(loaded.scenario.market, len(book.line_items))
    _guard(loaded, book, warn)
    return play_in_memory(
        loaded.scenario,
        book,
        workers=workers,
        progress=progress,
        events_of=events_of,
        listings=loaded.listings,
        executor=executor,
    )


def _guard(loaded: Loaded, book: Book, warn: Callable[[str], None]) -> None:
    for line in guards.warnings(loaded.scenario.market, book, loaded.listings.values()):
        warn(line)


def _joined(book: Book, loaded: Loaded) -> tuple[str, ...]:
    named = {(listing.advertiser.name, listing.campaign.name) for listing in loaded.listings.values()}
    return tuple(
        campaign.name for campaign in book.campaigns if (campaign.advertiser, campaign.name) not in named
    )
