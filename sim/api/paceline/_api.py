"""What `import paceline` offers beside the classes of a scenario."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from analysis.audit.findings import Audit
from analysis.runs import simulate as runs
from analysis.runs import stored
from analysis.runs.playing import Progress, available_workers
from analysis.runs.run import Run
from entities.errors import DatabaseError, InputError, PacelineError
from scenarios import loader
from scenarios.models import Bidders, Campaign, LineItem, Listing, Scenario
from scenarios.plain import plain, text_of
from sim.cli.options import MOST_WORKERS
from sim.cli.rollback import database, folder
from sim.market.market import Market

__version__ = metadata.version("paceline")


class Database:
    """The runs of a database, and the registry that they share; made by `open`."""

    def __init__(self, path: str | Path) -> None:
        self.path = str(path)
        with database(self.path) as (engine, _):
            self._engine = engine

    @property
    def runs(self) -> list[Run]:
        """Return every finished run, the latest first; their frames are read as they are asked for."""
        return [*stored.runs(self._engine)]

    def run(self, run_id: str | None = None, *, events: str | Path | None = None) -> Run:
        """Return the run of that id, or the latest, with its events where the folder that has them is given.

        InputError where there is no such run.
        """
        return stored.find(self._engine, run_id, _path(events))

    def __repr__(self) -> str:
        return f"paceline.open({self.path!r})"


def load(scenario: str | Path | Mapping[str, Any], *, set: Mapping[str, object] | None = None) -> Scenario:
    """Return a scenario by its name, from a YAML file, or from a mapping of what such a file would say.

    *set* changes values by their dotted path, as `--set` does: `{"seed": 7, "market.days": 2}`. InputError
    for whatever is unknown or out of bounds names the file, the path in it, the value and what is allowed.
    """
    return _loaded(scenario, set).scenario


def simulate(
    scenario: str | Path | Mapping[str, Any] | Scenario,
    *,
    set: Mapping[str, object] | None = None,
    db: str | Path | Database | None = None,
    events: str | Path | None = None,
    workers: int | None = None,
    note: str = "",
    tags: Sequence[str] = (),
    progress: Callable[[Progress], None] = lambda _: None,
) -> Run:
    """Return the run of a scenario: in memory, or with *db* over a database's registry, and stored there.

    In memory its own campaigns compete, and the run keeps every event, 64 bytes for each slot that was won.
    With *db*, a file that is made where there is none, all that is active in the registry competes, and the
    run keeps hourly rows, and its events as Parquet if *events* is a folder. Whatever goes wrong leaves the
    database as it was. The result does not depend on *workers*, the number of threads, as many as there are
    processors for None. *progress* is called after each hour; *note* and *tags* are kept with a stored run.

    *set* is used as in `load`. InputError for what cannot be loaded or booked; a warning for what is allowed
    and yet probably not intended.
    """
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise InputError(f"workers: {workers} is not allowed; must be from 1 to {MOST_WORKERS}")
    loaded, threads, lines = _loaded(scenario, set), available_workers(workers), list[str]()
    try:
        if db is None:
            if events is not None or note or tags:
                raise InputError("events, note and tags are kept with a run that is stored; give it a db")
            return runs.simulate_in_memory(loaded, workers=threads, progress=progress, warn=lines.append)
        name = db.path if isinstance(db, Database) else str(db)
        with database(name, create=True) as (engine, _), folder(_path(events)):
            return runs.simulate(
                engine,
                loaded,
                workers=threads,
                events=_path(events),
                progress=progress,
                warn=lines.append,
                note=note,
                tags=tags,
            )
    finally:
        for line in lines:
            warnings.warn(line, stacklevel=2)


def open(db: str | Path) -> Database:
    """Return the runs of a database, a SQLite file; InputError where it is missing or none of Paceline's."""
    return Database(db)


def _loaded(
    scenario: str | Path | Mapping[str, Any] | Scenario, changes: Mapping[str, object] | None
) -> loader.Loaded:
    settings = [f"{path}={text_of(plain(value))}" for path, value in (changes or {}).items()]
    if isinstance(scenario, str | Path):
        return loader.load(str(scenario), settings)
    return loader.built(scenario, settings)


def _path(folder: str | Path | None) -> Path | None:
    return None if folder is None else Path(folder)
