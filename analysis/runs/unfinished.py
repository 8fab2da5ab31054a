"""Runs that are not finished: a folder for each beside their database, from which they go on."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine

from analysis.booking.books import Booked
from analysis.booking.carried import Carried
from analysis.rows.claims import LOCK, Claim, is_claimed, reclaimed, sweep
from analysis.rows.disk import sync, written
from analysis.runs.book_text import read_book
from analysis.runs.rollback import file_of
from analysis.runs.versions import version, versions
from entities import registry
from entities.errors import DiskError, InputError
from entities.messages import did_you_mean, nearest, printable
from scenarios.models import Scenario
from sim.book.records import Book

ASKED, KEPT = "asked.json", "kept.json"
"""What was asked of the run, and what is kept of it, once anything is."""


class Ids(NamedTuple):
    """The ids of a book's rows in the registry, in the order of the book."""

    line_items: tuple[tuple[int, int, int], ...]
    """Of each line item, its campaign and its advertiser."""
    campaigns: tuple[int, ...]
    creatives: tuple[int, ...]

    @classmethod
    def of(cls, book: Book) -> Self:
        """Return those of *book*."""
        return cls(
            tuple((one.id, one.campaign_id, one.advertiser_id) for one in book.line_items),
            tuple(one.id for one in book.campaigns),
            tuple(one.id for one in book.creatives),
        )

    def put_into(self, book: Book) -> Book:
        """Return *book* with these ids."""
        items = zip(book.line_items, self.line_items, strict=True)
        return replace(
            book,
            line_items=tuple(
                replace(one, id=key, campaign_id=campaign, advertiser_id=advertiser)
                for one, (key, campaign, advertiser) in items
            ),
            campaigns=tuple(
                replace(one, id=key) for one, key in zip(book.campaigns, self.campaigns, strict=True)
            ),
            creatives=tuple(
                replace(one, id=key) for one, key in zip(book.creatives, self.creatives, strict=True)
            ),
        )


class Competing(NamedTuple):
    """A campaign as `Carried` has it."""

    terms: dict[str, Any]
    id: int | None
    own: bool


class Asked(BaseModel):
    """What was asked of a run: enough to play it from its beginning."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    scenario: str
    """JSON, as the book is."""
    book: str
    ids: Ids
    missing: tuple[str, ...]
    """The campaigns that are created with the run."""
    campaigns: tuple[Competing, ...]
    started: datetime
    workers: int
    events: Path | None
    events_of: str
    keep_every: str
    note: str
    tags: tuple[str, ...]
    code: str
    versions: dict[str, str]

    @classmethod
    def of(cls, scenario: Scenario, booked: Booked, **asked: Any) -> Self:
        """Return what is asked here and now."""
        book = booked.book
        competing = tuple(Competing({**one.written}, one.id, one.own) for one in booked.campaigns)
        about: dict[str, Any] = {"scenario": scenario.model_dump_json(), "book": book.text}
        about |= {"ids": Ids.of(book), "missing": tuple(booked.missing), "campaigns": competing}
        return cls(**about, **asked, code=version("code"), versions=versions())

    def booked(self) -> Booked:
        """Return what it has booked, with the ids that rows had when it began."""
        book = self.ids.put_into(read_book(self.book))
        return Booked(book, [*self.missing], [Carried(*one) for one in self.campaigns])

    def changed(self) -> list[str]:
        """Return what has another version now: where something has, the rest may be another market."""
        then, now = {"code": self.code, **self.versions}, {"code": version("code"), **versions()}
        return [name for name, old in then.items() if now.get(name) != old]


class Unfinished:
    """The folder of a run that this process plays."""

    def __init__(self, claim: Claim, asked: Asked) -> None:
        self._claim, self.asked = claim, asked
        self.over = False
        """Whether the run is over, and whole, wherever it is."""

    @property
    def folder(self) -> Path:
        """Return where it is."""
        return self._claim.folder

    @property
    def kept(self) -> bool:
        """Return whether anything is kept of it but what was asked."""
        return (self.folder / KEPT).exists()

    def forget(self) -> None:
        """Remove all that is kept of it but what was asked."""
        (self.folder / KEPT).unlink(missing_ok=True)
        tidy(self.folder, set())

    def leave(self) -> None:
        """Leave it to be resumed."""
        self._claim.leave()

    def discard(self) -> None:
        """Remove it: the run is stored, or cannot go on."""
        self._claim.discard()
        with suppress(OSError):
            self.folder.parent.rmdir()  # only where nothing is in it


class Left(NamedTuple):
    """A run that somebody may resume."""

    run_id: str
    hours: int
    """How many were kept."""
    plays: bool
    """Whether it is being played at this moment."""

    @property
    def how_far(self) -> str:
        """Return from where it goes on, in words."""
        if self.plays:
            return "is being played"
        return f"goes on after {self.hours:,} hours" if self.hours else "begins anew"


def shelf_of(engine: Engine) -> Path:
    """Return the folder of the unfinished runs of a database: beside its file, or in the user's own state."""
    if file := file_of(engine):
        return file.with_name(f"{file.name}.unfinished")
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    url = engine.url
    return Path(state) / "paceline" / "-".join(filter(None, [url.host, str(url.port or ""), url.database]))


