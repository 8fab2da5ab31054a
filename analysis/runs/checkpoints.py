"""Checkpoints: when a run is kept, how it is written to its folder, and how it is read again."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from analysis.rows.disk import is_whole, sum_of, sync, written
from analysis.rows.event_files import KeptEvents
from analysis.rows.hidden import AGAIN
from analysis.runs.playing import Totals
from analysis.runs.unfinished import KEPT, tidy, unsealed, write_sealed
from entities.errors import InputError, PacelineError
from entities.messages import printable, quoted
from sim.engine.kept import Kept, Told

MOST = 10_000
FORMS = f"minutes:N of work, hours:N of the market, or never; N from 1 to {MOST:,}, such as minutes:5"
"""How often a run may be kept, in words."""
FORMAT = 2
"""Of what is written here."""
_FORM = re.compile(r"(minutes|hours):([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Every:
    """How often a run is kept; never where both are 0."""

    minutes: int = 0
    """Of work."""
    hours: int = 0
    """Of the market."""

    def __str__(self) -> str:
        if self.minutes:
            return f"minutes:{self.minutes}"
        return f"hours:{self.hours}" if self.hours else "never"


OFTEN = Every(minutes=5)
"""Losing five minutes is bearable, and writing takes some seconds of them."""


def is_form(text: str) -> bool:
    """Return whether *text* is one of FORMS."""
    return text == "never" or bool((match := _FORM.fullmatch(text)) and 1 <= int(match[2]) <= MOST)


def every(text: str) -> Every:
    """Return how often *text*, one of FORMS, says that a run is kept; InputError for anything else."""
    if not is_form(text):
        raise InputError(f"keep_every: {quoted(text)} is not allowed; must be {FORMS}")
    unit, _, many = text.partition(":")
    return Every(**{unit: int(many)}) if many else Every()


class Recorded(BaseModel):
    """What is kept of the sink: its files of rows, and what is counted to date."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: dict[str, list[str]]
    """SHA-256 of the files of each table."""
    reach: list[int]
    impressions: list[int]
    totals: Totals
    events: KeptEvents | None = None


class Recorder(Protocol):
    """The sink of a run that can be kept."""

    def at_rest(self, hour: int) -> bool:
        """Return whether it can be kept when *hour* is over."""

    def keep(self) -> Recorded:
        """Return what is kept of it, once all that it has taken is on disk to stay."""


class Known(BaseModel):
    """The file that says what is kept: whatever it does not name is not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    hours: int
    ticks: tuple[str, ...]
    state: str
    seconds: float
    """How long it was played."""
    recorded: Recorded
    sums: dict[str, str]
    """SHA-256 of the files, by their paths in the folder."""


class Checkpoints:
    """Keeps a run in its folder: all of the latest time, and of the ticks what they brought ever since."""

    def __init__(
        self,
        folder: Path,
        recorder: Recorder,
        often: Every = OFTEN,
        *,
        found: tuple[Kept, Known] | None = None,
        warn: Callable[[str], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.kept: Kept | None = None
        self._known: Known | None = None
        if found:
            self.kept, self._known = found
        self._last_hours = self.kept.hours if self.kept else 0
        self._folder, self._recorder, self._often, self._clock = folder, recorder, often, clock
        self._warn = warn
        self._ticks: list[Told] = []
        """What ticks brought that are not written yet."""
        self._last = clock()

    def due(self, hour: int) -> bool:
        """Return whether the run is kept when *hour* is over."""
        often = self._often
        due = often.hours and hour + 1 - self._last_hours >= often.hours
        due = due or (often.minutes and self._clock() - self._last >= 60 * often.minutes)
        return bool(due) and self._recorder.at_rest(hour)

    def keep(self, kept: Kept) -> None:
        """Write it; what was kept before is valid until all of this is on disk.

        A run that cannot be kept goes on, and *warn* is told.
        """
        self._ticks.append(kept.ticks)
        try:
            self._write(kept._replace(ticks=Told.of(self._ticks)))
            self._ticks.clear()
        except PacelineError as error:
            self._warn(f"the run is not kept after {kept.hours:,} hours: {error}")
            self._clear_up()
        self._last, self._last_hours = self._clock(), kept.hours

    def _clear_up(self) -> None:
        known = self._known
        with suppress(OSError):
            tidy(self._folder, {*known.ticks, known.state, ROWS} if known else {ROWS})

    def _write(self, kept: Kept) -> None:
        recorded, before = self._recorder.keep(), self._known
        ticks, state = f"ticks-{kept.hours:07d}.npz", f"state-{kept.hours:07d}"
        with written(self._folder / ticks), (self._folder / ticks).open("wb") as file:
            np.savez_compressed(file, **kept.ticks._asdict())
            file.flush()
            os.fsync(file.fileno())
        sums = {} if before is None else {name: before.sums[name] for name in before.ticks}
        sums |= {ticks: sum_of(self._folder / ticks)}
        sums |= _save(self._folder, state, kept.state)
        names = (*(before.ticks if before else ()), ticks)
        known = Known(
            format=FORMAT,
            hours=kept.hours,
            ticks=names,
            state=state,
            seconds=(before.seconds if before else 0.0) + self._clock() - self._last,
            recorded=recorded,
            sums=sums,
        )
        with written(self._folder / KEPT):
            sync(self._folder)
            write_sealed(self._folder / KEPT, known.model_dump_json())
        self._known = known
        self._clear_up()


ROWS = "rows"
"""The folder of the rows so far."""


def read(folder: Path) -> tuple[Kept, Known] | None:
    """Return what is kept in the *folder* of a run, None where nothing is; InputError where it is damaged.

    What was written and is not part of it is removed.
    """
    if not (folder / KEPT).exists():
        tidy(folder, set())
        return None
    try:
        known = Known.model_validate_json(unsealed(folder / KEPT))
    except ValueError as error:  # what is wrong with its text, its JSON or its fields
        raise _damaged(folder, KEPT) from error
    if known.format != FORMAT:
        raise InputError(f"run {folder.name}: was kept by another version of Paceline, and cannot go on")
    tidy(folder, {*known.ticks, known.state, ROWS})
    for name, found in known.sums.items():
        if not is_whole(folder / name, found):
            raise _damaged(folder, name)
    ticks = Told.of([Told(**_arrays(folder / name)) for name in known.ticks])
    names = sorted(name for name in known.sums if name.startswith(f"{known.state}/"))
    state = {Path(name).stem: np.load(folder / name, allow_pickle=False) for name in names}
    return Kept(known.hours, ticks, state), known


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    with np.load(path, allow_pickle=False) as found:
        return dict(found)


def _save(folder: Path, name: str, state: Mapping[str, NDArray[Any]]) -> dict[str, str]:
    with written(folder / name):
        (folder / name).mkdir()
    sums = {}
    for each, array in state.items():
        path = folder / name / f"{each}.npy"
        with written(path), path.open("wb") as file:
            np.save(file, array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        sums[f"{name}/{path.name}"] = sum_of(path)
    sync(folder / name)
    return sums


def _damaged(folder: Path, name: str) -> InputError:
    return InputError(
        f"run {folder.name}: {printable(str(folder / name))} is damaged; {AGAIN}, or discard it"
    )
