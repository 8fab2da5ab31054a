"""What `import paceline` offers beside the classes of a scenario."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Predicate
from pydantic import BeforeValidator, Field, InstanceOf
from sqlalchemy import Engine

import sim
from analysis.audit.report import Audit
from analysis.booking.registered import registered
from analysis.compare import comparison as comparing
from analysis.compare.comparison import Comparison
from analysis.explain import explanation as explaining
from analysis.explain.explanation import Explanation
from analysis.explain.replays import OnProgress as OnReplay
from analysis.forecast import proposal as proposals
from analysis.forecast import simulated
from analysis.forecast import world as worlds
from analysis.forecast.answer import Forecast, Term
from analysis.forecast.curve import check_term, curve
from analysis.forecast.proposal import FULL
from analysis.realism import card as cards
from analysis.realism.card import Scorecard
from analysis.rows import events_of as forms
from analysis.runs import reproduce as reproducing
from analysis.runs import simulate as runs
from analysis.runs import stored
from analysis.runs.checkpoints import FORMS, Every, every, is_form
from analysis.runs.playing import OnProgress, Progress, available_workers
from analysis.runs.rollback import database, folder
from analysis.runs.run import EventsForm, Run
from analysis.runs.unfinished import named
from analysis.study import run as studying
from analysis.study.run import OnProgress as OnEachOne
from analysis.study.run import StudyRun
from entities.arguments import File, Folder, checked
from entities.errors import DatabaseError, InputError, PacelineError, PacelineWarning
from entities.messages import short
from paceline._arguments import (
    Address,
    AnyRun,
    AnySource,
    Changes,
    Days,
    ExecutorName,
    Flag,
    KeepForm,
    Name,
    Note,
    OnStudy,
    Ranges,
    Replications,
    RunId,
    Source,
    Store,
    Tags,
    Workers,
)
from paceline._database import Database
from scenarios import loader
from scenarios.models import Bidders, Campaign, LineItem, Listing, Scenario
from scenarios.scalars import plain, text_of
from scenarios.selectors import split
from scenarios.study import load_study
from sim import external
from sim.cli.errors import NOTES, TAGS, is_note, is_tag
from sim.cli.options import MOST_WORKERS
from sim.engine.executors.chosen import chosen
from sim.market.market import Market

__version__ = sim.__version__


@checked
def load(scenario: Source, *, set: Changes = None) -> Scenario:
    """Return a scenario by its name, from a YAML file, or from a mapping of what such a file would say.

    *set* changes values by their dotted path, as `--set` does: `{"seed": 7, "market.days": 2}`. InputError
    for whatever is unknown or out of bounds names the file, the path in it, the value and what is allowed.
    The path of a mapping replaces all of it, and that of one entry leaves the others: after
    `market.regions.north` the other regions keep their shares.
    """
    return _loaded(scenario, set).scenario


@checked
def simulate(
    scenario: AnySource,
    *,
    set: Changes = None,
    db: Store = None,
    events: Folder = None,
    events_of: EventsForm = "all",
    keep_every: KeepForm = "minutes:5",
    workers: Workers = None,
    executor: ExecutorName = "threads",
    address: Address = None,
    note: Note = "",
    tags: Tags = (),
    progress: OnProgress = None,
    allow_code: Flag = False,
    anyway: Flag = False,
) -> Run:
    """Return the run of a scenario: in memory, or with *db* over a database's registry, and stored there.

    In memory its own campaigns compete, and the run keeps every event. With *db*, a file that is made where
    there is none, all that is active in the registry competes, and the run keeps hourly rows, and its events
    as Parquet if *events* is a folder. *events_of* "sample:1%" keeps those of some viewers, and "lost:1%"
    also every bid for their slots, won or lost, in memory too. Whatever goes wrong leaves the database as it
    was; the run is kept so often, in minutes of work or, as "hours:24", of the market, for `resume` to go on.
    *workers* are threads, one for each processor if None, or, as the *executor* says, processes of this
    machine or actors of a Ray cluster at *address*; they change no result. *progress* is called after each
    hour; *note* and *tags* are kept with a stored run.

    Classes of the user's own, which a policy of `kind: external` names, run where *allow_code* says so: they
    lie beside the scenario's file or in the working directory. *set* is used as in `load`. InputError for
    what cannot be loaded or booked, and, unless it shall run *anyway*, for what begins with more than the
    machine's memory; a PacelineWarning for what is allowed and yet probably not intended.
    """
    with external.code(allow_code, beside=_file(scenario)):
        load = partial(_loaded, scenario, set)
        kept = forms.events_of(events_of)
        forms.check_folder(kept, events, in_memory=db is None)
        how = {"workers": available_workers(workers), "executor": chosen(executor, address)}
        how |= {"events_of": kept, "progress": progress, "anyway": anyway}
        return _simulated(load, db, events, {"note": note.strip(), "tags": tags}, every(keep_every), **how)


def _simulated(
    load: Callable[..., loader.Loaded],
    db: File | None,
    events: Folder,
    about: dict[str, Any],
    keep_every: Every,
    **how: Any,
) -> Run:
    lines = list[str]()
    how["warn"] = lines.append
    try:
        if db is None:
            if events is not None or any(about.values()):
                raise InputError("events, note and tags are kept with a run that is stored; give it a db")
            return runs.simulate_in_memory(load(), **how)
        kept = None if events is None else Path(events)
        with database(os.fspath(db), create=True) as (engine, _), folder(kept):
            return runs.simulate(engine, load(engine), events=kept, keep_every=keep_every, **how, **about)
    finally:
        for line in lines:
            warnings.warn(line, PacelineWarning, stacklevel=4)


@checked
def resume(
    db: File,
    run_id: RunId = None,
    *,
    from_start: Flag = False,
    workers: Workers = None,
    executor: ExecutorName = "threads",
    address: Address = None,
    progress: OnProgress = None,
    allow_code: Flag = False,
) -> Run:
    """Return a run that was broken off, played on and stored: the same as if it never was.

    It may go without *run_id* where there is one. It goes on from when it was last kept, or *from_start*.
    InputError where there is no such run, or its code has changed since.
    """
    with database(os.fspath(db), create=True) as (engine, _), external.code(allow_code):
        found = named(engine, run_id).run_id
        how = {"workers": workers, "executor": chosen(executor, address), "progress": progress}
        return runs.resume(engine, found, from_start=from_start, **how)


@checked
def reproduce(
    run: AnyRun, *, workers: Workers = None, progress: OnProgress = None, allow_code: Flag = False
) -> Run:
    """Return a run of a database as it comes out today: in memory, under its own id, with all its events.

    It is played from what is stored of it alone; the digests are equal where its code and versions are as
    they were. InputError where this version cannot read it, its line items were renamed since, or it needs
    code that is not there as it was or that *allow_code* does not let run.
    """
    if not isinstance(run, stored.StoredRun):
        raise InputError(f"run: {run!r} is in memory; must be a run of a database")
    with external.code(allow_code):
        return reproducing.reproduce(run.unread(), workers=available_workers(workers), progress=progress)


@checked
def compare(
    a: Annotated[Run, "a run, in memory or of a database"],
    b: Annotated[Run, "a run, in memory or of a database"],
) -> Comparison:
    """Return two runs side by side: what was asked differently, what came of it, and where they part.

    They may be of different databases: line items are the same where advertiser, campaign and name are.
    InputError where they have none in common, and where this version cannot read one.
    """
    return comparing.compare(a, b)


@checked
def study(
    study: Annotated[File, "the name of a study or a YAML file"],
    db: Annotated[File, "the file of a database, or a Database"],
    *,
    replications: Replications = None,
    until: Annotated[str | None, "a precision, such as '0.5%'"] = None,
    best: Annotated[str | None, "the name of a metric"] = None,
    line_item: Annotated[str, "the name of a line item"] = "",
    allow_code: Flag = False,
    workers: Workers = None,
    progress: OnStudy = None,
) -> StudyRun:
    """Return what comes of a study: its arms on the same seeds, in as many processes as there are *workers*.

    Replications are kept in the database *db*, which is made where there is none; those that it has are not
    played again. With *until* seeds are added until every difference of the study's first metric is known to
    that part of the baseline's mean; with *best* until the best arm by that metric is found, where
    differences of *until*, or of 1 %, matter. Both go by *line_item*, or by that which the study names, or by
    all line items together. *progress* is called after each replication. InputError for
    what is wrong with the study; a PacelineWarning for what is allowed and yet probably not intended.
    """
    if replications is not None and (until is not None or best is not None):
        raise InputError("replications: a study ends after so many seeds, or by until or best")
    file, lines = Path(os.fspath(study)), list[str]()
    try:
        with external.code(allow_code, beside=file if file.is_file() else None):
            loaded = load_study(os.fspath(study), replications=replications)
            with database(os.fspath(db), create=True):  # which stays, whatever becomes of the study
                pass
            with database(os.fspath(db)) as (engine, _):
                return studying.run(
                    loaded,
                    engine,
                    until=until,
                    best=best,
                    line_item=line_item,
                    workers=available_workers(workers),
                    progress=progress or (lambda _: None),
                    warn=lines.append,
                )
    finally:
        for line in lines:
            warnings.warn(line, PacelineWarning, stacklevel=3)


@checked
def explain(
    run: AnyRun,
    line_item: Name,
    *,
    money: Flag = False,
    days: Days = None,
    workers: Workers = None,
    progress: OnReplay = None,
    allow_code: Flag = False,
) -> Explanation:
    """Return why a line item delivered what it did: its funnel, who won what it lost, and what bound when.

    With *money* the market is played again without each of its constraints, on the same luck, and what that
    brings is divided among the four largest by their Shapley values; with *days* its first days alone, in
    which what would be spent later counts as lost. *progress* is called after each hour of each run.
    InputError for a name that fits none or several, and where this version cannot read the run; a
    PacelineWarning where the run comes out differently now.
    """
    lines = list[str]()
    threads = available_workers(workers)
    # Without money nothing is played, and what a scenario names stays a description.
    played = external.code(allow_code) if money else nullcontext()
    asked = run.unread() if money and isinstance(run, stored.StoredRun) else run
    with played:
        found = explaining.explain(
            asked, line_item, money=money, days=days, workers=threads, progress=progress, warn=lines.append
        )
    for line in lines:
        warnings.warn(line, PacelineWarning, stacklevel=3)
    return found


@checked
def forecast(
    scenario: AnySource,
    booking: Annotated[
        File | Mapping[str, Any], "a mapping of a line item's terms or of a campaign, or a YAML file of one"
    ],
    *,
    impressions: Annotated[int | None, Field(ge=1), "a whole number above 0, or None"] = None,
    set: Changes = None,
    seeds: Annotated[int, Field(ge=2, le=100_000), "a whole number from 2 to 100,000"] = simulated.SEEDS,
    threshold: Annotated[float, Field(gt=0, lt=1), "a share above 0 and below 1"] = simulated.THRESHOLD,
    enough: Annotated[float, Field(gt=0, le=1), "a share above 0, at most 1"] = FULL,
    curves: Annotated[Sequence[Term], "a list of cpm, cap and budget"] = (),
    workers: Workers = None,
    progress: OnStudy = None,
    allow_code: Flag = False,
) -> Forecast:
    """Return whether a *booking* can be had in a scenario: what it would deliver, and at whose cost.

    It has the words of a line item, or of a campaign and whose it is, and has to deliver so many
    *impressions*, else its lifetime budget; without dates it runs as long as the scenario. The scenario's own
    campaigns compete, no database is read, and nothing is kept. Of so many *seeds*, each another population,
    weather and luck, those count in which *enough* of the goal is delivered; the answer is yes where the
    interval of that probability lies above the *threshold*. Seeds that could not change a no are not
    played. *curves* are terms for which the value is sought at which the answer turns. *progress* is called
    after each replication. InputError for what cannot be booked; a PacelineWarning for what probably is not
    intended.
    """
    with external.code(allow_code, beside=_file(scenario)):
        loaded = _loaded(scenario, set)
        market = loaded.scenario.market
        currency = proposals.currency_of(loaded)
        if isinstance(booking, Mapping):
            proposal = proposals.from_terms(booking, market, impressions, currency)
        else:
            proposal = proposals.from_file(Path(os.fspath(booking)), market, impressions, currency)
        for term in curves:  # before anything is played
            check_term(proposal, term)
        world = worlds.world_of(loaded, proposal)
        for line in worlds.warnings(world, proposal):
            warnings.warn(line, PacelineWarning, stacklevel=3)
        asked = simulated.Asked(world, proposal, seeds, threshold, enough)
        with simulated.tries_on(available_workers(workers)) as tries:
            tries.telling(progress or (lambda _: None))
            found = simulated.simulated(asked, tries)
            drawn = tuple(curve(asked, term, found, tries) for term in curves)
    return replace(found, curves=drawn)


@checked
def realism(
    run: AnyRun,
    *,
    ranges: Ranges = None,
    workers: Workers = None,
    progress: OnProgress = None,
    allow_code: Flag = False,
) -> Scorecard:
    """Return a run's figures against what is published of such markets, each with range, source and verdict.

    The run is played again, and nothing is kept. *ranges* has other ends for some of those that are an
    [assumption], such as {"fill": (0.6, 0.9)}; shares are parts of one. InputError for unknown names, and
    where this version cannot read the run.
    """
    asked = run.unread() if isinstance(run, stored.StoredRun) else run
    with external.code(allow_code):
        return cards.scorecard(asked, ranges, workers=available_workers(workers), progress=progress)


@checked
def open(db: Annotated[File, "the file of a database"], events: Folder = None) -> Database:
    """Return the runs of a database, a file or a URL, with their events if the folder that has them is given.

    InputError where database or folder is missing, or it is none of Paceline's.
    """
    return Database(db, events)


def _loaded(scenario: AnySource, changes: Changes, engine: Engine | None = None) -> loader.Loaded:
    settings = [_setting(path, value) for path, value in (changes or {}).items()]
    there = registered(engine, settings) if engine else ()
    if isinstance(scenario, str | os.PathLike):
        return loader.load(os.fspath(scenario), settings, "set", there)
    return loader.built(scenario, settings, "set", there)


def _file(scenario: AnySource) -> Path | None:
    with suppress(OSError):  # of a name that is too long, which is refused where it is read
        if isinstance(scenario, str | os.PathLike) and Path(scenario).is_file():
            return Path(scenario)
    return None


def _setting(path: str, value: object) -> str:
    _, rest = split(f"{path}=") or ((), "")
    if rest:
        raise InputError(f"set {short(path)}: is not a path; its value stands beside it, as in {{'seed': 7}}")
    return f"{path}={text_of(plain(value, f'set {short(path)}'))}"