@contextmanager
def begun(engine: Engine, asked: Asked) -> Iterator[Unfinished]:
    """Yield the folder of a run that begins; it goes when the block is left, unless the run can be resumed.

    What dead runs left goes, too, unless something is kept of them.
    """
    shelf = shelf_of(engine)
    sweep(shelf, "*", lambda folder, _: (folder / KEPT).exists())
    run = Unfinished(Claim(shelf / asked.run_id), asked)
    try:
        with written(run.folder / ASKED):
            write_sealed(run.folder / ASKED, asked.model_dump_json())
    except BaseException:
        run.discard()
        raise
    with _left(engine, run):
        yield run


@contextmanager
def taken_up(engine: Engine, run_id: str) -> Iterator[Unfinished]:
    """Yield the folder of a run that is resumed, as `begun` does; InputError if it cannot be."""
    claim = _claimed(shelf_of(engine), run_id)
    try:
        asked = _asked(claim.folder)
    except InputError:
        claim.leave()
        raise
    with _left(engine, Unfinished(claim, asked), always=True) as run:
        yield run


def discarded(engine: Engine, run_id: str) -> None:
    """Remove what is kept of an unfinished run; InputError where another process plays it."""
    shelf = shelf_of(engine)
    _claimed(shelf, run_id).discard()
    with suppress(OSError):
        shelf.rmdir()  # only where nothing is in it


def _claimed(shelf: Path, run_id: str) -> Claim:
    try:
        claim = reclaimed(shelf / run_id)
    except OSError:
        names = [path.parent.name for path in sorted(shelf.glob(f"*/{ASKED}"))]
        raise InputError(f"run {run_id}: was not broken off{did_you_mean(nearest(run_id, names))}") from None
    if claim is None:
        raise InputError(f"run {run_id}: is being played at this moment")
    return claim


@contextmanager
def _left(engine: Engine, run: Unfinished, *, always: bool = False) -> Iterator[Unfinished]:
    try:
        yield run
    except BaseException as error:
        # Whatever is wrong with the run itself would be wrong again.
        passes = isinstance(error, KeyboardInterrupt | DiskError)
        if not run.over and (always or run.kept or passes):
            run.leave()
            if not isinstance(error, InputError):  # which says itself what to do
                error.add_note(f"go on with: {command(engine, run.asked.run_id)}")
        else:
            run.discard()
        raise
    run.discard()


def command(engine: Engine, run_id: str) -> str:
    """Return what resumes a run, to be typed or pasted."""
    return printable(shlex.join(["paceline", "resume", run_id, "--db", registry.address_of(engine)]))


def left(engine: Engine) -> list[Left]:
    """Return the unfinished runs of a database, by name."""
    found = []
    for folder in sorted(shelf_of(engine).glob(f"*/{ASKED}")):
        kept = folder.with_name(KEPT)
        try:
            hours = int(json.loads(unsealed(kept))["hours"]) if kept.exists() else 0
        except ValueError:
            hours = 0  # what is damaged is told when it is to go on
        found.append(Left(folder.parent.name, hours, is_claimed(folder.parent)))
    return found


def named(engine: Engine, run_id: str | None) -> Left:
    """Return the unfinished run of that id, or the only one; InputError where there is none, or several."""
    found = left(engine)
    for one in found:
        if one.run_id == run_id or (run_id is None and len(found) == 1):
            return one
    there = ", ".join(f"{one.run_id} {one.how_far}" for one in found)
    if run_id:
        raise InputError(f"run {run_id}: was not broken off; {there or 'no run of this database was'}")
    raise InputError(f"which run? {there}" if found else "no run of this database was broken off")


def write_sealed(path: Path, text: str) -> None:
    """Write a file with a text and its sum, there whole, and to stay, or not at all."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps({"sha256": _sum(text), "text": text}), encoding="utf-8")
    sync(new)
    new.replace(path)
    sync(path.parent)


def unsealed(path: Path) -> str:
    """Return the text of such a file; ValueError where it is not what was written."""
    found = json.loads(path.read_text(encoding="utf-8"))
    if (
        not isinstance(found, dict)
        or found.keys() != {"sha256", "text"}
        or _sum(found["text"]) != found["sha256"]
    ):
        raise ValueError("it is damaged")
    return str(found["text"])


def _sum(text: object) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()


def tidy(folder: Path, named: set[str]) -> None:
    """Remove what is in the folder of a run and not among those *named*."""
    for path in folder.iterdir():
        if path.name not in {*named, ASKED, KEPT, LOCK}:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _asked(folder: Path) -> Asked:
    try:
        return Asked.model_validate_json(unsealed(folder / ASKED))
    except (OSError, ValueError):
        where = printable(str(folder / ASKED))
        raise InputError(f"run {folder.name}: {where} is damaged; discard it, and simulate again") from None
