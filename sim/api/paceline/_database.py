"""A database of runs, as `paceline.open` gives it."""

from __future__ import annotations

import os
from pathlib import Path

from analysis.runs import stored
from analysis.runs.rollback import database
from analysis.runs.run import Run
from entities.arguments import File, Folder, checked
from entities.errors import InputError
from paceline._arguments import RunId


class Database:
    """The runs of a database, and the registry that they share; made by `open`."""

    @checked
    def __init__(self, path: File, events: Folder = None) -> None:
        self.path = os.fspath(path)
        self._events = None if events is None else Path(events)
        if self._events and not self._events.is_dir():
            raise InputError(f"events {self._events}: there is no such folder")
        with database(self.path) as (engine, _):
            self._engine = engine

    @property
    def runs(self) -> list[Run]:
        """Return every finished run, the latest first; their frames are read as they are asked for."""
        return [*stored.runs(self._engine, self._events)]

    @checked
    def run(self, run_id: RunId = None) -> Run:
        """Return the run of that id, or the latest; InputError where there is no such run."""
        return stored.find(self._engine, run_id, self._events)

    def __fspath__(self) -> str:
        if not Path(self.path).is_file():  # an empty one would be made in its place
            raise InputError(f"database {self.path} was removed in the meantime")
        return self.path

    def __repr__(self) -> str:
        return f"paceline.open({self.path!r})"
